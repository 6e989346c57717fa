"""The processes that train together: how one of them meets the others, and what they decide as one.

tunedoc starts them itself (`doctor/launching.py`), one for each GPU, all on this machine. A process that trains alone
is the only one of its kind: nothing is asked of torch, and every answer is its own.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import re
import sys
from typing import Any

from trainer.program import Refusal

LOOPBACK = "127.0.0.1"
_MEETING_SECONDS = 300
"""How long to wait for the others, who may still load torch from a slow disk. A port that is taken or closed to us
fails at once, and the end of another is the doctor's to see."""
_PATIENCE = datetime.timedelta(minutes=30)
"""How long one step of the others may take before they count as lost; it is the doctor who sees that one has ended."""
_LOST = re.compile(
    r"connection (was )?(closed|reset|refused|aborted)|broken pipe|gloo|nccl|processgroup|timed? ?out|recvvalue|socket",
    re.IGNORECASE,
)
"""What torch says, in many ways, when another process does not answer."""


class Peers:
    """This process among those that train together."""

    def __init__(self, size: int = 1) -> None:
        self.size = size
        self.rank = int(os.environ.get("RANK", "0")) if size > 1 else 0
        self._met = False

    @property
    def leads(self) -> bool:
        """Whether this one speaks, locks and writes for all."""
        return self.rank == 0

    def meet(self, store_file: str, *, on_gpu: bool, more_patience_seconds: float) -> None:
        """Find the others, over a port of the loopback address or by a file. Raises Refusal `no_group`.

        Those that do not lead wait longer by `more_patience_seconds`, which the leader may spend before it comes.
        """
        if self.size == 1:
            return
        import torch.distributed as group

        if not group.is_available():
            raise Refusal("missing_package", "this torch is built without torch.distributed; train with `processes: 1`")
        _stay_on_loopback()
        patience = datetime.timedelta(seconds=_MEETING_SECONDS + (0 if self.leads else more_patience_seconds))
        try:
            store: Any
            if store_file:
                store = group.FileStore(store_file, self.size)
                store.set_timeout(patience)
            else:
                # No Windows wheel has the store over libuv, which is the default; the other one is everywhere.
                port = int(os.environ["MASTER_PORT"])
                store = group.TCPStore(LOOPBACK, port, self.size, self.leads, patience, use_libuv=False)
            # NCCL speaks to GPUs alone, and is in no wheel for Windows; what is decided together is on the CPU.
            backend = "cpu:gloo,cuda:nccl" if on_gpu and sys.platform != "win32" else "gloo"
            group.init_process_group(backend, store=store, rank=self.rank, world_size=self.size, timeout=_PATIENCE)
            self._met = True
            self._store = store
            self.wait()
        except (RuntimeError, ValueError, OSError, KeyError) as error:
            raise Refusal("no_group", f"process {self.rank} could not meet the others: {_first_line(error)}") from error

    def share(self, name: str, words: str) -> str:
        """The leader's words, for all."""
        if self.leads:
            self._store.set(name, words.encode("utf-8"))
        return bytes(self._store.get(name)).decode("utf-8")

    def any(self, *wishes: bool) -> tuple[bool, ...]:
        """Of each, whether one process at least says so. Before they have met, the leader alone decides."""
        if not self._met:
            return tuple(wish and self.leads for wish in wishes)
        return tuple(value > 0 for value in self._over_all("MAX", [float(wish) for wish in wishes]))

    def sum(self, *values: float) -> tuple[float, ...]:
        """Of each, the sum over all processes."""
        return tuple(self._over_all("SUM", list(values))) if self._met else values

    def most(self, value: float) -> float:
        """The highest of all processes' values."""
        return self._over_all("MAX", [value])[0] if self._met else value

    def wait(self) -> None:
        """Go on when all have come here."""
        if self._met:
            self._over_all("SUM", [1.0])

    def part(self) -> None:
        """Wait once more, so that none goes while another still listens; who has gone already is not missed."""
        with contextlib.suppress(RuntimeError):
            self.wait()

    def lost(self, error: BaseException) -> bool:
        """Whether an error is torch's for another process that has gone."""
        return self._met and isinstance(error, RuntimeError) and _LOST.search(str(error)) is not None

    def _over_all(self, how: str, values: list[float]) -> list[float]:
        import torch
        import torch.distributed as group

        together = torch.tensor(values, dtype=torch.float64)
        group.all_reduce(together, getattr(group.ReduceOp, how))
        return [float(value) for value in together.tolist()]


def _stay_on_loopback() -> None:
    """Let gloo bind to the loopback interface.

    Otherwise it looks up this computer's own name, which leads to whichever adapter a VPN or a virtual machine has put
    first, and nowhere for a name that is not ASCII.
    """
    import psutil
    import torch.distributed as group

    for name, addresses in psutil.net_if_addrs().items():
        if name.isascii() and any(address.address == LOOPBACK for address in addresses):
            with contextlib.suppress(RuntimeError):
                # Not every system's interfaces are found by these names; then gloo chooses by itself.
                group.ProcessGroupGloo.create_device(interface=name)
                os.environ["GLOO_SOCKET_IFNAME"] = name
                return
    os.environ.pop("GLOO_SOCKET_IFNAME", None)


def _first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
