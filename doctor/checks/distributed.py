"""Checks of training on several GPUs together: what carries the gradients, who starts the processes, which pair can."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.catalogue.select import covers
from doctor.checks.base import Check, Finding, Fix, Status, setting_values
from doctor.checks.subject import (
    describe,
    remedies,
    shown_gpus,
    system_name,
    torch_build,
    torch_files,
    torch_targets,
    versions,
)
from doctor.checks.wheel_choice import known_capability
from doctor.versions import at_least
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue
    from doctor.snapshot.model import Snapshot

_STARTERS = ("llamafactory", "llama-factory")
"""Start torchrun by themselves as soon as they see two GPUs. https://github.com/hiyouga/LLaMA-Factory/issues/8710"""


def examine_gloo(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    build = torch_build(snapshot)
    assert build is not None
    if has_gloo(snapshot):
        return Finding("environment.gloo", Status.OK, text("distributed.gloo", version=build.version))
    summary = text("distributed.no_gloo", version=build.version)
    by_hand = text("distributed.by_hand_gloo")
    fixes = remedies(snapshot, "torch.gloo", text("distributed.fix_gloo"), by_hand)
    cause = text("distributed.cause_gloo")
    return Finding("environment.gloo", Status.WARNING, summary, (), fixes, cause)


def examine_libuv(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    build, files = torch_build(snapshot), torch_files(snapshot)
    assert build is not None
    value = setting_values(snapshot.settings).get("USE_LIBUV")
    evidence = (text("distributed.libuv_value", value="–" if value is None else value),)
    # No Windows wheel has the libuv store. torch 2.4 to 2.6 ask for it unless told not to; from 2.7 on they do not.
    # https://github.com/pytorch/pytorch/issues/148283
    asked_by_default = at_least(build.version, "2.4") and not at_least(build.version, "2.7")
    fix = Fix(id="settings.libuv", title=text("distributed.fix_libuv"), by_hand=text("distributed.by_hand_libuv"))
    if files is not None and files.store_libuv is True:
        return Finding("settings.libuv", Status.OK, text("distributed.libuv_built"), evidence)
    cause = text("distributed.cause_libuv")
    # `set USE_LIBUV=0 && …` leaves a blank behind the 0, which is not "0" to torch.
    if value is not None and value != "0" and value.strip() == "0" and asked_by_default:
        summary = text("distributed.libuv_blank")
        return Finding("settings.libuv", Status.WARNING, summary, evidence, (fix,), cause)
    if value == "1":
        return Finding("settings.libuv", Status.WARNING, text("distributed.libuv_forced"), evidence, (fix,), cause)
    if asked_by_default and value != "0":
        status = Status.WARNING if len(shown_gpus(snapshot)) > 1 else Status.NOTE
        summary = text("distributed.libuv_default", version=build.version)
        return Finding("settings.libuv", status, summary, evidence, (fix,), cause)
    return Finding("settings.libuv", Status.OK, text("distributed.libuv_ok"), evidence)


def examine_torchrun(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    build = torch_build(snapshot)
    assert build is not None
    count = len(shown_gpus(snapshot))
    have = versions(snapshot)
    starter = next((name for name in _STARTERS if name in have), None)
    # From 2.4 on torchrun asks for the libuv store, whatever USE_LIBUV says; 2.3 did not.
    # https://github.com/pytorch/pytorch/issues/139990
    if not at_least(build.version, "2.4") or starter is None:
        return Finding("distributed.torchrun", Status.OK, text("distributed.torchrun_unused"))
    summary = text("distributed.torchrun", name=starter, count=count, version=build.version)
    first = shown_gpus(snapshot)[0]
    evidence = tuple(describe(gpu) for gpu in shown_gpus(snapshot))
    by_hand = text("distributed.by_hand_torchrun", index=first.index)
    fix = Fix(id="settings.one_gpu", title=text("distributed.fix_torchrun"), by_hand=by_hand)
    cause = text("distributed.cause_torchrun", name=starter)
    return Finding("distributed.torchrun", Status.WARNING, summary, evidence, (fix,), cause)


def examine_pair(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    build = torch_build(snapshot)
    assert build is not None
    gpus = shown_gpus(snapshot)
    evidence = tuple(describe(gpu) for gpu in gpus)
    targets = torch_targets(snapshot, catalogue)
    for gpu in gpus:
        capability = known_capability(gpu)
        if capability is not None and targets is not None and not covers(targets, capability):
            summary = text("distributed.pair_uncovered", name=gpu.name, version=build.version)
            return Finding("distributed.pair", Status.NOTE, summary, evidence)
    if system_name(snapshot) == "windows" and not has_gloo(snapshot):
        summary = text("distributed.pair_no_gloo", version=build.version)
        return Finding("distributed.pair", Status.NOTE, summary, evidence)
    sizes = {gpu.memory_total_mib for gpu in gpus if isinstance(gpu.memory_total_mib, int)}
    carrier = "gloo" if system_name(snapshot) == "windows" else "NCCL"
    if len(sizes) > 1 and min(sizes) * 4 < max(sizes) * 3:
        # Each process holds the whole model, so the smallest card sets the limit for all.
        summary = text("distributed.pair_unequal", carrier=carrier, memory=f"{min(sizes) / 1024:.1f}")
        return Finding("distributed.pair", Status.NOTE, summary, evidence)
    return Finding("distributed.pair", Status.OK, text("distributed.pair", count=len(gpus), carrier=carrier), evidence)


def has_gloo(snapshot: Snapshot) -> bool:
    """Whether torch for Windows can carry gradients between processes: by its files, else by its release."""
    build, files = torch_build(snapshot), torch_files(snapshot)
    if files is not None and isinstance(files.gloo_transport, bool):
        return files.gloo_transport
    return build is None or release_has_gloo(build.version)


def release_has_gloo(version: str) -> bool:
    """Whether the wheels of a torch release for Windows can carry gradients between processes."""
    # Run with every Windows wheel from 2.4 to 2.15: 2.8 to 2.10 are built without gloo's transport.
    # https://github.com/pytorch/pytorch/pull/170491
    return not at_least(version, "2.8") or at_least(version, "2.11")


def has_windows_torch(snapshot: Snapshot) -> bool:
    return system_name(snapshot) == "windows" and torch_build(snapshot) is not None


def has_several_gpus_on_windows(snapshot: Snapshot) -> bool:
    return has_windows_torch(snapshot) and len(shown_gpus(snapshot)) > 1


def has_several_gpus(snapshot: Snapshot) -> bool:
    build = torch_build(snapshot)
    return build is not None and build.kind == "cuda" and len(shown_gpus(snapshot)) > 1


GLOO = Check(
    id="environment.gloo",
    title=text("distributed.title_gloo"),
    examine=examine_gloo,
    applies=has_several_gpus_on_windows,
    rank=50,
)
LIBUV = Check(
    id="settings.libuv",
    title=text("distributed.title_libuv"),
    examine=examine_libuv,
    applies=has_windows_torch,
    rank=48,
)
TORCHRUN = Check(
    id="distributed.torchrun",
    title=text("distributed.title_torchrun"),
    examine=examine_torchrun,
    applies=has_several_gpus_on_windows,
    rank=46,
    explains=("settings.libuv",),
)
PAIR = Check(
    id="distributed.pair",
    title=text("distributed.title_pair"),
    examine=examine_pair,
    applies=has_several_gpus,
    rank=80,
)
