"""LLaMA-Factory's `dataset_info.json`: names of data sets become files with the columns that they have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from doctor.errors import BadInput
from doctor.fields.nodes import compose, whole
from doctor.importing import places
from doctor.importing import values as read
from doctor.importing.model import Note
from doctor.words.text import text

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.importing.draft import Draft
    from doctor.importing.model import Given
    from doctor.words.text import Text

_HUBS = ("hf_hub_url", "ms_hub_url", "om_hub_url", "script_url", "cloud_file_name")
_OURS = {
    "prompt": "instruction", "query": "input", "response": "output", "history": "history", "system": "system",
    "tools": "tools", "messages": "messages", "chosen": "chosen", "rejected": "rejected", "kto_tag": "label",
    "images": "images", "videos": "videos", "audios": "audios",
}  # fmt: skip
_TAGS = {
    "role_tag": "role", "content_tag": "content", "user_tag": "role:user", "assistant_tag": "role:assistant",
    "system_tag": "role:system", "observation_tag": "role:tool", "function_tag": "role:tool_call",
}  # fmt: skip
_UNDERSTOOD = {
    "messages": {"messages", "conversations", "conversation"}, "label": {"label", "kto_tag"},
    "role": {"role", "from"}, "content": {"content", "value"}, "role:user": {"user", "human"},
    "role:assistant": {"assistant", "gpt"}, "role:system": {"system"}, "role:tool": {"observation", "tool"},
    "role:tool_call": {"function_call"},
}  # fmt: skip
"""What records may call these without our being told."""
_KNOWN = {"file_name", "formatting", "ranking", "columns", "tags", "subset", "split", "folder", "num_samples", *_HUBS}


def data_sets(draft: Draft, name: str, field: str, folder: Path, info: Path | None) -> None:
    """The files behind a list of names. Raises BadInput for a `dataset_info.json` that cannot be read."""
    given = draft.take(name)
    if given is None:
        return
    table, place, base = _table(draft, info)
    sources: list[dict[str, Any]] = []
    for one in read.names(given):
        entry = table.get(one) if table is not None else None
        if isinstance(entry, dict) and place is not None:
            sources.append(_source(draft, one, entry, place, base, folder))
            continue
        path = places.find(one, draft.source)
        if path is not None and path.is_file():
            sources.append({"path": places.written(path, folder)})
            continue
        sources.append({"path": f"{one}.json"})
        message = (
            text("importing.no_dataset_info", name=one)
            if table is None
            else text("importing.not_in_dataset_info", name=one, file=str(place))
        )
        draft.notes.append(
            Note(kind="lost", name=f"{name}: {one}", value=one, file=given.file, line=given.line, message=message)
        )
    draft.same(given, field, sources)


def _table(draft: Draft, info: Path | None) -> tuple[dict[str, Any] | None, Path | None, Path]:
    """The table of data sets, its file, and the folder that its paths start from."""
    given = draft.take("dataset_dir")
    named = given.value if given is not None else "data"
    if isinstance(named, dict) and given is not None:
        draft.note("same", given, "data")
        return named, draft.source, draft.source.parent
    directory = str(named)
    if given is not None:
        draft.idle(given, text("equivalents.idle_dataset_dir"))
    found = info or places.find(f"{directory}/dataset_info.json", draft.source)
    if found is None:
        beside = draft.source.absolute().parent / "dataset_info.json"
        found = beside if beside.is_file() else None
    if found is None:
        return None, None, draft.source.parent
    root = whole(compose(found))
    if not isinstance(root, dict):
        raise BadInput(text("importing.bad_dataset_info"), file=str(found), line=1)
    return root, found, found.absolute().parent


def _source(draft: Draft, name: str, entry: dict[str, Any], place: Path, base: Path, folder: Path) -> dict[str, Any]:
    def note(key: str, message: Text) -> None:
        value = entry.get(key, "")
        draft.notes.append(
            Note(kind="lost", name=f"{name}.{key}", value=read.shown(value), file=place, message=message)
        )

    for key in entry:
        if key not in _KNOWN:
            note(key, text("importing.unknown", tool="LLaMA-Factory"))
    source: dict[str, Any]
    hub = next((key for key in _HUBS if entry.get(key)), None)
    if entry.get("file_name"):
        path = base / str(entry["file_name"])
        source = {"path": places.written(path, folder)}
        if not path.exists():
            note("file_name", text("importing.no_data_file", path=str(path)))
    elif hub is not None:
        source = {"path": places.local_name(str(entry[hub]))}
        note(hub, text("importing.data_on_hub", name=str(entry[hub]), folder=source["path"]))
    else:
        source = {"path": f"{name}.json"}
        note("file_name", text("importing.no_file_name", name=name))
    if entry.get("split", "train") != "train":
        note("split", text("equivalents.lost_split"))
    for key in ("subset", "folder"):
        if entry.get(key):
            note(key, text("equivalents.lost_split"))
    if entry.get("num_samples"):
        note("num_samples", text("equivalents.lost_samples"))
    columns = columns_of(entry, draft.values.get("method") == "pretrain")
    if columns:
        source["columns"] = columns
    return source


def columns_of(entry: dict[str, Any], is_raw: bool) -> dict[str, str]:
    """Our names of fields with the file's, where records do not say it themselves."""
    columns = entry.get("columns")
    tags = entry.get("tags")
    given = columns if isinstance(columns, dict) else {}
    found: dict[str, str] = {}
    for key, value in given.items():
        ours = _OURS.get(str(key))
        if ours is None or not isinstance(value, str):
            continue
        if is_raw and ours == "instruction":
            ours = "text"
        found[ours] = value
    for key, value in (tags if isinstance(tags, dict) else {}).items():
        if str(key) in _TAGS and isinstance(value, str):
            found[_TAGS[str(key)]] = value
    if found.get("instruction") == "prompt" and found.get("output") == "completion":
        # This pair is a layout of its own.
        del found["instruction"], found["output"]
    return {ours: theirs for ours, theirs in found.items() if theirs not in _UNDERSTOOD.get(ours, {ours})}


def mixing(draft: Draft, folder: Path) -> None:
    """How several data sets are mixed, and how much of each is taken: as weights, where records can be counted."""
    strategy, shares, most = draft.take("mix_strategy"), draft.take("interleave_probs"), draft.take("max_samples")
    held = draft.values.get("data")
    sources = held if isinstance(held, list) else []
    counts = [places.count_records(folder / str(source["path"])) for source in sources] if shares or most else []
    sizes = [count for count in counts if count]
    counted = bool(sources) and len(sizes) == len(sources)
    kind = read.words(strategy) if strategy is not None else "concat"
    if strategy is not None and kind == "concat":
        draft.idle(strategy, text("equivalents.idle_concat"))
    if most is not None:
        _weigh_most(draft, most, sources, sizes if counted else [])
    chances = _chances(shares) if shares is not None else []
    if kind != "concat" and counted and len(chances) == len(sizes) and most is None:
        # An interleaved epoch ends with the set that is through first, or last.
        ends = [size / chance for size, chance in zip(sizes, chances, strict=True)]
        length = max(ends) if "over" in kind else min(ends)
        for source, size, chance in zip(sources, sizes, chances, strict=True):
            source["weight"] = round(chance * length / size, 6)
        for given in (strategy, shares):
            if given is not None:
                draft.note("changed", given, "data", text("importing.mixed"))
        return
    for given in (strategy, shares):
        if given is not None and kind != "concat":
            draft.lost(given, text("equivalents.lost_mixing"))
        elif given is shares and given is not None:
            draft.idle(given, text("equivalents.idle_concat"))


def _weigh_most(draft: Draft, most: Given, sources: list[Any], sizes: list[int]) -> None:
    """So many records of each set: those of larger sets get a weight below 1."""
    limit = read.integer(most)
    if not sizes or limit < 1:
        draft.lost(most, text("equivalents.lost_samples"))
    elif all(size <= limit for size in sizes):
        draft.idle(most, text("equivalents.idle_samples"))
    else:
        for source, size in zip(sources, sizes, strict=True):
            if size > limit:
                source["weight"] = round(limit / size, 6)
        draft.note("changed", most, "data", text("importing.part"))


def _chances(shares: Given) -> list[float]:
    """The chances of the sets, none of them zero. Raises BadInput."""
    found = []
    for name in read.names(shares):
        try:
            chance = float(name)
        except ValueError:
            chance = 0.0
        if not 0 < chance <= 1:
            raise read.wrong(shares, text("jobs.kind_float"))
        found.append(chance)
    return found
