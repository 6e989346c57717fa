"""tunedoc's trainer beside a plain padded Trainer script: the same data, model, steps and real tokens, in turns.

    python tests/bench/train_speed.py --home HOME --model FOLDER [--steps 2] [--threads 2] [--ways plain same same-bf16]

HOME is a tunedoc home with a training environment. Every way runs in a process of its own, which computes one optimizer
step when it is its turn and waits otherwise, so that the load of the machine is the same for all. The plain script pads
every record to `--max-length` (batch 8, accumulation 4); all ways take the records in one order, so that their losses
can be compared. `--first-step` measures from the command to the end of the first step instead, on the tiny model.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from doctor.environment import current_environment
from doctor.paths import Home

ROOT = Path(__file__).parent.parent.parent
TINY = ROOT / "tests" / "models" / "aidreams260k"
DATA = ROOT / "tests" / "data" / "llamafactory" / "alpaca_en_demo.json"
WORKER = Path(__file__).parent / "train_speed_worker.py"


def main() -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--model", type=lambda word: Path(word).resolve(), default=TINY)
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--max-length", type=int, default=512)
    parser.add_argument("--ways", nargs="+", default=["plain", "same", "same-bf16"])
    parser.add_argument("--first-step", action="store_true")
    options = parser.parse_args()
    home = Home(options.home.resolve())
    environment = current_environment(home)
    assert environment is not None, "no training environment"
    with tempfile.TemporaryDirectory(prefix="speed ") as folder:
        if options.first_step:
            return first_step(options, environment.python, home, Path(folder))
        return steps(options, environment.python, Path(folder))


def environ(threads: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {
        **kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "OMP_NUM_THREADS": str(threads), "HF_HUB_OFFLINE": "1",
        "OMP_WAIT_POLICY": "PASSIVE", "TOKENIZERS_PARALLELISM": "false", "CUDA_VISIBLE_DEVICES": "",
    }  # fmt: skip


def steps(options: argparse.Namespace, python: Path, folder: Path) -> int:
    """Steps in turns."""
    runners = {way: start(options, python, folder, way) for way in options.ways}
    for runner in runners.values():
        hear(runner)
    told: dict[str, list[dict[str, Any]]] = {way: [] for way in options.ways}
    for number in range(options.steps):
        for way, runner in runners.items():
            assert runner.stdin is not None
            runner.stdin.write("go\n")
            runner.stdin.flush()
            told[way].append(hear(runner))
            print(f"step {number + 1} {way}: {json.dumps(told[way][-1])}", file=sys.stderr, flush=True)
    for runner in runners.values():
        runner.kill()
        runner.wait()
    print(f"model {options.model.name}, {options.threads} threads, load {os.getloadavg()[0]:.1f}")
    print("| way | real tokens/s | x the first | x by CPU time | losses |\n|---|---|---|---|---|")
    for way in options.ways:
        speed = statistics.median(each["tokens"] / each["seconds"] for each in told[way])
        # Each step beside the first way's same step: the machine was as busy for both.
        ratios = [
            statistics.median(one[by] / other[by] for one, other in zip(told[options.ways[0]], told[way], strict=True))
            for by in ("seconds", "cpu_seconds")
        ]
        losses = ", ".join(f"{each['loss']:.4f}" for each in told[way])
        print(f"| {way} | {speed:.1f} | {ratios[0]:.2f} | {ratios[1]:.2f} | {losses} |")
    return 0


def start(options: argparse.Namespace, python: Path, folder: Path, way: str) -> subprocess.Popen[str]:
    asked = {
        "way": way, "model": str(options.model), "data": str(DATA), "output": str(folder / way),
        "threads": options.threads, "max_length": options.max_length, "steps": options.steps,
    }  # fmt: skip
    log = (folder / f"{way}.log").open("w", encoding="utf-8")
    return subprocess.Popen(
        [str(python), str(WORKER), json.dumps(asked)], cwd=folder, env=environ(options.threads),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, encoding="utf-8",
    )  # fmt: skip


def hear(runner: subprocess.Popen[str]) -> dict[str, Any]:
    """The next line of JSON that a worker says."""
    assert runner.stdout is not None
    for line in runner.stdout:
        if line.startswith("{"):
            found: dict[str, Any] = json.loads(line)
            return found
    raise SystemExit(f"a worker ended: see {runner.args}")


def first_step(options: argparse.Namespace, python: Path, home: Home, folder: Path) -> int:
    """From the command to the end of the first step, in turns."""
    seconds: dict[str, list[float]] = {"script": [], "tunedoc": []}
    job = folder / "job.yaml"
    for number in range(options.steps):
        asked = {
            "way": "script", "model": str(options.model), "data": str(DATA), "output": str(folder / "script"),
            "threads": options.threads, "max_length": options.max_length, "steps": 1,
        }  # fmt: skip
        script = [str(python), str(WORKER), json.dumps(asked)]
        seconds["script"].append(until(script, '"loss"', folder, environ(options.threads)))
        job.write_text(
            f"model: {json.dumps(str(options.model))}\ndata: {json.dumps(str(DATA))}\n"
            f"output: {json.dumps(str(folder / f'run {number}'))}\nheld_out: 0\nmax_steps: 1\n"
            f"max_length: {options.max_length}\nper_device_batch_size: 8\ngradient_accumulation: 4\n"
            f"threads: {options.threads}\nprecision: fp32\n",
            encoding="utf-8",
        )
        variables = {**environ(options.threads), "TUNEDOC_HOME": str(home.root)}
        run = [sys.executable, "-m", "doctor", "train", str(job), "--lang", "en"]
        seconds["tunedoc"].append(until(run, "step 1/1", ROOT, variables))
        shutil.rmtree(folder / f"run {number}", ignore_errors=True)
        print(json.dumps({name: round(some[-1], 2) for name, some in seconds.items()}), file=sys.stderr, flush=True)
    ratios = [ours / theirs for ours, theirs in zip(seconds["tunedoc"], seconds["script"], strict=True)]
    for name, some in seconds.items():
        print(f"{name}: median {statistics.median(some):.2f} s, best {min(some):.2f} s")
    print(f"ratio, median of {len(ratios)}: {statistics.median(ratios):.2f}; load {os.getloadavg()[0]:.1f}")
    return 0


def until(command: list[str], words: str, cwd: Path, variables: dict[str, str]) -> float:
    """Seconds until a program says something; then it is left to end."""
    begun = time.monotonic()
    process = subprocess.Popen(
        command, cwd=cwd, env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        encoding="utf-8",
    )  # fmt: skip
    assert process.stdout is not None
    said: list[str] = []
    for line in process.stdout:
        said.append(line)
        if words in line:
            seconds = time.monotonic() - begun
            process.communicate()
            return seconds
    raise SystemExit("".join(said))


if __name__ == "__main__":
    sys.exit(main())
