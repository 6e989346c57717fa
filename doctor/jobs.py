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
from doctor.fields.nodes import compose, plain, shown
from doctor.fields.ranges import RANGES
from doctor.fields.rules import Conflict, find_conflicts, find_remarks
from doctor.model_folder import check_model_folder
from doctor.quick_dataclass import dataclass
from doctor.words.text import text
from trainer.contract import Job, Lora, Preference, Source

if TYPE_CHECKING:
    from doctor.paths import Home
    from doctor.words.text import Text

NESTED: dict[str, type] = {"lora": Lora, "preference": Preference}
"""Fields that hold fields of their own."""
SOURCES = ("data", "held_out_data")
"""Fields that name data."""
_DATA_SUFFIXES = (".json", ".jsonl", ".ndjson", ".jsonlines", ".csv", ".tsv", ".parquet", ".txt", ".md")


@dataclass(frozen=True, kw_only=True)
class JobFile:
    """A job as it was read."""

    job: Job
    given: frozenset[str]
    """The fields that the file says itself, such as `epochs` and `lora.rank`."""
    remarks: tuple[tuple[Conflict, int], ...]
    """What would be carried out, but perhaps not as it was meant, with the line."""
    lines: dict[str, int]
    """Where each of them stands."""

    @property
    def count(self) -> int:
        """Fields that the file says, a nested one for each of its own."""
        return sum(name not in NESTED and "[" not in name for name in self.given)

    def line_of(self, field: str) -> int:
        """The line of a field; the first of the file for one that it does not say."""
        return self.lines.get(field, 1)


def read_job(path: Path, home: Home) -> Job:
    """The job in a YAML file, with every path absolute. Raises BadInput with the file, line and field."""
    return read_job_file(path, home).job


def read_job_file(path: Path, home: Home, *, elsewhere: bool = False) -> JobFile:
    """The same with what can be said about it. Raises BadInput with the file, line and field.

    `elsewhere`: the model and the data need not be here, and the model keeps the name that it has in the file.
    """
    fields = _Fields(path)
    root = fields.mapping(compose(path), Job, prefix="")
    values: dict[str, Any] = {}
    for key, node in root.items():
        if key in NESTED:
            values[key] = fields.nested(NESTED[key], key, node)
        elif key in SOURCES:
            values[key] = fields.sources(key, node)
        else:
            values[key] = fields.value(Job, key, node, "")
    for key in ("model", "data"):
        if key not in values:
            raise BadInput(
                text("jobs.missing", field=key), hint=text(f"jobs.hint_{key}"), file=str(path), line=1, field=key
            )
    folder, name = path.absolute().parent, path.stem
    given = values.get("output")
    values["output"] = str(_absolute(given, folder) if given else home.runs / name)
    values["model"] = str(_absolute(values["model"], folder))
    for key in SOURCES:
        if key in values:
            values[key] = tuple(
                dataclasses.replace(source, path=str(_absolute(source.path, folder))) for source in values[key]
            )
    job = Job(**values)
    for conflict in find_conflicts(job, fields.given):
        raise fields.place(conflict.field).bad(conflict.message, conflict.hint)
    named = str(root["model"].value)
    if elsewhere:
        remarks = tuple((remark, fields.place(remark.field).line) for remark in find_remarks(job, fields.given))
        here = Path(job.model).exists()
        job = job if here else dataclasses.replace(job, model=named)
        return JobFile(job=job, given=frozenset(fields.given), remarks=remarks, lines=fields.lines)
    model = _model(named, folder, home, fields.place("model"))
    for key in SOURCES:
        for place, source in enumerate(values.get(key, ())):
            _check_data(Path(source.path), fields.place(f"{key}[{place}]", key))
    remarks = tuple((remark, fields.place(remark.field).line) for remark in find_remarks(job, fields.given))
    return JobFile(
        job=dataclasses.replace(job, model=str(model)),
        given=frozenset(fields.given),
        remarks=remarks,
        lines=fields.lines,
    )


def check_job(job: Job) -> tuple[Conflict, ...]:
    """Look at the model folder that a job names, and say what may not be meant. Raises BadInput."""
    facts = check_model_folder(Path(job.model))
    by = facts.quantised
    if by is not None:
        for field, message in (
            ("tuning", text("jobs.base_whole", by=by, tuning=job.tuning) if job.tuning != "lora" else None),
            (
                "quantisation",
                text("jobs.base_twice", by=by, quantisation=job.quantisation) if job.quantisation != "none" else None,
            ),
            ("lora.start", text("jobs.base_pissa", by=by) if job.lora.start == "pissa" else None),
        ):
            if message is not None:
                raise BadInput(
                    message, hint=text("jobs.base_hint"), file=str(Path(job.model) / "config.json"), field=field
                )
    context = facts.context_tokens
    if context is None or job.max_length <= context:
        return ()
    return (Conflict("max_length", text("jobs.past_context", context=context, tokens=job.max_length)),)


def may_train_together(processes: int) -> bool:
    """Whether a job takes this number of processes."""
    return RANGES["processes"].holds(processes)


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
        self.lines: dict[str, int] = {}

    @property
    def given(self) -> set[str]:
        """The fields that the file says."""
        return set(self.lines)

    def place(self, field: str, name: str | None = None) -> _Place:
        """Where a field stands, or else the mapping that it would stand in; `name` is what messages call it."""
        known = field
        while known and known not in self.lines:
            known = known.rpartition(".")[0] if "." in known else known.rpartition("[")[0]
        return _Place(str(self.path), self.lines.get(known, 1), name or field)

    def mapping(self, node: yaml.Node, kind: type, prefix: str) -> dict[str, yaml.Node]:
        """Names and values of a mapping. Unknown and repeated names are refused."""
        line = node.start_mark.line + 1
        known = [field.name for field in dataclasses.fields(kind)]
        if not isinstance(node, yaml.MappingNode):
            field = prefix.rstrip(".") or None
            expected = text("jobs.not_a_mapping")
            if field:
                expected = text("jobs.nested_mapping", field=field, names=", ".join(known))
            raise BadInput(expected, hint=text("jobs.example_hint"), file=str(self.path), line=line, field=field)
        found: dict[str, yaml.Node] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else shown(key_node)
            self.lines[prefix + key] = key_node.start_mark.line + 1
            if key not in known:
                raise self.place(prefix + key).bad(text("jobs.unknown", field=prefix + key), _nearest(key, known))
            if key in found:
                raise self.place(prefix + key).bad(text("jobs.twice", field=prefix + key))
            found[key] = value_node
        return found

    def nested(self, kind: type, key: str, node: yaml.Node) -> Any:
        """A mapping with fields of its own."""
        inner = self.mapping(node, kind, prefix=f"{key}.")
        return kind(**{name: self.value(kind, name, each, f"{key}.") for name, each in inner.items()})

    def sources(self, field: str, node: yaml.Node) -> tuple[Source, ...]:
        """A file name or a mapping of Source, or a list of them."""
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if not nodes:
            raise self.place(field).bad(text("jobs.wrong_kind", field=field, expected=text("jobs.kind_sources")))
        found: list[Source] = []
        for place, each in enumerate(nodes):
            here = f"{field}[{place}]"
            self.lines[here] = each.start_mark.line + 1
            if isinstance(each, yaml.MappingNode):
                inner = self.mapping(each, Source, prefix=f"{here}.")
                if "path" not in inner:
                    raise self.place(here, f"{field}.path").bad(
                        text("jobs.missing", field=f"{field}.path"), text("jobs.hint_data")
                    )
                found.append(Source(**{name: self.value(Source, name, one, f"{here}.") for name, one in inner.items()}))
                continue
            name = plain(each)
            if not isinstance(name, str) or not name:
                raise self.place(here, field).bad(
                    text("jobs.wrong_kind", field=field, expected=text("jobs.kind_sources"))
                )
            found.append(Source(path=name))
        return tuple(found)

    def strings(self, field: str, node: yaml.Node) -> tuple[str, ...]:
        """One name or a list of names."""
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        values = [plain(each) for each in nodes]
        if not all(isinstance(value, str) and value for value in values) or (not values and field == "lora.targets"):
            raise self.place(field).bad(text("jobs.wrong_kind", field=field, expected=text("jobs.kind_names")))
        return tuple(str(value) for value in values)

    def names(self, field: str, node: yaml.Node) -> dict[str, str]:
        """A mapping of names to names."""
        if not isinstance(node, yaml.MappingNode):
            raise self.place(field).bad(text("jobs.wrong_kind", field=field, expected=text("jobs.kind_columns")))
        found: dict[str, str] = {}
        for key_node, value_node in node.value:
            value = plain(value_node)
            if not isinstance(value, str) or not value:
                raise self.place(field).bad(text("jobs.wrong_kind", field=field, expected=text("jobs.kind_columns")))
            found[str(key_node.value)] = value
        return found

    def value(self, kind: type, key: str, node: yaml.Node, prefix: str) -> Any:
        """One value, of the type that the contract gives it and within its range."""
        field = prefix + key
        hint = get_type_hints(kind)[key]
        choices = get_args(hint)
        if choices and choices[-1] is Ellipsis:
            return self.strings(field, node)
        if hint == dict[str, str]:
            return self.names(field, node)
        value = plain(node)
        if choices:
            return self._choice(field, value, node, choices)
        right = {
            bool: isinstance(value, bool),
            int: isinstance(value, int) and not isinstance(value, bool),
            float: isinstance(value, int | float) and not isinstance(value, bool),
            str: isinstance(value, str) and bool(value),
        }[hint]
        if not right:
            expected = text(f"jobs.kind_{hint.__name__}")
            raise self.place(field).bad(text("jobs.wrong_value", field=field, found=shown(node), expected=expected))
        limits = RANGES.get(f"data.{key}" if kind is Source else field)
        if limits is not None and not (isinstance(value, int | float) and limits.holds(value)):
            raise self.place(field).bad(
                text("jobs.out_of_range", field=field, found=shown(node), expected=limits.words)
            )
        return float(value) if hint is float and isinstance(value, int | float) else value

    def _choice(self, field: str, value: object, node: yaml.Node, choices: tuple[str, ...]) -> object:
        # YAML's rules read a bare `on` or `off` as true or false.
        written = node.value if isinstance(node, yaml.ScalarNode) else ""
        if isinstance(value, bool) and written.lower() in choices:
            return written.lower()
        if value in choices:
            return value
        nearest = get_close_matches(str(value), choices, n=1)
        near = text("jobs.nearest", nearest=nearest[0]) if nearest else None
        raise self.place(field).bad(
            text("jobs.not_a_choice", field=field, found=shown(node), choices=", ".join(choices)), near
        )


_ALIASES = {
    "batch_size": "per_device_batch_size",
    "per_device_train_batch_size": "per_device_batch_size",
    "micro_batch_size": "per_device_batch_size",
    "gradient_accumulation_steps": "gradient_accumulation",
    "nproc_per_node": "processes",
    "num_processes": "processes",
    "num_gpus": "processes",
    "num_train_epochs": "epochs",
    "num_epochs": "epochs",
    "lr": "learning_rate",
    "cutoff_len": "max_length",
    "max_seq_length": "max_length",
    "model_max_length": "max_length",
    "sequence_len": "max_length",
    "dataset": "data",
    "datasets": "data",
    "eval_dataset": "held_out_data",
    "base_model": "model",
    "model_name_or_path": "model",
    "output_dir": "output",
    "val_size": "held_out",
    "val_set_size": "held_out",
    "lora_r": "lora",
    "lora_rank": "lora",
    "lora_alpha": "lora",
    "r": "rank",
    "lora_dropout": "lora",
    "target_modules": "targets",
    "lora_target": "lora",
    "use_dora": "dora",
    "use_rslora": "rslora",
    "lr_scheduler_type": "scheduler",
    "lr_scheduler": "scheduler",
    "optim": "optimizer",
    "stage": "method",
    "finetuning_type": "tuning",
    "adapter": "tuning",
    "quantization": "quantisation",
    "quantization_bit": "quantisation",
    "load_in_4bit": "quantisation",
    "load_in_8bit": "quantisation",
    "double_quantization": "double_quantisation",
    "flash_attn": "attention",
    "attn_implementation": "attention",
    "report_to": "trackers",
    "save_total_limit": "save_limit",
    "logging_steps": "log_steps",
    "neftune_noise_alpha": "neftune_alpha",
    "freeze_trainable_layers": "trained_layers",
    "pref_beta": "preference",
    "pref_loss": "preference",
    "sample_packing": "packing",
    "bf16": "precision",
    "fp16": "precision",
}
"""What other trainers call our fields."""


def _nearest(key: str, known: list[str]) -> Text:
    nearest = [_ALIASES[key]] if _ALIASES.get(key) in known else get_close_matches(key, known, n=1)
    if nearest:
        return text("jobs.nearest", nearest=nearest[0])
    return text("jobs.known", names=", ".join(known))


def _model(name: str, folder: Path, home: Home, place: _Place) -> Path:
    """A folder, relative to the job file, or the id of a model in tunedoc's own folder."""
    path = _absolute(name, folder)
    if path.exists():
        return path
    # A hub's `owner/name` is a folder of its own in tunedoc's.
    plain_name = name.replace("/", "--")
    if Path(plain_name).name == plain_name and plain_name not in {".", ".."} and (home.models / plain_name).is_dir():
        return home.models / plain_name
    known = sorted(entry.name for entry in home.models.iterdir()) if home.models.is_dir() else []
    near = get_close_matches(name, known, n=1)
    hint = text("jobs.nearest", nearest=near[0]) if near else text("jobs.no_model_hint", name=name)
    raise place.bad(text("jobs.no_model", name=str(path)), hint)


def _check_data(path: Path, place: _Place) -> None:
    if not path.exists():
        raise place.bad(text("jobs.no_data", name=str(path)), text("jobs.no_data_hint"))
    if path.is_dir():
        if not any(entry.suffix.lower() in _DATA_SUFFIXES for entry in path.iterdir()):
            raise place.bad(
                text("jobs.data_folder", name=str(path)),
                text("jobs.data_folder_hint", suffixes=", ".join(_DATA_SUFFIXES)),
            )
    elif path.stat().st_size == 0:
        raise place.bad(text("jobs.data_empty", name=str(path)), text("jobs.no_data_hint"))


def _absolute(name: str, folder: Path) -> Path:
    try:
        path = Path(name).expanduser()
    except RuntimeError:  # `~somebody`, of whom this machine knows nothing
        path = Path(name)
    return path if path.is_absolute() else folder / path
