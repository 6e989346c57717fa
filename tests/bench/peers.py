"""Which torch would others install on the same machines, and would it run there?

python tests/bench/peers.py [--table FILE]     prints JSON to stdout and words to stderr; exits 1 when one of tunedoc's
                                               own plans would fail

uv (`--torch-backend auto`), light-the-torch and torchruntime run themselves, each told the machine by way of what it
looks at. torch's package index is a stand-in on this machine with the builds that the catalogue knows. Whether a build
runs on a card is judged by the checker of tests/doctor/catalogue_grid. How fair this is: docs/reference/peers.md.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.bench.torch_index import HOST, TorchIndex, wheel_name  # noqa: E402
from tests.doctor.catalogue_grid.facts import Build, Facts, older, read_facts, runs  # noqa: E402
from tests.doctor.catalogue_grid.machines import CARDS, PYTHONS, SYSTEMS, Machine, drivers_of  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PEERS = ("light-the-torch", "torchruntime")
PLATFORMS = {"windows": ("win_amd64",), "linux": ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "linux_x86_64")}
UV_PLATFORMS = {"windows": "windows", "linux": "x86_64-manylinux_2_28"}


@dataclass(frozen=True)
class Verdict:
    """What became of one plan."""

    kind: str
    """`runs`; `may run`: nobody read what the build has code for, and its CUDA can compile for the cards;
    `fails on every card`; `fails on one card`; `driver too old`; `CPU though CUDA would run`;
    `CPU, as nothing else runs`; `nothing`: no wheel, or refused; `not known`: a build that the catalogue lacks."""
    build: str


def main() -> int:
    """Ask, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", type=Path, help="write the table here, as Markdown")
    parser.add_argument("--every", type=int, default=1, help="only every so many-th machine")
    arguments = parser.parse_args()
    facts = read_facts(ROOT / "wheels.toml")
    machines = list(possible_machines(facts))[:: arguments.every]
    with tempfile.TemporaryDirectory() as folder:
        rig = Rig(Path(folder), facts)
        answers = {"tunedoc": ours(machines), **rig.ask(machines)}
    record: dict[str, Any] = {"machines": len(machines), "versions": rig.versions, "missing": rig.missing, "plans": {}}
    for name, builds in answers.items():
        verdicts = [judge(facts, machine, build) for machine, build in zip(machines, builds, strict=True)]
        record["plans"][name] = summary(machines, verdicts)
    print(json.dumps(record, indent=2))
    words = table(record)
    print(words, file=sys.stderr)
    for name, why in rig.missing.items():
        print(f"{name} was not asked: {why}", file=sys.stderr)
    if arguments.table:
        arguments.table.write_text(words + "\n", encoding="utf-8", newline="\n")
    failing = record["plans"]["tunedoc"]["fail"]
    print(f"plans of tunedoc that would fail: {failing}, promised 0", file=sys.stderr)
    return int(failing > 0)


def possible_machines(facts: Facts) -> Iterator[Machine]:
    """The grid's GPUs, drivers and Pythons under Windows 11 and a current Linux, without those that cannot exist."""
    for system in SYSTEMS:
        if system.wsl or (system.release, system.glibc) not in (("11", ""), ("", "2.35")):
            continue
        for cards in CARDS:
            for driver in drivers_of(system):
                if all(facts.knows(driver, card.capability, system.system) for card in cards):
                    for version in PYTHONS:
                        yield replace(system, cards=cards, driver=driver, python=version)


def ours(machines: Iterable[Machine]) -> list[str | None]:
    """The torch builds of tunedoc's plans."""
    from doctor.catalogue.load import load_catalogue
    from doctor.catalogue.select import choose_stack

    catalogue = load_catalogue()
    chosen = (choose_stack(machine.snapshot(), catalogue, with_changes=False).stack for machine in machines)
    return [None if stack is None else stack.torch if "+" in stack.torch else f"{stack.torch}+cpu" for stack in chosen]


def judge(facts: Facts, machine: Machine, build: str | None) -> Verdict:
    """What happens when that torch meets that machine."""
    if build is None:
        return Verdict("nothing", "")
    version, _, variant = build.partition("+")
    if variant == "cpu":
        could = any(fits(facts, machine, each) for each in facts.builds.values() if each.system == machine.system)
        return Verdict("CPU though CUDA would run" if could else "CPU, as nothing else runs", build)
    found = facts.builds.get((version, variant, machine.system))
    if found is None:
        return Verdict("not known", build)
    if older(machine.driver, facts.drivers[(found.cuda_major, machine.system)]):
        return Verdict("driver too old", build)
    if found.compiled:
        served = [runs(card.capability, found.compiled, found.portable) for card in machine.cards]
    else:
        served = [facts.can_have_code(found, card.capability) for card in machine.cards]
    if all(served):
        return Verdict("runs" if found.compiled else "may run", build)
    return Verdict("fails on one card" if any(served) else "fails on every card", build)


def fits(facts: Facts, machine: Machine, build: Build) -> bool:
    """Whether a CUDA build runs on every card of a machine, whatever its Python (an installer can bring one)."""
    return (
        bool(build.cuda_major)
        and not older(machine.driver, facts.drivers[(build.cuda_major, machine.system)])
        and all(runs(card.capability, build.compiled, build.portable) for card in machine.cards)
    )


FAILING = ("fails on every card", "fails on one card", "driver too old")


def summary(machines: list[Machine], verdicts: list[Verdict]) -> dict[str, Any]:
    """Counts, and an example of each kind of failure."""
    counts = Counter(verdict.kind for verdict in verdicts)
    examples: dict[str, str] = {}
    for machine, verdict in zip(machines, verdicts, strict=True):
        if verdict.kind in (*FAILING, "nothing", "CPU though CUDA would run"):
            examples.setdefault(verdict.kind, f"{machine.label}: torch {verdict.build or '-'}")
    by_cards: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for machine, verdict in zip(machines, verdicts, strict=True):
        kinds = sorted(
            {card.capability for card in machine.cards}, key=lambda words: [int(n) for n in words.split(".")]
        )
        told = by_cards[" + ".join(kinds)]
        told[0] += verdict.kind in FAILING
        told[1] += 1
    by_builds = Counter(verdict.build or "-" for verdict in verdicts)
    return {
        "fail": sum(counts[kind] for kind in FAILING),
        "counts": dict(counts.most_common()),
        "builds": dict(by_builds.most_common()),
        "failing_of_machines_by_capability": dict(by_cards),
        "examples": examples,
    }


def table(record: dict[str, Any]) -> str:
    """The result as a Markdown table."""
    kinds = (
        "runs",
        "may run",
        "CPU, as nothing else runs",
        "CPU though CUDA would run",
        "nothing",
        "not known",
        *FAILING,
    )
    plans = record["plans"]
    used = [kind for kind in kinds if any(plan["counts"].get(kind) for plan in plans.values())]
    heads = [f"{name} {record['versions'].get(name, '')}".strip() for name in plans]
    lines = [f"| of {record['machines']} machines | " + " | ".join(heads) + " |", "|---|" + "---:|" * len(plans)]
    for kind in used:
        lines.append(f"| {kind} | " + " | ".join(str(plan["counts"].get(kind, 0)) for plan in plans.values()) + " |")
    total = record["machines"]
    shares = (f"**{plan['fail']}** ({100 * plan['fail'] / total:.0f} %)" for plan in plans.values())
    lines.append("| **would fail on the card** | " + " | ".join(shares) + " |")
    return "\n".join(lines)


class Rig:
    """The peers, in an environment that is thrown away, and the index that they ask."""

    def __init__(self, folder: Path, facts: Facts) -> None:
        """Install what can be had into `folder`."""
        self.folder = folder
        self.files = index_files(facts)
        self.versions: dict[str, str] = {}
        self.missing: dict[str, str] = {}
        self.uv = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
        self.venv = folder / "peers"
        self.python = self.venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        self._memory: dict[Any, str | None] = {}
        self._install()

    def ask(self, machines: list[Machine]) -> dict[str, list[str | None]]:
        """Torch builds by peer."""
        answers: dict[str, list[str | None]] = {}
        if "uv" in self.missing:
            return answers
        with TorchIndex(self.files, self.folder / "server.pem") as index:
            self.index = index
            if "uv" in self.versions:
                answers["uv"] = self.ask_uv(machines)
            told = self._worker(machines)
            if "light-the-torch" in self.versions:
                answers["light-the-torch"] = [
                    self._pip(machine, ("-m", "light_the_torch"), ("--pytorch-computation-backend", ",".join(each)))
                    for machine, each in zip(machines, (answer["light_the_torch"] for answer in told), strict=True)
                ]
            if "torchruntime" in self.versions:
                answers["torchruntime"] = [
                    self._pip(machine, ("-m", "pip"), tuple(answer.get("pip", ["torch"])[1:]))
                    if "refused" not in answer
                    else None
                    for machine, answer in zip(machines, (answer["torchruntime"] for answer in told), strict=True)
                ]
        return answers

    def ask_uv(self, machines: list[Machine]) -> list[str | None]:
        """uv looks at the driver's version: drivers for which it asks the same indexes give the same answer."""
        groups: dict[tuple[str, str], frozenset[str]] = {}
        answers: list[str | None] = []
        for machine in machines:
            key = (machine.system, machine.driver)
            if key not in groups:
                self.index.asked.clear()
                self._uv(replace(machine, python="3.12"))
                groups[key] = frozenset(path for path in self.index.asked if path.endswith("/torch/"))
            memory = ("uv", machine.system, machine.python, groups[key])
            if memory not in self._memory:
                self._memory[memory] = self._uv(machine)
            answers.append(self._memory[memory])
        return answers

    def _uv(self, machine: Machine) -> str | None:
        target = ("--python-platform", UV_PLATFORMS[machine.system], "--python-version", machine.python)
        quiet = ("--no-cache", "--no-config", "--quiet", "--no-header", "--no-annotate")
        done = self._run(
            [self.uv, "pip", "compile", "--torch-backend", "auto", *target, *quiet, "-"],
            typed="torch",
            UV_CUDA_DRIVER_VERSION=machine.driver,
        )
        found = re.search(r"^torch==(\S+)", done.stdout, re.MULTILINE)
        return found[1] if found else None

    def _pip(self, machine: Machine, program: tuple[str, ...], options: tuple[str, ...]) -> str | None:
        memory = (program, options, machine.system, machine.python)
        if memory not in self._memory:
            platforms = [word for each in PLATFORMS[machine.system] for word in ("--platform", each)]
            target = (*platforms, "--python-version", machine.python, "--only-binary=:all:", "--ignore-installed")
            quiet = ("--dry-run", "--quiet", "--no-cache-dir", "--disable-pip-version-check", "--report", "-")
            folder = ("--target", self.folder / "target")
            done = self._run([self.python, *program, "install", *quiet, *target, *folder, *options, "torch"])
            found = re.search(r'"url": "[^"]*/torch-([^-"]+)-', done.stdout)
            self._memory[memory] = urllib.parse.unquote(found[1]) if found else None
        return self._memory[memory]

    def _worker(self, machines: list[Machine]) -> list[dict[str, Any]]:
        asked = [
            {"system": m.system, "driver": m.driver, "python": m.python, "pci": [card.pci for card in m.cards]}
            for m in machines
        ]
        done = self._run([self.python, ROOT / "tests" / "bench" / "peer_worker.py"], typed=json.dumps(asked))
        if done.returncode:
            raise SystemExit(done.stderr)
        return json.loads(done.stdout)  # type: ignore[no-any-return]

    def _install(self) -> None:
        version = self._run([self.uv, "--version"])
        self.versions["uv"] = version.stdout.split()[1]
        made = self._run([self.uv, "venv", "--quiet", "--python", sys.executable, self.venv], proxied=False)
        if made.returncode:
            raise SystemExit(made.stderr)
        for name in ("trustme", *PEERS):
            done = self._run([self.uv, "pip", "install", "--quiet", "--python", self.python, name], proxied=False)
            if done.returncode:
                why = f"{name} cannot be installed: {done.stderr.strip().splitlines()[-1].strip()}"
                # Without a certificate for the stand-in index nobody can be asked.
                self.missing |= dict.fromkeys(("uv", *PEERS) if name == "trustme" else (name,), why)
        listed = self._run([self.uv, "pip", "list", "--quiet", "--python", self.python, "--format=json"], proxied=False)
        have = {package["name"]: package["version"] for package in json.loads(listed.stdout)}
        self.versions |= {name: have[name] for name in PEERS if name in have}
        code = (
            "import sys, trustme; ca = trustme.CA(); ca.cert_pem.write_to_path(sys.argv[2]);"
            "ca.issue_cert(sys.argv[1]).private_key_and_cert_chain_pem.write_to_path(sys.argv[3])"
        )
        if "uv" not in self.missing:
            self._run([self.python, "-c", code, HOST, self.folder / "ca.pem", self.folder / "server.pem"])

    def _run(
        self, argv: list[Any], *, typed: str = "", proxied: bool = True, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        environ = {**os.environ, **variables}
        if proxied and hasattr(self, "index"):
            environ |= {"HTTPS_PROXY": self.index.proxy, "SSL_CERT_FILE": str(self.folder / "ca.pem")}
            environ |= {"PIP_CERT": str(self.folder / "ca.pem"), "PIP_CONFIG_FILE": os.devnull, "UV_HTTP_RETRIES": "0"}
            for name in (
                "PIP_INDEX_URL",
                "PIP_EXTRA_INDEX_URL",
                "UV_DEFAULT_INDEX",
                "UV_INDEX",
                "NO_PROXY",
                "no_proxy",
            ):
                environ.pop(name, None)
        words = [str(word) for word in argv]
        return subprocess.run(words, input=typed, text=True, capture_output=True, env=environ, encoding="utf-8")


def index_files(facts: Facts) -> dict[str, tuple[str, ...]]:
    """Names of wheels by variant: every torch build that the catalogue knows, for each of its Pythons."""
    files: dict[str, list[str]] = defaultdict(list)
    for build in facts.builds.values():
        for version in sorted(build.pythons):
            files[build.variant].append(wheel_name(build.torch, build.variant, version, build.system))
    return {variant: tuple(names) for variant, names in files.items()}


if __name__ == "__main__":
    sys.exit(main())
