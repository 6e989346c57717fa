"""Says every contradiction between a plan and the facts of the catalogue. Shares no code with the doctor.

A plan is what `tunedoc plan --json` tells under `data`, a machine is plain data too (see `machines.Machine.facts`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.doctor.catalogue_grid.facts import older, runs
from tests.doctor.catalogue_grid.machine_facts import seen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doctor.catalogue_grid.facts import Facts, Row
    from tests.doctor.catalogue_grid.machine_facts import Seen

ALLOWED = {"only_ptx", "capability_not_told"}
"""What may be chosen and may be rejected: PTX alone (CUDA's own libraries inside torch must have code too), and a card
whose driver does not tell what it is, though its name does."""

FAULTS_OF = {
    "catalogue.withdrawn": {"withdrawn"},
    "catalogue.other_system": {"other_system"},
    "catalogue.other_machine": {"other_machine"},
    "catalogue.wsl_1": {"wsl_1"},
    "catalogue.old_libc": {"old_libc"},
    "catalogue.no_gpu": {"no_gpu"},
    "catalogue.no_visible_gpu": {"no_visible_gpu"},
    "catalogue.unknown_driver": {"unknown_driver"},
    "catalogue.unknown_capability": {"unknown_capability", "capability_not_told"},
    "catalogue.old_driver": {"old_driver"},
    "catalogue.old_gpu": {"gpu_without_code", "only_ptx", "no_nf4", "below_row"},
    "catalogue.uncovered_gpu": {"gpu_without_code", "only_ptx"},
    "catalogue.no_gloo": {"no_gloo"},
    "catalogue.no_nf4": {"no_nf4"},
}
"""What the plan calls a reason, and what the checker calls it."""


def contradictions(facts: Facts, machine: Mapping[str, Any], plan: Mapping[str, Any]) -> list[str]:
    """Every contradiction, each as `code: words`; empty for a plan that holds."""
    shown = seen(machine)
    found = rejections(facts, machine, plan, shown)
    if plan["stack"] is None:
        return found
    row = facts.rows.get(plan["stack"])
    if row is None:
        return [*found, f"unknown_stack: {plan['stack']}"]
    for key, mine in (("device", row.device), ("torch", row.torch), ("cuda", row.cuda)):
        if (plan[key] or "") != mine:
            found.append(f"other_{key}: the plan says {plan[key]}, its row {mine or None}")
    faults = faults_of(facts, row, machine, shown)
    found += [f"{code}: {words}" for code, words in faults.items() if code not in ALLOWED]
    found += pythons(facts, row, plan)
    found += packages(facts, row, machine["system"], plan)
    if plan.get("devices") is not None:
        found += devices(row, shown, plan["devices"])
    return found


def faults_of(facts: Facts, row: Row, machine: Mapping[str, Any], shown: Seen) -> dict[str, str]:
    """Everything that stands between a row and a machine, by code."""
    faults: dict[str, str] = {}
    if row.status == "withdrawn":
        faults["withdrawn"] = row.id
    if row.system != machine["system"]:
        faults["other_system"] = f"{row.system} on {machine['system']}"
        return faults
    if machine["processor"] != "x86_64":
        faults["other_machine"] = f"wheels for x86_64 on {machine['processor']}"
    build = facts.build(row)
    if build is None:
        faults["not_published"] = f"torch {row.torch} for {row.system}"
        return faults
    if machine["system"] == "linux":
        if machine["libc"] != "glibc":
            faults["old_libc"] = f"{machine['libc']} is no glibc"
        for least in filter(None, (build.glibc, row.glibc)):
            if machine["glibc"] and older(machine["glibc"], least):
                faults["old_libc"] = f"glibc {machine['glibc']} under wheels for {least}"
    if row.device == "cpu":
        return faults
    if machine["wsl"] == 1:
        faults["wsl_1"] = "no GPU in WSL 1"
    if not machine["capabilities"]:
        return {**faults, "no_gpu": "the machine has no GPU"}
    if shown.none_for_sure:
        faults["no_visible_gpu"] = f"CUDA_VISIBLE_DEVICES={machine['visible']!r}"
    return faults | _driver(facts, row, machine) | _cards(facts, row, machine, shown)


def _driver(facts: Facts, row: Row, machine: Mapping[str, Any]) -> dict[str, str]:
    driver, major = machine["driver"], row.cuda.split(".")[0]
    if not re.match(r"\d", driver):
        return {"unknown_driver": f"driver {driver!r} cannot be compared"}
    # WSL runs the driver of Windows, whose numbers are Windows' own.
    least = facts.drivers[(major, "windows" if machine["wsl"] else machine["system"])]
    if row.min_driver and older(least, row.min_driver):
        least = row.min_driver
    return {"old_driver": f"driver {driver} for CUDA {row.cuda}, which needs {least}"} if older(driver, least) else {}


def _cards(facts: Facts, row: Row, machine: Mapping[str, Any], shown: Seen) -> dict[str, str]:
    faults: dict[str, str] = {}
    build = facts.build(row)
    assert build is not None
    for place in shown.cards:
        capability = machine["capabilities"][place]
        if not re.match(r"\d", capability):
            faults["unknown_capability"] = f"GPU {place} is of no known kind"
            continue
        if not machine["told"][place]:
            faults["capability_not_told"] = f"GPU {place} is known by its name alone"
        if runs(capability, (), build.portable) and not runs(capability, build.compiled):
            faults["only_ptx"] = f"GPU {place} ({capability}), torch has PTX of {build.portable} alone"
        elif not runs(capability, build.compiled):
            faults["gpu_without_code"] = f"GPU {place} ({capability}), torch has {build.compiled} {build.portable}"
        if row.pin("bitsandbytes") and not facts.nf4(row, capability):
            faults["no_nf4"] = f"GPU {place} ({capability}), bitsandbytes {row.pin('bitsandbytes')}, CUDA {row.cuda}"
        if row.min_compute and older(capability, row.min_compute):
            faults["below_row"] = f"GPU {place} ({capability}) in a row for {row.min_compute} and newer"
    if row.system == "windows" and not build.gloo and (shown.count or len(shown.cards)) > 1:
        faults["no_gloo"] = f"torch {row.torch} has no gloo transport for {len(shown.cards)} GPUs"
    return faults


def rejections(facts: Facts, machine: Mapping[str, Any], plan: Mapping[str, Any], shown: Seen) -> list[str]:
    """Rows before the chosen one need a true reason each; the chosen one must be the first that fits."""
    found: list[str] = []
    told = {row["stack"]: row for row in plan["rejected"]}
    for row in facts.rows.values():
        if row.id == plan["stack"]:
            if row.id in told:
                found.append(f"chosen_and_rejected: {row.id}")
            break
        faults = faults_of(facts, row, machine, shown)
        reason = told.get(row.id, {})
        if row.id in plan.get("failed", ()):
            if reason.get("code") != "catalogue.failed":
                found.append(f"false_reason: {row.id} failed its proofs, told is {reason.get('code')}")
            continue
        if not reason.get("code") or not reason.get("reason", "-"):
            found.append(f"no_reason: {row.id} was passed over")
        elif not FAULTS_OF.get(reason["code"], set()) & set(faults) and not _undecided(row, shown):
            found.append(f"false_reason: {row.id}, {reason['code']}; true are {sorted(faults)}")
        if not faults and not shown.maybe_none:
            device = "cpu_though_cuda_fits" if row.device == "cuda" and plan["device"] != "cuda" else "better_row_fits"
            found.append(f"{device}: {row.id}")
    return found


def _undecided(row: Row, shown: Seen) -> bool:
    """Where it cannot be told whether CUDA shows a card, the doctor may say that none is visible."""
    return row.device == "cuda" and shown.maybe_none


def pythons(facts: Facts, row: Row, plan: Mapping[str, Any]) -> list[str]:
    """The plan's Python must be one that torch's build and every package of the row have wheels for."""
    version, found = plan["python"]["version"], []
    build = facts.build(row)
    if build is not None and version not in build.pythons:
        found.append(f"python_without_torch: {version}, torch {row.torch} has {sorted(build.pythons)}")
    if version not in row.set_pythons:
        found.append(f"python_without_package: {version}, the set has {sorted(row.set_pythons)}")
    library = facts.library(row) if row.pin("bitsandbytes") else None
    if library is not None and library.python and older(version, library.python):
        found.append(f"python_without_package: {version}, bitsandbytes {library.version} needs {library.python}")
    if version not in row.pythons:
        found.append(f"python_not_offered: {version}, the row has {row.pythons}")
    return found


def packages(facts: Facts, row: Row, system: str, plan: Mapping[str, Any]) -> list[str]:
    """What the plan asks for by name: torch as its index has it, a numpy that torch can read, companions that agree."""
    found: list[str] = []
    asked = dict(re.findall(r"^([a-z0-9.-]+)==(\S+)", words)[0] for words in plan["requirements"])
    build = facts.build(row)
    if asked.get("torch") != plan["torch"]:
        found.append(f"other_torch: {asked.get('torch')} is asked for, the plan says {plan['torch']}")
    if build is None:
        return found
    if row.index.rpartition("/")[2] != build.variant and (row.index or row.system == "linux" or row.device == "cuda"):
        found.append(f"wrong_index: torch {row.torch} from {row.index or 'the ordinary index'}")
    if not build.numpy_2 and not older(asked.get("numpy", "2"), "2"):
        found.append(f"numpy_2: torch {row.torch} on {system} needs numpy 1, asked for is {asked.get('numpy')}")
    for name, fitting in (("torchvision", build.torchvision), ("torchaudio", {build.torchaudio} - {""})):
        have = asked.get(name, "").partition("+")[0]
        if have and fitting and have not in fitting:
            found.append(f"companion: {name} {have} beside torch {row.torch}, which goes with {sorted(fitting)}")
    library = facts.library(row) if "bitsandbytes" in asked else None
    if library is not None and library.torch and older(row.torch, library.torch):
        found.append(f"old_torch: torch {row.torch}, bitsandbytes {library.version} needs {library.torch}")
    if row.set_torch and older(row.torch, row.set_torch):
        found.append(f"old_torch: torch {row.torch}, the set needs {row.set_torch}")
    promised = {name: version for name, version, _ in row.pins}
    if set(asked) != set(promised):
        found.append(f"other_packages: {sorted(set(asked) ^ set(promised))}")
    return found


def devices(row: Row, shown: Seen, proved: list[str]) -> list[str]:
    """Every GPU that is used must be proved."""
    if row.device == "cpu":
        return [] if proved == ["cpu"] else [f"devices: {proved} on a CPU row"]
    if shown.count is None or proved == [f"cuda:{place}" for place in range(shown.count)]:
        return []
    return [f"devices: {proved} where CUDA shows {shown.count}"]
