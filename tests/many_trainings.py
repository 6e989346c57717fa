"""Train one job after the other in one process of the training environment, which saves the imports of each.

    python -m tests.many_trainings REQUESTS.json

reads a JSON list of requests. The events of each end with `finished` or `failed`, as a program's own. Stdin has to stay
open until then: its end is the wish to stop.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.contract import Failed, Finished, TrainRequest, build

if TYPE_CHECKING:
    from doctor.environment import Environment

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "tests" / "models" / "aidreams260k"


def main() -> None:
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["TRANSFORMERS_VERBOSITY"] = "error"
    from trainer.emit import claim_stdout, emit
    from trainer.program import Refusal, end_process
    from trainer.recipe import train
    from trainer.telling import close_ledgers

    claim_stdout()
    for request in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")):
        ending: Finished | Failed
        try:
            ending = Finished(result=train(build(TrainRequest, request)))
        except Refusal as refusal:
            ending = Failed(kind=refusal.kind, message=refusal.message, file=refusal.file, package=refusal.package)
        close_ledgers(well=isinstance(ending, Finished))
        emit(ending)
    end_process(0)


def job(name: str, folder: Path, **fields: object) -> dict[str, Any]:
    """A request of the tiny model; a run folder of that name is made."""
    run = folder / name
    run.mkdir(parents=True, exist_ok=True)
    values: dict[str, Any] = {
        "model": str(MODEL), "data": [], "output": str(run), "epochs": 1.0, "max_length": 128, "learning_rate": 2e-3,
        "per_device_batch_size": 8, "threads": 1, "precision": "fp32", "save_steps": 1000, "batching": "plain",
        **fields,
    }  # fmt: skip
    values["data"] = [{"path": str(each)} if isinstance(each, Path) else each for each in values["data"]]
    return {"job": values, "resume": False, "store_file": ""}


def train_all(environment: Environment, requests: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """The events of each request."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "requests.json"
        file.write_text(json.dumps(requests), encoding="utf-8")
        process = subprocess.Popen(
            [str(environment.python), "-m", "tests.many_trainings", str(file)],
            cwd=ROOT, env=variables(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            encoding="utf-8", errors="replace",
        )  # fmt: skip
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        import threading

        said: list[str] = []
        reader = threading.Thread(target=lambda: said.append(process.stderr.read()))
        reader.start()
        lines = list(process.stdout)
        code = process.wait()
        reader.join()
        process.stdin.close()
        process.stdout.close()
        process.stderr.close()
    assert code == 0, said[0][-4000:]
    runs: list[list[dict[str, Any]]] = [[]]
    for line in lines:
        event = json.loads(line)
        runs[-1].append(event)
        if event["event"] in ("finished", "failed"):
            runs.append([])
    assert not runs.pop()
    return runs


def variables() -> dict[str, str]:
    """The environment of a program that imports from this repository, quickly."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}


if __name__ == "__main__":
    main()
