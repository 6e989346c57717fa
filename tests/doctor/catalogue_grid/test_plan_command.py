"""`tunedoc plan --from … --json` as a process tells what the resolver says here, and needs nothing of this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from doctor.catalogue.load import load_catalogue, shipped_file
from doctor.snapshot.codec import from_json, to_json
from tests.doctor.catalogue_grid.checker import contradictions
from tests.doctor.catalogue_grid.facts import read_facts
from tests.doctor.catalogue_grid.machines import Machine, grid, odd_machines
from tests.doctor.catalogue_grid.planning import plan_of

ROOT = Path(__file__).parent.parent.parent.parent
CATALOGUE = load_catalogue()
PARTS = "flash-attn,triton,xformers,hqq"


MACHINES = 12 if sys.platform == "win32" else 40
"""The decisions are the same everywhere; in Wine a process takes two seconds."""


def sample() -> list[Machine]:
    """Machines from everywhere in the grid, every fourth of them an odd one."""
    machines, odd = list(grid()), MACHINES // 4
    even = MACHINES - odd
    return machines[:: len(machines) // even][:even] + list(odd_machines(200))[:: 200 // odd][:odd]


def run(folder: Path, machine: Machine) -> dict[str, Any]:
    """The envelope that the command prints, with an empty home and every way to the network leading nowhere."""
    folder.mkdir()
    (folder / "machine.json").write_text(to_json(machine.snapshot()), encoding="utf-8")
    nowhere = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "PATH") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "doctor", "plan", "--from", str(folder / "machine.json"), "--with", PARTS, "--json"],
        cwd=ROOT,
        env={**kept, **nowhere, "HOME": str(folder), "USERPROFILE": str(folder), "TUNEDOC_HOME": str(folder / "home")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def test_the_command_plans_as_the_resolver_does_and_needs_no_machine(tmp_path: Path) -> None:
    machines = sample()
    assert len(machines) == MACHINES
    with ThreadPoolExecutor(2) as pool:
        told = pool.map(lambda pair: run(tmp_path / f"m {pair[0]}", pair[1]), enumerate(machines))
        for machine, envelope in zip(machines, told, strict=True):
            # As the file has it: serial numbers of cards have a stand-in there.
            plan = plan_of(from_json(to_json(machine.snapshot()), "machine.json"), CATALOGUE, *PARTS.split(","))
            if plan["stack"] is None:
                assert envelope["exit_code"] == 3, machine.label
                assert envelope["errors"], machine.label
                continue
            assert envelope["exit_code"] == 0, (machine.label, envelope["errors"])
            data = envelope["data"]
            for key in ("stack", "device", "torch", "cuda"):
                assert data[key] == plan[key], machine.label
            assert data["python"]["version"] == plan["python"]["version"], machine.label
            assert [{"stack": row["stack"], "code": row["code"]} for row in data["rejected"]] == plan["rejected"]
            assert all(row["reason"] for row in data["rejected"]), machine.label
            assert [(each["kind"], each["value"] or "", each["stack"]) for each in data["changes"]] == [
                (each["kind"], each["value"], each["stack"]) for each in plan["changes"]
            ]
            parts = [(each["name"], each["requirement"] or unquote(each["url"] or "")) for each in data["parts"]]
            assert parts == [(each["name"], each["package"]) for each in plan["parts"]], machine.label
            proof = next(step for step in data["steps"] if "devices" in step)
            assert proof["devices"] == plan["devices"], machine.label
            record = {**data, "devices": proof["devices"], "requirements": plan["requirements"]}
            if machine.visible is None:
                assert contradictions(read_facts(shipped_file()), machine.facts(), record) == [], machine.label
