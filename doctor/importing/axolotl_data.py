"""Axolotl's list of data sets: types become layouts, mappings become columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from doctor.importing import places
from doctor.importing import values as read
from doctor.importing.model import Note
from doctor.words.text import text

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.importing.draft import Draft
    from doctor.importing.model import Given, NoteKind
    from doctor.words.text import Text

_COLUMNS: dict[str, dict[str, str]] = {
    "gpteacher": {"output": "response"},
    "jeopardy": {"instruction": "question", "output": "answer"},
    "summarizetldr": {"instruction": "article", "output": "summary"},
    "chatml.intel": {"prompt": "question"},
    "llama3.intel": {"prompt": "question"},
    "chatml.icr": {"prompt": "input"},
    "llama3.icr": {"prompt": "input"},
    "chatml.argilla": {"prompt": "instruction", "chosen": "chosen_response", "rejected": "rejected_response"},
    "llama3.argilla": {"prompt": "instruction", "chosen": "chosen_response", "rejected": "rejected_response"},
}
"""Types whose records have names of their own. KTO's types of these names keep `completion` for the answer."""
_PLAIN_TYPES = (
    "alpaca", "sharegpt", "chat_template", "completion", "pretrain", "orcamini", "alpaca_chat", "alpaca_w_system",
    "alpaca_instruct", "llama2_chat", "chatml", "llama3", "zephyr", "passthrough", "user_defined", "bradley_terry",
    "messages", "text",
)  # fmt: skip
_ROLES = {"user": "role:user", "human": "role:user", "assistant": "role:assistant", "gpt": "role:assistant",
          "system": "role:system", "tool": "role:tool"}  # fmt: skip
_UNDERSTOOD_ROLES = {"user", "human", "assistant", "gpt", "system", "tool", "observation", "model", "function"}
_IDLE = {
    "ds_type", "trust_remote_code", "message_field_training_detail", "preprocess_shards", "field_thinking",
    "template_thinking_key", "chat_template", "train_on_eos", "train_on_eot",
}  # fmt: skip
_LOST = {
    "shards", "shards_idx", "split_thinking", "logprobs_field", "temperature", "drop_system_message", "revision",
    "input_transform", "input_format", "conversation", "chat_template_jinja", "skip", "strict",
}  # fmt: skip


def axolotl_data(draft: Draft, name: str, field: str, folder: Path) -> set[str]:
    """The files behind a list of data sets. The types that were met."""
    given = draft.take(name)
    if given is None:
        return set()
    entries = given.value if isinstance(given.value, list) else [given.value]
    sources: list[dict[str, Any]] = []
    types: set[str] = set()
    for place, entry in enumerate(entries):
        if isinstance(entry, str):
            entry = {"path": entry}
        if not isinstance(entry, dict) or not isinstance(entry.get("path"), str):
            raise read.wrong(given, text("importing.kind_data_sets"))
        found = _DataSet(draft, given, entry, f"{name}[{place}]", folder)
        sources += found.sources()
        types.add(found.type)
    held = draft.values.get(field)
    draft.same(given, field, [*(held if isinstance(held, list) else []), *sources])
    return types


class _DataSet:
    """One entry of the list."""

    def __init__(self, draft: Draft, given: Given, entry: dict[str, Any], name: str, folder: Path) -> None:
        self.draft, self.given, self.entry, self.name, self.folder = draft, given, entry, name, folder
        kind = entry.get("type")
        self.type = "user_defined" if isinstance(kind, dict) else str(kind or "").partition(":")[0].strip()

    def sources(self) -> list[dict[str, Any]]:
        columns = self._columns()
        found = []
        for path in self._paths():
            source: dict[str, Any] = {"path": path}
            if columns:
                source["columns"] = columns
            found.append(source)
        self._tell_rest()
        return found

    def note(self, key: str, message: Text, kind: NoteKind = "lost", value: object = None) -> None:
        self.draft.notes.append(
            Note(
                kind=kind,
                name=f"{self.name}.{key}",
                value=read.shown(self.entry.get(key, "") if value is None else value),
                file=self.given.file,
                line=self.given.line,
                message=message,
            )
        )

    def _paths(self) -> list[str]:
        path = str(self.entry["path"])
        files = self.entry.get("data_files")
        names = files if isinstance(files, list) else [files] if isinstance(files, str) else []
        here = places.find(path, self.draft.source)
        if path in ("json", "csv", "parquet", "text", "arrow") and names:
            found = [self._file(str(each), places.find(str(each), self.draft.source)) for each in names]
        elif here is not None and names and here.is_dir():
            found = [self._file(str(each), here / str(each)) for each in names]
        elif here is not None:
            found = [places.written(here, self.folder)]
        elif places.is_hub_name(path):
            local = places.local_name(path)
            self.note("path", text("importing.data_on_hub", name=path, folder=local))
            found = [local]
        else:
            found = [self._file(path, None)]
        if str(self.entry.get("split") or "train") != "train":
            self.note("split", text("equivalents.lost_split"))
        if self.entry.get("name"):
            self.note("name", text("equivalents.lost_split"))
        return found

    def _file(self, name: str, path: Path | None) -> str:
        if path is not None and path.exists():
            return places.written(path, self.folder)
        self.note("path", text("importing.no_data_file", path=name), value=name)
        return name

    def _columns(self) -> dict[str, str]:
        entry, kind = self.entry, self.entry.get("type")
        columns: dict[str, str] = {}
        if isinstance(kind, dict):
            for ours, theirs in (
                ("system", "field_system"), ("instruction", "field_instruction"), ("input", "field_input"),
                ("output", "field_output"), ("prompt", "field_prompt"), ("chosen", "field_chosen"),
                ("rejected", "field_rejected"), ("completion", "field_completion"), ("label", "field_label"),
            ):  # fmt: skip
                if kind.get(theirs):
                    columns[ours] = str(kind[theirs])
            for key in ("format", "no_input_format", "system_prompt", "system_format", "prompt_format", "chosen_format",
                        "rejected_format", "completion_format"):  # fmt: skip
                if kind.get(key):
                    self.note(f"type.{key}", text("importing.own_format"), "changed", kind[key])
        elif isinstance(kind, str):
            whole = kind.strip()
            columns |= _COLUMNS.get(whole, _COLUMNS.get(self.type, {}))
            if self.draft.values.get("method") == "kto":
                columns = {}
            known = self.type in _PLAIN_TYPES or self.type.partition(".")[0] in _PLAIN_TYPES or bool(columns)
            if not known:
                self.note("type", text("importing.unknown_type", name=whole))
        field = entry.get("field") or entry.get("text_column")
        if isinstance(field, str):
            columns["text"] = field
        for ours, theirs in (
            ("messages", "field_messages"), ("tools", "field_tools"), ("chosen", "field_chosen"),
            ("rejected", "field_rejected"), ("role", "message_field_role"), ("content", "message_field_content"),
        ):  # fmt: skip
            if isinstance(entry.get(theirs), str):
                columns[ours] = entry[theirs]
        mappings = entry.get("message_property_mappings")
        for key, value in (mappings if isinstance(mappings, dict) else {}).items():
            if key in ("role", "content") and isinstance(value, str):
                columns[key] = value
            elif key != value:
                self.note("message_property_mappings", text("equivalents.lost_roles"))
        self._roles(columns)
        understood = {
            "messages": {"messages", "conversations"},
            "role": {"role", "from"},
            "content": {"content", "value"},
        }
        return {ours: theirs for ours, theirs in columns.items() if theirs not in understood.get(ours, {ours})}

    def _roles(self, columns: dict[str, str]) -> None:
        roles = self.entry.get("roles")
        for target, sources in (roles if isinstance(roles, dict) else {}).items():
            names = [str(each) for each in (sources if isinstance(sources, list) else [sources])]
            strange = [each for each in names if each not in _UNDERSTOOD_ROLES]
            ours = _ROLES.get(str(target))
            if strange and ours is not None and len(strange) == 1:
                columns[ours] = strange[0]
            elif strange:
                self.note("roles", text("equivalents.lost_roles"))
        trained = self.entry.get("roles_to_train")
        if isinstance(trained, list) and not set(trained) <= {"assistant", "gpt"}:
            self.note("roles_to_train", text("equivalents.lost_roles_to_train"))
        if self.entry.get("message_field_training"):
            self.note("message_field_training", text("importing.turns_to_train"), "changed")

    def _tell_rest(self) -> None:
        told = {
            "path", "type", "data_files", "split", "name", "field", "text_column", "field_messages", "field_tools",
            "field_chosen", "field_rejected", "message_field_role", "message_field_content", "roles_to_train",
            "message_property_mappings", "roles", "message_field_training", "field_human", "field_model",
        }  # fmt: skip
        for key, value in self.entry.items():
            if key in told or read.is_off(value):
                continue
            if key in _IDLE:
                self.note(key, text("equivalents.idle_data_details"), "idle")
            elif key in _LOST:
                self.note(key, text("equivalents.lost_data_details"))
            else:
                self.note(key, text("importing.unknown", tool="Axolotl"), "unknown")
