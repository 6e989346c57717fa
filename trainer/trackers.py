"""Trackers of experiments that the user chose: W&B, SwanLab, MLflow. Each shows a run as one, however often it went on.

None of them is part of the training environment: who wants one adds it there. Where they send what, and as whom, is
set by their own variables and logins, which nothing here reads or writes down.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import secrets
import string
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from trainer.file_moves import replace_file
from trainer.program import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trainer.contract import Job

PACKAGES = {"wandb": ("wandb", "wandb"), "swanlab": ("swanlab", "swanlab"), "mlflow": ("mlflow", "mlflow")}
"""The module of each tracker, and the package that brings it. TensorBoard's files need none."""
WRITTEN_ALWAYS = "tensorboard"
PROJECT = "tunedoc"
"""What the runs are gathered under, unless the tracker's own variable says otherwise."""
_IDENTITY = "trackers.json"
_LETTERS = string.ascii_lowercase + string.digits
_SECRET_NAMES = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL", re.IGNORECASE)
_ADDRESS_LOGIN = re.compile(r"(?<=://)[^/\s@]+@")
_SHORTEST_SECRET = 6


class Tracker(Protocol):
    """One that is told of every measurement."""

    def log(self, values: Mapping[str, float], step: int) -> None: ...

    def end(self, *, well: bool) -> None: ...


def require_trackers(job: Job) -> None:
    """Refuse a job whose trackers are unknown or not installed, or that wants answers of a judge. Raises Refusal."""
    if job.sample_prompts and job.method == "reward":
        raise Refusal("bad_job", "a reward model gives marks and no answers: leave `sample_prompts` out")
    for name in job.trackers:
        if name == WRITTEN_ALWAYS:
            continue
        if name not in PACKAGES:
            known = ", ".join([WRITTEN_ALWAYS, *PACKAGES])
            raise Refusal("bad_job", f"`trackers` names {name}, and there are {known}")
        module, package = PACKAGES[name]
        if find_spec(module) is None:
            raise Refusal(
                "missing_package",
                f"`trackers` names {name}, and the training environment has no package {package}; add it with "
                f'`uv pip install --python "{sys.executable}" {package}`, or take it out of `trackers`',
            )


class Trackers:
    """The trackers of one run, told as one. One that fails is told no more, and the training goes on."""

    def __init__(self, job: Job, run: Path, on_failure: Callable[[str, str], None]) -> None:
        """Begin the run with each, or go on with it. Raises Refusal when one does not want to begin.

        `on_failure` gets the name of a tracker that failed later, and why.
        """
        self._on_failure = on_failure
        self._trackers: dict[str, Tracker] = {}
        identity = _read_identity(run)
        for name in dict.fromkeys(job.trackers):
            if name == WRITTEN_ALWAYS:
                continue
            try:
                self._trackers[name] = _KINDS[name](described(job), identity, run)
            except Exception as error:
                self.end(well=False)
                raise Refusal("bad_job", f"{name} does not begin: {told(error)}") from error
        if self._trackers:
            _write_identity(run, identity)

    def log(self, values: Mapping[str, float], step: int) -> None:
        for name, tracker in list(self._trackers.items()):
            try:
                tracker.log(values, step)
            except Exception as error:
                del self._trackers[name]
                self._on_failure(name, told(error))

    def end(self, *, well: bool) -> None:
        for name, tracker in list(self._trackers.items()):
            try:
                tracker.end(well=well)
            except Exception as error:
                self._on_failure(name, told(error))
        self._trackers.clear()


def described(job: Job) -> dict[str, Any]:
    """The job as trackers show it: of folders and files their names alone."""
    fields = json.loads(json.dumps(dataclasses.asdict(job)))
    for name in ("output", "trackers", "threads"):
        fields.pop(name)
    fields["model"] = Path(job.model).name
    for name in ("data", "held_out_data"):
        for source in fields[name]:
            source["path"] = Path(source["path"]).name
    return dict(fields)


def told(error: BaseException) -> str:
    """What an error says, in one line, without the keys, tokens and passwords that this process knows."""
    words = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    for name, value in os.environ.items():
        if _SECRET_NAMES.search(name) and len(value) >= _SHORTEST_SECRET:
            words = words.replace(value, "…")
    words = _ADDRESS_LOGIN.sub("…@", words)
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def _read_identity(run: Path) -> dict[str, str]:
    try:
        found = json.loads((run / _IDENTITY).read_text(encoding="utf-8"))
        if isinstance(found, dict) and all(isinstance(value, str) for value in found.values()) and "id" in found:
            return found
    except (OSError, ValueError):
        pass
    # As long as SwanLab wants it, which is the strictest of them.
    return {"id": "".join(secrets.choice(_LETTERS) for _ in range(21)), "name": run.name}


def _write_identity(run: Path, identity: dict[str, str]) -> None:
    building = run / f"{_IDENTITY}.new"
    building.write_text(json.dumps(identity, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    replace_file(building, run / _IDENTITY)


class _Wandb:
    def __init__(self, job: dict[str, Any], identity: dict[str, str], run: Path) -> None:
        import wandb

        self._run = wandb.init(
            project=os.environ.get("WANDB_PROJECT", PROJECT),
            id=identity["id"],
            name=identity["name"],
            config=job,
            dir=str(run),
            resume="allow",
            # Neither what this process prints nor the code around it is anybody's business.
            settings=wandb.Settings(console="off", save_code=False, disable_git=True, disable_code=True),
        )

    def log(self, values: Mapping[str, float], step: int) -> None:
        self._run.log(dict(values), step=step)

    def end(self, *, well: bool) -> None:
        self._run.finish(exit_code=0 if well else 1)


class _Swanlab:
    def __init__(self, job: dict[str, Any], identity: dict[str, str], run: Path) -> None:
        import swanlab

        self._swanlab = swanlab
        # Local runs cannot be gone on with, and need no identity beyond their name.
        local = os.environ.get("SWANLAB_MODE", "") in {"local", "offline", "disabled"}
        resumed: dict[str, Any] = {} if local else {"id": identity["id"], "resume": "allow"}
        swanlab.init(
            project=os.environ.get("SWANLAB_PROJ_NAME", PROJECT),
            experiment_name=identity["name"],
            config=job,
            logdir=str(run / "swanlab"),
            **resumed,
        )

    def log(self, values: Mapping[str, float], step: int) -> None:
        self._swanlab.log(dict(values), step=step)

    def end(self, *, well: bool) -> None:
        self._swanlab.finish() if well else self._swanlab.finish(state="crashed")


class _Mlflow:
    def __init__(self, job: dict[str, Any], identity: dict[str, str], run: Path) -> None:
        import mlflow

        self._mlflow = mlflow
        if "mlflow" in identity:
            mlflow.start_run(run_id=identity["mlflow"])
            return
        if not os.environ.get("MLFLOW_EXPERIMENT_NAME") and not os.environ.get("MLFLOW_EXPERIMENT_ID"):
            mlflow.set_experiment(PROJECT)
        identity["mlflow"] = mlflow.start_run(run_name=identity["name"]).info.run_id
        mlflow.log_params({name: json.dumps(value, ensure_ascii=False)[:500] for name, value in job.items()})

    def log(self, values: Mapping[str, float], step: int) -> None:
        self._mlflow.log_metrics(dict(values), step=step)

    def end(self, *, well: bool) -> None:
        self._mlflow.end_run("FINISHED" if well else "FAILED")


_KINDS: dict[str, Callable[[dict[str, Any], dict[str, str], Path], Tracker]] = {
    "wandb": _Wandb,
    "swanlab": _Swanlab,
    "mlflow": _Mlflow,
}
