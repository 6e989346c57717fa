"""Start the trainer: one process, or several that train together, one for each GPU.

tunedoc starts every process itself. torchrun and what rests on it cannot do it on Windows: from torch 2.4 on they ask
for a store that no Windows wheel has.
"""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from doctor.errors import BadInput, TunedocError
from doctor.team import Team
from doctor.words.text import text
from doctor.worker import start_worker
from trainer.contract import TrainRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.environment import Environment
    from doctor.host.base import Host, System
    from doctor.paths import Home
    from doctor.run_folder import RunFolder
    from doctor.words.text import Text
    from doctor.worker import Worker
    from trainer.contract import Job

LOOPBACK = "127.0.0.1"


def require_together(host: Host, environment: Environment, job: Job) -> None:
    """Refuse, before anything is written, a job whose processes cannot train together here.

    Raises BadInput when there are too few GPUs, TunedocError when torch cannot.
    """
    choose_cards(host, environment, job.processes)
    if job.processes > 1:
        require_gloo(host.system, *installed_torch(environment, host.system))


def launch(
    host: Host,
    home: Home,
    environment: Environment,
    folder: RunFolder,
    job: Job,
    weights_mib: tuple[int, ...] = (),
) -> Team:
    """Start a job's processes; `require_together` has found nothing against it."""
    # A model whose layers are spread over the cards sees all that the user has left visible.
    cards = choose_cards(host, environment, job.processes) if job.split == "none" else ()

    def start(store_file: str) -> list[Worker]:
        request = TrainRequest(job=job, resume=True, store_file=store_file, weights_mib=weights_mib)
        port = free_port() if job.processes > 1 else 0
        workers: list[Worker] = []
        try:
            for rank in range(job.processes):
                variables = card_variables(cards[rank]) if cards else {}
                if job.processes > 1:
                    variables |= member_variables(rank, job.processes, port, host.system, own_card=bool(cards))
                    variables["OMP_NUM_THREADS"] = str(job.threads or max(1, (os.cpu_count() or 1) // job.processes))
                workers.append(
                    start_worker(
                        host,
                        home,
                        environment.python,
                        "trainer",
                        request,
                        log=folder.member_log(rank),
                        request_file=folder.member_request(rank),
                        environ=variables,
                        lets_finish=True,
                    )
                )
        except BaseException:
            for worker in workers:
                worker.end()
            raise
        return workers

    return Team(start, folder.root)


# ------------------------------------------------------------------------------------------- what each process gets


def choose_cards(host: Host, environment: Environment, processes: int) -> tuple[str, ...]:
    """The GPU of each process, as CUDA_VISIBLE_DEVICES names it; none where everything runs on the CPU.

    They are the first that the user has left visible. Raises BadInput when there are fewer than processes.
    """
    if environment.device != "cuda":
        return ()
    if processes == 1:
        return (one_card(host.environ),)
    chosen = host.environ.get("CUDA_VISIBLE_DEVICES")
    if chosen is not None:
        visible = visible_cards(chosen)
        if len(visible) < processes:
            raise _too_few(text("train.too_few_visible", wanted=processes, there=len(visible), value=chosen), visible)
        return visible[:processes]
    there = _count_gpus(host)
    every = tuple(str(index) for index in range(processes if there is None else there))
    if len(every) < processes:
        raise _too_few(text("train.too_few_gpus", wanted=processes, there=len(every)), every)
    return every[:processes]


def one_card(environ: Mapping[str, str]) -> str:
    """The one card that a single process sees: the first that the user has left visible.

    With several in sight transformers' Trainer splits each batch over them in one process (DataParallel), which is slow
    and wrong for quantised models.
    """
    return environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0].strip()


def visible_cards(value: str) -> tuple[str, ...]:
    """The cards that CUDA_VISIBLE_DEVICES leaves; like CUDA this stops at the first that is none."""
    cards: list[str] = []
    for word in value.split(","):
        card = word.strip()
        if not card or card.startswith("-"):
            break
        cards.append(card)
    return tuple(cards)


def card_variables(card: str) -> dict[str, str]:
    """Variables that show a process one card, or none: `""` is what a user sets who wants the CPU."""
    return {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", "CUDA_VISIBLE_DEVICES": card}


def member_variables(rank: int, processes: int, port: int, system: System, *, own_card: bool) -> dict[str, str]:
    """Variables that tell one of several processes which it is and where the others are.

    A process that sees one card alone finds it as its first, whatever its rank, so LOCAL_RANK is 0 then: accelerate and
    DDP take it for the number of the card.
    """
    variables = {
        "RANK": str(rank),
        "LOCAL_RANK": "0" if own_card else str(rank),
        "WORLD_SIZE": str(processes),
        "LOCAL_WORLD_SIZE": str(processes),
        "MASTER_ADDR": LOOPBACK,
        "MASTER_PORT": str(port),
    }
    # No Windows wheel has the store over libuv, and torch 2.4 to 2.6 ask for it by default.
    return variables | ({"USE_LIBUV": "0"} if system == "windows" else {})


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _count_gpus(host: Host) -> int | None:
    """GPUs by the driver; None when it does not answer, and the trainer will tell."""
    from doctor.host.nvml import ask_driver, library_present
    from doctor.snapshot.model import NvidiaDriver

    driver = ask_driver() if library_present(host.environ) else None
    return len(driver.gpus) if isinstance(driver, NvidiaDriver) else None


def _too_few(message: Text, there: tuple[str, ...]) -> BadInput:
    hint = text("train.too_few_hint", there=max(1, len(there)))
    return BadInput(message, hint=hint, field="processes")


# ------------------------------------------------------------------------------------------------ what torch can do


def require_gloo(system: System, version: str | None, transport: bool | None) -> None:
    """Refuse a torch whose processes cannot train together. Raises TunedocError.

    `transport` is what the files tell of gloo's transport; None where they do not tell, and the release decides.
    """
    from doctor.checks.distributed import release_has_gloo

    if system != "windows" or version is None:
        return
    if not (release_has_gloo(version) if transport is None else transport):
        raise TunedocError(text("train.no_gloo", version=version), hint=text("train.no_gloo_hint"))


def installed_torch(environment: Environment, system: System) -> tuple[str | None, bool | None]:
    """The release of an environment's torch and, on Windows, whether it links gloo's transport, by its files alone."""
    from doctor.reading.pe import PeError, read_pe
    from doctor.reading.torch_strings import VALUES

    root = environment.python.parent.parent
    places = [root / "Lib" / "site-packages"] if system == "windows" else root.glob("lib/python3*/site-packages")
    for site in places:
        try:
            words = (site / "torch" / "version.py").read_text(encoding="utf-8")
        except OSError:
            continue
        version = dict(VALUES.findall(words)).get("__version__") or None
        if system != "windows":
            return version, None
        try:
            headers = read_pe(site / "torch" / "lib" / "torch_cpu.dll")
        except (PeError, OSError):
            return version, None
        return version, "uv.dll" in {name.lower() for name in headers.imports + headers.delayed}
    return None, None
