"""The proof that processes can work together: `python -m trainer.proof_group request.json` is one of them.

The proof starts as many as there are GPUs (two on a machine without) and lets them sum a tensor, as training on
several GPUs does at every step.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.proving import Wrong, last_line

if TYPE_CHECKING:
    from trainer.contract import SmokeRequest

LOOPBACK = "127.0.0.1"
_PATIENCE_SECONDS = 240.0
_WAYS: tuple[dict[str, str], ...] = (
    {},
    {"NCCL_P2P_DISABLE": "1"},
    {"NCCL_P2P_DISABLE": "1", "NCCL_IB_DISABLE": "1", "NCCL_SHM_DISABLE": "1"},
)
"""What to try in turn: drivers of consumer cards hang or refuse when GPUs talk to each other directly."""
_VALUES = 1 << 20
_ROUNDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """What one of the processes gets."""

    rank: int
    devices: tuple[str, ...]
    """One for each process."""
    backend: str
    port: int
    patience_seconds: float


def prove_all_reduce(device: str, request: SmokeRequest) -> dict[str, Any]:
    """Processes sum a tensor and all get the same: one for each GPU that is to work, else two on the CPU."""
    del device
    if len(request.devices) == 1 and request.devices[0] != "cpu":
        # Two processes cannot share a GPU under NCCL, and nothing trains so.
        return {"left_out": "one GPU: there is nobody to sum with"}
    devices, backend = group_for(request.devices, sys.platform)
    failures: list[str] = []
    for variables in _WAYS if backend == "nccl" else _WAYS[:1]:
        with tempfile.TemporaryDirectory(prefix="tunedoc-group-", ignore_cleanup_errors=True) as folder:
            told = _together(devices, backend, variables, Path(folder))
        if isinstance(told, str):
            failures.append(told)
            continue
        # Worth keeping: with these variables training on several GPUs works here, and without them it does not.
        return {"backend": backend, "devices": list(devices), **told, **({"needs": variables} if variables else {})}
    raise Wrong(f"{len(devices)} processes cannot work together ({backend}): {failures[0]}", package="torch")


def group_for(devices: tuple[str, ...], platform: str) -> tuple[tuple[str, ...], str]:
    """A device for each process, and torch's backend. NCCL needs a GPU a process and is in no wheel for Windows."""
    gpus = tuple(device for device in devices if device != "cpu")
    if len(gpus) < 2:
        return ("cpu", "cpu"), "gloo"
    return gpus, "gloo" if platform == "win32" else "nccl"


def variables_for(
    member_variables: dict[str, str], port: int, platform: str, environ: dict[str, str]
) -> dict[str, str]:
    """The environment of one process: everything stays on this machine."""
    variables = {**environ, "MASTER_ADDR": LOOPBACK, "MASTER_PORT": str(port), **member_variables}
    if platform == "win32":
        # No Windows wheel has the store over libuv, and torch 2.4 to 2.6 ask for it by default.
        variables["USE_LIBUV"] = "0"
    else:
        # Without it gloo asks what address the machine's own name has, which many a machine does not know.
        variables.setdefault("GLOO_SOCKET_IFNAME", "lo" if platform.startswith("linux") else "lo0")
    return variables


def main(request_file: str) -> int:
    """Be one of the processes. Writes one line of JSON with what came out."""
    record = json.loads(Path(request_file).read_text(encoding="utf-8"))
    member = Member(**{**record, "devices": tuple(record["devices"])})
    import datetime

    import torch
    import torch.distributed as group

    device, size = member.devices[member.rank], len(member.devices)
    if device != "cpu":
        torch.cuda.set_device(device)
    begun = time.monotonic()
    group.init_process_group(
        member.backend,
        init_method="env://",
        rank=member.rank,
        world_size=size,
        timeout=datetime.timedelta(seconds=member.patience_seconds),
    )
    try:
        values = torch.full((_VALUES,), float(member.rank + 1), device=device)
        group.all_reduce(values)
        total = size * (size + 1) // 2
        low, high = float(values.min()), float(values.max())
        met = time.monotonic() - begun
        begun = time.monotonic()
        for _ in range(_ROUNDS):
            group.all_reduce(values)
        if device != "cpu":
            torch.cuda.synchronize(device)
        seconds = (time.monotonic() - begun) / _ROUNDS
        group.barrier(device_ids=[torch.device(device).index] if member.backend == "nccl" else None)
    finally:
        group.destroy_process_group()
    right = low == high == total
    told = {"right": right, "low": low, "high": high, "total": total, "met_seconds": round(met, 2),
            "megabytes_per_second": round(_VALUES * 4 / 1e6 / max(seconds, 1e-9))}  # fmt: skip
    print(json.dumps(told), flush=True)  # noqa: T201
    return 0 if right else 1


def _together(devices: tuple[str, ...], backend: str, variables: dict[str, str], folder: Path) -> dict[str, Any] | str:
    """What the first process tells when all end well; else, in words, what the first that failed says."""
    port = _free_port()
    environ = variables_for(variables, port, sys.platform, dict(os.environ))
    members: list[subprocess.Popen[bytes]] = []
    with contextlib.ExitStack() as files:
        outputs = []
        try:
            for rank in range(len(devices)):
                member = Member(
                    rank=rank, devices=devices, backend=backend, port=port, patience_seconds=_PATIENCE_SECONDS / 2
                )
                request = folder / f"{rank}.json"
                request.write_text(json.dumps(asdict(member)), encoding="utf-8")
                # Into files and not pipes: nobody reads while they run, and a full pipe would stop them.
                out = files.enter_context((folder / f"{rank}.out").open("wb"))
                errors = files.enter_context((folder / f"{rank}.err").open("wb"))
                outputs.append((folder / f"{rank}.out", folder / f"{rank}.err"))
                argv = [sys.executable, "-m", "trainer.proof_group", str(request)]
                members.append(subprocess.Popen(argv, env=environ, stdin=subprocess.DEVNULL, stdout=out, stderr=errors))
            failed = _first_failure(members)
        finally:
            for member_process in members:
                if member_process.poll() is None:
                    member_process.kill()
                member_process.wait()
    if failed is not None:
        words = outputs[failed][1].read_text(encoding="utf-8", errors="replace")
        code = members[failed].returncode
        return last_line(words) or f"process {failed} ended with {code}"
    if any(process.returncode for process in members):
        return f"no answer within {_PATIENCE_SECONDS:.0f} s"
    told = json.loads(last_line(outputs[0][0].read_text(encoding="utf-8")))
    return {key: told[key] for key in ("met_seconds", "megabytes_per_second")}


def _first_failure(members: list[subprocess.Popen[bytes]]) -> int | None:
    """The first process that ends badly; None when all end well or the time is over."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        codes = [process.poll() for process in members]
        for rank, code in enumerate(codes):
            if code not in (None, 0):
                return rank
        if all(code == 0 for code in codes):
            return None
        time.sleep(0.05)
    return None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
