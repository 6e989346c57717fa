"""Read a training job: YAML to a checked Job, with the line of whatever is wrong.

The fields, their defaults and their meaning are `trainer.contract.Job`'s; this module knows how users write them.
"""

from __future__ import annotations

import dataclasses
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import yaml

from doctor.errors import BadInput
from doctor.model_folder import check_model_folder
from doctor.quick_dataclass import dataclass
from doctor.words.text import text
from trainer.contract import Job, Lora, Source

if TYPE_CHECKING:
    from doctor.paths import Home
    from doctor.words.text import Text

_HIGHEST_BYTES = 1 << 20
"""A job file is a page of text; anything larger is some other file."""


@dataclass(frozen=True)
class Range:
    """The numbers that a field takes."""

    low: float
    high: float
    words: str
    """As it is shown, such as `0 to 0.5`."""
    also: float | None = None
    """One number outside the range that has a meaning of its own."""


_RANGES: dict[str, Range] = {
    "held_out": Range(0, 0.5, "0 … 0.5"),
    "epochs": Range(0.001, 10_000, "> 0"),
    "max_steps": Range(1, 1e9, "≥ 1, -1", also=-1),
    "learning_rate": Range(1e-9, 1, "> 0, ≤ 1"),
    "per_device_batch_size": Range(1, 65_536, "≥ 1"),
    "gradient_accumulation": Range(1, 65_536, "≥ 1"),
    "processes": Range(1, 64, "1 … 64"),
    "max_length": Range(8, 10_000_000, "≥ 8"),
    "warmup_ratio": Range(0, 1, "0 … 1"),
    "weight_decay": Range(0, 10, "≥ 0"),
    "seed": Range(0, 2**32 - 1, "0 … 4294967295"),
    "save_steps": Range(1, 1e9, "≥ 1"),
    "save_limit": Range(1, 1e6, "≥ 1"),
    "log_steps": Range(1, 1e9, "≥ 1"),
    "eval_steps": Range(0, 1e9, "≥ 0"),
    "threads": Range(0, 4096, "≥ 0"),
    "lora.rank": Range(1, 4096, "1 … 4096"),
    "lora.alpha": Range(1, 65_536, "≥ 1"),
    "lora.dropout": Range(0, 0.99, "0 … 0.99"),
}


def read_job(path: Path, home: Home) -> Job:
    """The job in a YAML file, with every path absolute. Raises BadInput with the file, line and field."""
    fields = _Fields(path)
    root = fields.mapping(_compose(path), Job, prefix="")
    values: dict[str, Any] = {}
    name = path.stem
    for key, node in root.items():
        if key == "lora":
            nested = fields.mapping(node, Lora, prefix="lora.")
            values["lora"] = Lora(**{inner: fields.value(Lora, inner, each, "lora.") for inner, each in nested.items()})
        elif key == "data":
            values["data"] = fields.strings(key, node)
        else:
            values[key] = fields.value(Job, key, node, "")
    folder = path.absolute().parent
    for key in ("model", "data"):
        if key not in values:
            raise BadInput(
                text("jobs.missing", field=key), hint=text(f"jobs.hint_{key}"), file=str(path), line=1, field=key
            )
    values["model"] = str(_model(values["model"], folder, home, fields.place("model")))
    values["data"] = tuple(Source(path=str(_data(name, folder, fields.place("data")))) for name in values["data"])
    given = values.get("output")
    values["output"] = str(_absolute(given, folder) if given else home.runs / name)
    return Job(**values)


def check_job(job: Job) -> None:
    """Look at the model folder that a job names. Raises BadInput."""
    check_model_folder(Path(job.model))


def may_train_together(processes: int) -> bool:
    """Whether a job takes this number of processes."""
    return _RANGES["processes"].low <= processes <= _RANGES["processes"].high


@dataclass(frozen=True)
class _Place:
    file: str
    line: int
    field: str

    def bad(self, message: Text, hint: Text | None = None) -> BadInput:
        return BadInput(message, hint=hint, file=self.file, line=self.line, field=self.field)


class _Fields:
    """The nodes of one YAML file, read strictly."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines: dict[str, int] = {}

    def place(self, field: str) -> _Place:
        return _Place(str(self.path), self._lines.get(field, 1), field)

    def mapping(self, node: yaml.Node, kind: type, prefix: str) -> dict[str, yaml.Node]:
        """Names and values of a mapping. Unknown and repeated names are refused."""
        line = node.start_mark.line + 1
        if not isinstance(node, yaml.MappingNode):
            field = prefix.rstrip(".") or None
            expected = text("jobs.lora_mapping") if prefix else text("jobs.not_a_mapping")
            raise BadInput(expected, hint=text("jobs.example_hint"), file=str(self.path), line=line, field=field)
        known = [field.name for field in dataclasses.fields(kind)]
        found: dict[str, yaml.Node] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            self._lines[prefix + key] = key_node.start_mark.line + 1
            if key not in known:
                raise self.place(prefix + key).bad(text("jobs.unknown", field=prefix + key), _nearest(key, known))
            if key in found:
                raise self.place(prefix + key).bad(text("jobs.twice", field=prefix + key))
            found[key] = value_node
        return found

    def strings(self, field: str, node: yaml.Node) -> tuple[str, ...]:
        """One name or a list of names."""
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        values = [_plain(each) for each in nodes]
        if not values or not all(isinstance(value, str) and value for value in values):
            raise self.place(field).bad(text("jobs.wrong_kind", field=field, expected=text("jobs.kind_names")))
        return tuple(str(value) for value in values)

    def value(self, kind: type, key: str, node: yaml.Node, prefix: str) -> Any:
        """One value, of the type that the contract gives it and within its range."""
        field = prefix + key
        hint = get_type_hints(kind)[key]
        if get_args(hint) and get_args(hint)[-1] is Ellipsis:
            return self.strings(field, node)
        value = _plain(node)
        choices = get_args(hint)
        if choices:
            if value not in choices:
                nearest = get_close_matches(str(value), choices, n=1)
                near = text("jobs.nearest", nearest=nearest[0]) if nearest else None
                raise self.place(field).bad(
                    text("jobs.not_a_choice", field=field, found=_shown(node), choices=", ".join(choices)), near
                )
            return value
        right = {
            bool: isinstance(value, bool),
            int: isinstance(value, int) and not isinstance(value, bool),
            float: isinstance(value, int | float) and not isinstance(value, bool),
            str: isinstance(value, str) and bool(value),
        }[hint]
        if not right:
            expected = text(f"jobs.kind_{hint.__name__}")
            raise self.place(field).bad(text("jobs.wrong_value", field=field, found=_shown(node), expected=expected))
        limits = _RANGES.get(field)
        # `nan` lies in no range, which is what is wanted.
        inside = limits is None or (
            isinstance(value, int | float) and (value == limits.also or limits.low <= value <= limits.high)
        )
        if limits is not None and not inside:
            raise self.place(field).bad(
                text("jobs.out_of_range", field=field, found=_shown(node), expected=limits.words)
            )
        return float(value) if hint is float and isinstance(value, int | float) else value


def _compose(path: Path) -> yaml.Node:
    try:
        if path.is_dir():
            raise BadInput(text("jobs.is_folder"), hint=text("jobs.example_hint"), file=str(path))
        if path.stat().st_size > _HIGHEST_BYTES:
            raise BadInput(text("jobs.too_large"), hint=text("jobs.example_hint"), file=str(path))
        source = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as exc:
        raise BadInput(text("jobs.no_file"), hint=text("jobs.no_file_hint"), file=str(path)) from exc
    except UnicodeDecodeError as exc:
        raise BadInput(text("jobs.not_utf8"), hint=text("jobs.not_utf8_hint"), file=str(path)) from exc
    except OSError as exc:
        raise BadInput(text("jobs.unreadable", detail=exc.strerror or str(exc)), file=str(path)) from exc
    try:
        node = yaml.compose(source, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        line = mark.line + 1 if mark else None
        column = mark.column + 1 if mark else 1
        tab = "\t" in source and "\\t" in str(exc.problem)
        raise BadInput(
            text("jobs.bad_yaml", detail=exc.problem or "", column=column),
            hint=text("jobs.tab_hint") if tab else text("jobs.bad_yaml_hint"),
            file=str(path),
            line=line,
        ) from exc
    except (yaml.YAMLError, RecursionError) as exc:
        raise BadInput(text("jobs.bad_yaml", detail=str(exc).splitlines()[0], column=1), file=str(path)) from exc
    if node is None:
        raise BadInput(text("jobs.empty"), hint=text("jobs.example_hint"), file=str(path))
    return node


def _plain(node: yaml.Node) -> object:
    """A scalar as YAML 1.2 readers and people mean it: `2e-4` is a number although PyYAML's rules call it a string."""
    if not isinstance(node, yaml.ScalarNode):
        return None
    loader = yaml.SafeLoader("")
    try:
        value: object = loader.construct_object(node)
    except (yaml.YAMLError, ValueError):
        return None
    finally:
        loader.dispose()
    if isinstance(value, str) and node.style is None:
        try:
            return float(value)
        except ValueError:
            return value
    return value


def _shown(node: yaml.Node) -> str:
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)[:60] or "''"
    return "[…]" if isinstance(node, yaml.SequenceNode) else "{…}"


def _nearest(key: str, known: list[str]) -> Text:
    aliases = {
        "batch_size": "per_device_batch_size",
        "per_device_train_batch_size": "per_device_batch_size",
        "gradient_accumulation_steps": "gradient_accumulation",
        "nproc_per_node": "processes",
        "num_processes": "processes",
        "num_gpus": "processes",
        "num_train_epochs": "epochs",
        "num_epochs": "epochs",
        "lr": "learning_rate",
        "cutoff_len": "max_length",
        "max_seq_length": "max_length",
        "sequence_len": "max_length",
        "dataset": "data",
        "datasets": "data",
        "base_model": "model",
        "model_name_or_path": "model",
        "output_dir": "output",
        "val_size": "held_out",
        "lora_r": "lora",
        "lora_rank": "lora",
        "lora_alpha": "lora",
        "r": "rank",
        "lora_dropout": "lora",
        "target_modules": "targets",
        "lora_target": "lora",
        "lr_scheduler_type": "scheduler",
    }
    nearest = [aliases[key]] if aliases.get(key) in known else get_close_matches(key, known, n=1)
    if nearest:
        return text("jobs.nearest", nearest=nearest[0])
    return text("jobs.known", names=", ".join(known))


def _model(name: str, folder: Path, home: Home, place: _Place) -> Path:
    """A folder, relative to the job file, or the id of a model in tunedoc's own folder."""
    path = _absolute(name, folder)
    if path.exists():
        return path
    plain = Path(name).name == name and name not in {".", ".."}
    if plain and (home.models / name).is_dir():
        return home.models / name
    known = sorted(entry.name for entry in home.models.iterdir()) if home.models.is_dir() else []
    near = get_close_matches(name, known, n=1)
    hint = text("jobs.nearest", nearest=near[0]) if near else text("jobs.no_model_hint", name=name)
    raise place.bad(text("jobs.no_model", name=str(path)), hint)


def _data(name: str, folder: Path, place: _Place) -> Path:
    path = _absolute(name, folder)
    if not path.exists():
        raise place.bad(text("jobs.no_data", name=str(path)), text("jobs.no_data_hint"))
    if path.is_dir():
        raise place.bad(text("jobs.data_folder", name=str(path)), text("jobs.data_folder_hint"))
    if path.stat().st_size == 0:
        raise place.bad(text("jobs.data_empty", name=str(path)), text("jobs.no_data_hint"))
    return path


def _absolute(name: str, folder: Path) -> Path:
    path = Path(name).expanduser()
    return path if path.is_absolute() else folder / path
