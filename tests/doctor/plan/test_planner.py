"""Plans are made of facts alone."""

from __future__ import annotations

import pytest

from doctor.catalogue.load import load_catalogue
from doctor.catalogue.parts import choose_parts
from doctor.catalogue.select import choose_stack
from doctor.catalogue.wishes import Wishes
from doctor.errors import NoStack
from doctor.plan.lock import Lock, Locked
from doctor.plan.model import Plan, ProveEnvironment, PythonChoice, ResolveLock, SetAside, SwitchEnvironment
from doctor.plan.planner import choose_python, inputs_of, plan_install
from doctor.snapshot.model import Snapshot, Unknown
from doctor.words.text import render
from tests.machines_made_up import gpu, machine, python

CATALOGUE = load_catalogue()
LOCK = Lock("", (Locked(name="torch", version="1", file="t.whl", url="u", sha256="s", bytes=1000),))


def plan(snapshot: Snapshot, **changes: object) -> Plan:
    facts: dict[str, object] = {"environment": "e-2", "previous": "e-1", "lock": LOCK, **changes}
    return plan_install(snapshot, CATALOGUE, choose_stack(snapshot, CATALOGUE), **facts)  # type: ignore[arg-type]


def names(found: Plan) -> list[str]:
    return [type(step).__name__ for step in found.steps]


def test_equal_facts_give_equal_plans() -> None:
    assert plan(machine()) == plan(machine())


def test_the_steps_in_their_order() -> None:
    assert names(plan(machine())) == [
        "CreateEnvironment", "InstallPackages", "UnpackConverter", "ProveEnvironment", "SwitchEnvironment",
    ]  # fmt: skip
    found = plan(machine(), leftovers=("e-0",))
    assert found.steps[0] == SetAside(folders=("e-0",))
    assert found.steps[-1] == SwitchEnvironment(environment="e-2", previous="e-1")


def test_without_a_lock_the_first_step_finds_one() -> None:
    first = plan(machine(), lock=None).steps[0]
    assert isinstance(first, ResolveLock)
    assert "cyllama==0.7.0" in first.requirements
    assert "cyllama==0.2.18" not in first.requirements


def test_what_is_in_place_needs_no_step() -> None:
    found = plan(machine(), reusable=True, environment="e-1")
    assert (found.reused, found.steps, found.download_bytes) == (True, (), 0)


def test_every_gpu_must_pass_the_proofs() -> None:
    prove = plan(machine(gpus=(gpu("RTX 3090", "8.6"), gpu("RTX 4090", "8.9", 1)))).steps[-2]
    assert isinstance(prove, ProveEnvironment)
    assert prove.devices == ("cuda:0", "cuda:1")
    assert "nf4" in prove.tests


def test_a_machine_that_no_row_fits_is_told_why() -> None:
    with pytest.raises(NoStack) as refused:
        plan(machine(libc="glibc 2.17"))
    assert "glibc 2.17" in render(refused.value.message, "en")
    with pytest.raises(NoStack):
        plan(machine(system="macos"))


@pytest.mark.parametrize(
    ("interpreter", "wanted", "why"),
    [
        pytest.param(python("3.12.4"), ("3.12", "/opt/python/bin/python3"), None, id="the doctor's own"),
        pytest.param(python("3.9.1"), ("3.12", None), "plan.python_version", id="too old"),
        pytest.param(python("3.15.0"), ("3.12", None), "plan.python_version", id="too new"),
        pytest.param(python("3.13.1", abi_tag="cp313t"), ("3.13", None), "plan.python_kind", id="free-threaded"),
        pytest.param(python("3.11.7", implementation="pypy"), ("3.11", None), "plan.python_kind", id="PyPy"),
        pytest.param(python("3.11.7", bits=32), ("3.11", None), "plan.python_bits", id="32 bits"),
        pytest.param(python("3.11.7", kind="store"), ("3.11", None), "plan.python_store", id="the Store's"),
        pytest.param(Unknown("x"), ("3.12", None), "plan.python_unknown", id="unknown"),
    ],
)
def test_the_python_of_the_environment(interpreter: object, wanted: tuple[str, str | None], why: str | None) -> None:
    found = choose_python(CATALOGUE.stacks[-1], interpreter)  # type: ignore[arg-type]
    assert (found.version, found.path) == wanted
    assert (found.why.key if found.why else None) == why


@pytest.mark.parametrize(
    ("wishes", "others", "wanted"),
    [
        pytest.param(Wishes(python="3.13"), (), ("3.13", None), id="another than the doctor's own"),
        pytest.param(Wishes(python="3.12"), (), ("3.12", "/opt/python/bin/python3"), id="the doctor's own"),
        pytest.param(Wishes(offline=True), (), ("3.12", "/opt/python/bin/python3"), id="offline, the doctor's own"),
    ],
)
def test_a_python_that_is_wished_for(wishes: Wishes, others: tuple[()], wanted: tuple[str, str | None]) -> None:
    found = choose_python(CATALOGUE.stacks[-1], python("3.12.4"), wishes=wishes, others=others)
    assert (found.version, found.path) == wanted


def test_offline_a_python_of_this_machine_is_taken() -> None:
    others = (python("3.12.1", kind="store", path="/store"), python("3.13.2", path="/usr/bin/python3.13"))
    stack = CATALOGUE.stacks[-1]
    found = choose_python(stack, python("3.9.1"), wishes=Wishes(offline=True), others=others)
    assert (found.version, found.path) == ("3.13", "/usr/bin/python3.13")
    bundled = choose_python(stack, python("3.9.1"), wishes=Wishes(offline=True, pythons=("3.12",)))
    assert (bundled.version, bundled.path) == ("3.12", None)


def test_only_the_gpus_that_are_used_must_pass() -> None:
    snapshot = machine(gpus=(gpu("RTX 5060 Ti", "12.0"), gpu("GTX 1080 Ti", "6.1", 1)))
    choice = choose_stack(snapshot, CATALOGUE, wishes=Wishes(gpus=(1,)))
    found = plan_install(snapshot, CATALOGUE, choice, environment="e", previous=None, wishes=Wishes(gpus=(1,)))
    prove = next(step for step in found.steps if isinstance(step, ProveEnvironment))
    assert prove.devices == ("cuda:0",)
    assert found.stack.id == "linux-cu126-torch2.13"


def test_parts_are_resolved_with_the_row() -> None:
    snapshot = machine(gpus=(gpu("RTX 4090", "8.9"),))
    choice = choose_stack(snapshot, CATALOGUE)
    assert choice.stack is not None
    parts = choose_parts(snapshot, CATALOGUE, choice.stack, "3.12", ("flash-attn", "torchao", "hqq"))
    found = plan_install(snapshot, CATALOGUE, choice, environment="e", previous=None, parts=parts)
    first = found.steps[0]
    assert isinstance(first, ResolveLock)
    assert "torchao==0.18.0" in first.requirements
    assert any(one.startswith("flash-attn @ https://") for one in first.requirements)
    assert not any("hqq" in one for one in first.requirements)
    assert found.parts == parts


def test_inputs_differ_when_what_is_installed_differs() -> None:
    first, second = CATALOGUE.stacks[:2]
    digests = {
        inputs_of(stack, CATALOGUE, PythonChoice(version, path))
        for stack in (first, second)
        for version, path in (("3.11", "/a"), ("3.11", "/b"), ("3.12", "/a"))
    }
    # Which interpreter it is does not matter, which version it is does.
    assert len(digests) == 4
