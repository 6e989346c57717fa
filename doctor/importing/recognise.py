"""Tell whose settings a file holds, and have them imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from doctor.errors import BadInput
from doctor.fields.nodes import compose_text, plain, read_text, shown, whole
from doctor.importing import places
from doctor.importing.axolotl import import_axolotl
from doctor.importing.command import find_commands
from doctor.importing.llamafactory import import_llamafactory
from doctor.importing.model import Given
from doctor.importing.script import notebook_source, read_script
from doctor.importing.trainer import import_trainer
from doctor.words.text import text

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.importing.command import Command
    from doctor.importing.model import Imported


_SHELLS = (".sh", ".bash", ".bat", ".cmd", ".ps1", ".txt", ".slurm", ".sbatch")
_LLAMAFACTORY = {"finetuning_type", "cutoff_len", "template", "stage", "dataset_dir", "lora_target", "lora_rank",
                 "quantization_bit", "val_size", "pref_loss", "pref_beta", "flash_attn"}  # fmt: skip
_AXOLOTL = {"base_model", "sequence_len", "micro_batch_size", "datasets", "adapter", "sample_packing", "val_set_size",
            "num_epochs", "lora_target_linear", "dataset_prepared_path", "pretraining_dataset"}  # fmt: skip
_TRAINER = {"per_device_train_batch_size", "num_train_epochs", "learning_rate", "output_dir", "optim",
            "lr_scheduler_type", "gradient_accumulation_steps", "model_name_or_path"}  # fmt: skip


def import_file(source: Path, *, folder: Path, form: str = "auto", dataset_info: Path | None = None) -> Imported:
    """The job that another trainer's file means, for a job file in `folder`.

    Raises BadInput for a file that cannot be read, holds no training, or settings of a wrong kind.
    """
    suffix = source.suffix.lower()
    if suffix in (".bin", ".pt", ".pth", ".pkl", ".safetensors"):
        raise BadInput(text("importing.binary"), hint=text("importing.binary_hint"), file=str(source))
    content = read_text(source)
    if suffix == ".py":
        return import_trainer(source, read_script(content, source), folder, {})
    if suffix == ".ipynb":
        return import_trainer(source, read_script(notebook_source(content, source), source), folder, {})
    if suffix in _SHELLS:
        return _from_commands(content, source, folder, form, dataset_info)
    given = _settings(content, source)
    kind = form if form != "auto" else _recognised(set(given))
    if kind == "llama-factory":
        return import_llamafactory(source, given, folder, dataset_info)
    if kind == "axolotl":
        return import_axolotl(source, given, folder)
    if kind == "trainer":
        return import_trainer(source, given, folder, {})
    if {"model", "data"} <= set(given):
        raise BadInput(text("importing.ours"), hint=text("importing.ours_hint", file=str(source)), file=str(source))
    raise BadInput(text("importing.not_recognised"), hint=text("importing.not_recognised_hint"), file=str(source))


def _recognised(names: set[str]) -> str | None:
    """Whose settings these names are."""
    counts = {
        "llama-factory": len(names & _LLAMAFACTORY),
        "axolotl": len(names & _AXOLOTL),
        "trainer": len(names & _TRAINER),
    }
    if counts["axolotl"] >= 2 and counts["axolotl"] >= counts["llama-factory"]:
        return "axolotl"
    if counts["llama-factory"]:
        return "llama-factory"
    return "trainer" if counts["trainer"] >= 2 else None


def _settings(content: str, source: Path) -> dict[str, Given]:
    """The names of a YAML or JSON file with their values and lines. Raises BadInput."""
    root = compose_text(content, source)
    if not isinstance(root, yaml.MappingNode):
        raise BadInput(
            text("importing.no_mapping"), hint=text("importing.not_recognised_hint"), file=str(source),
            line=root.start_mark.line + 1,
        )  # fmt: skip
    found: dict[str, Given] = {}
    for key_node, value_node in root.value:
        name = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else shown(key_node)
        line = key_node.start_mark.line + 1
        if name in found:
            raise BadInput(text("jobs.twice", field=name), file=str(source), line=line, field=name)
        value = plain(value_node) if isinstance(value_node, yaml.ScalarNode) else whole(value_node)
        found[name] = Given(name=name, value=value, file=source, line=line)
    return found


def _from_commands(content: str, source: Path, folder: Path, form: str, dataset_info: Path | None) -> Imported:
    commands = find_commands(content, source)
    if not commands:
        raise BadInput(text("importing.no_command"), hint=text("importing.no_command_hint"), file=str(source))
    command = commands[0]
    program = {"llama-factory": "llamafactory", "axolotl": "axolotl", "trainer": "trainer"}.get(form, command.program)
    given = {**_config_of(command, source), **command.settings}
    if program == "llamafactory":
        return import_llamafactory(source, given, folder, dataset_info)
    if program == "axolotl":
        return import_axolotl(source, given, folder)
    by_trl = "method_of_command" in command.settings
    return import_trainer(source, given, folder, command.launch, by_trl=by_trl)


def _config_of(command: Command, source: Path) -> dict[str, Given]:
    """The settings in the file that a command names. Raises BadInput when it is not there."""
    for name in command.configs:
        if not name.lower().endswith((".yaml", ".yml", ".json")):
            continue
        path = places.find(name, source)
        if path is None:
            raise BadInput(text("importing.no_config", name=name), file=str(source), line=command.line)
        return _settings(read_text(path), path)
    return {}
