"""Why a stack is right for a machine, one reason for each choice in it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.catalogue.facts import covers
from doctor.catalogue.fitting import least_driver
from doctor.catalogue.machine import machine_of
from doctor.catalogue.wishes import NOTHING
from doctor.late_pattern import late_pattern
from doctor.quick_dataclass import dataclass
from doctor.versions import numbers
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue, Stack
    from doctor.catalogue.wishes import Wishes
    from doctor.snapshot.model import Gpu, Snapshot
    from doctor.words.text import Text


_LOGIN = late_pattern(r"//[^/@]*@")


@dataclass(frozen=True)
class Reason:
    """Why one thing was chosen."""

    subject: str
    """`torch`, `driver`, `bitsandbytes`, `source`."""
    words: Text


def reasons_of(stack: Stack, snapshot: Snapshot, catalogue: Catalogue, wishes: Wishes = NOTHING) -> tuple[Reason, ...]:
    """In the order in which things are chosen."""
    machine = machine_of(snapshot, catalogue, wishes)
    found: list[Reason] = []
    if stack.device == "cpu":
        found.append(Reason("torch", text("plan.why_cpu", torch=stack.torch)))
    else:
        found += [Reason("torch", _why_torch(stack, gpu)) for gpu in machine.gpus]
        needs = least_driver(stack, machine)
        found.append(Reason("driver", text("plan.why_driver", have=machine.driver, needs=needs, cuda=stack.cuda)))
        found.append(_why_nf4(stack))
    if stack.index:
        found.append(
            Reason("source", text("plan.why_index", index=_LOGIN.sub("//****@", catalogue.index_url(stack.index))))
        )
    elif stack.device == "cpu":
        found.append(Reason("source", text("plan.why_ordinary")))
    return tuple(found)


def _why_torch(stack: Stack, gpu: Gpu) -> Text:
    have = str(gpu.compute_capability)
    code = max((each for each in stack.architectures if covers((each,), have)), key=numbers)
    return text("plan.why_torch", torch=stack.torch, code=code, index=gpu.index, gpu=gpu.name, have=have)


def _why_nf4(stack: Stack) -> Reason:
    if not stack.four_bits:
        return Reason("bitsandbytes", text("plan.why_no_nf4"))
    version = next(pin.version for pin in stack.pins if pin.name == "bitsandbytes")
    code = ", ".join(stack.nf4_architectures)
    if not code:
        return Reason("bitsandbytes", text("plan.why_nf4_row", version=version))
    return Reason("bitsandbytes", text("plan.why_nf4", version=version, cuda=stack.cuda, code=code))
