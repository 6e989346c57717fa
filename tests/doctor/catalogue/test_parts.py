"""Optional packages are offered where they exist for the machine, and nowhere else."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from doctor.catalogue.load import load_catalogue
from doctor.catalogue.parts import PartChoice, choose_parts
from doctor.catalogue.select import choose_stack
from doctor.errors import BadInput
from doctor.words.text import LANGUAGES, render
from tests.machines_made_up import gpu, machine

if TYPE_CHECKING:
    from doctor.snapshot.model import Snapshot

CATALOGUE = load_catalogue()
ADA = (gpu("RTX 4090", "8.9"),)
TURING = (gpu("RTX 2080", "7.5"),)


def parts(snapshot: Snapshot, *names: str, python: str = "3.12") -> dict[str, PartChoice]:
    stack = choose_stack(snapshot, CATALOGUE).stack
    assert stack is not None
    return {part.name: part for part in choose_parts(snapshot, CATALOGUE, stack, python, names)}


def test_flash_attention_is_the_wheel_of_torch_cuda_python_and_system() -> None:
    base = "https://github.com/mjun0812/flash-attention-prebuild-wheels/releases/download/"
    windows = parts(machine(system="windows", gpus=ADA), "flash-attn")["flash-attn"]
    assert windows.url == base + "v0.9.52/flash_attn-2.8.3%2Bcu130torch2.13-cp312-cp312-win_amd64.whl"
    assert (windows.requirement, windows.reason) == ("", None)
    linux = parts(machine(gpus=ADA, driver="550.54"), "flash-attn", python="3.14")["flash-attn"]
    assert "cu126torch2.13-cp314-cp314-manylinux" in linux.url


def test_a_card_without_code_gets_no_flash_attention() -> None:
    found = parts(machine(gpus=TURING), "flash-attn")["flash-attn"]
    assert found.url == ""
    assert found.reason is not None
    assert "no code for GPU 0 (RTX 2080, 7.5)" in render(found.reason, "en")
    assert "8.0 or newer" in render(found.reason, "en")
    mixed = parts(machine(gpus=(*ADA, gpu("RTX 2080", "7.5", 1))), "flash-attn")["flash-attn"]
    assert mixed.reason is not None


def test_triton_comes_from_another_package_under_windows() -> None:
    assert parts(machine(gpus=ADA), "triton")["triton"].requirement == "triton"
    under_windows = parts(machine(system="windows", gpus=ADA), "triton")["triton"]
    assert under_windows.requirement == "triton-windows==3.7.1.post27"


def test_a_part_brings_what_it_needs_before_itself() -> None:
    found = parts(machine(system="windows", gpus=ADA), "liger")
    assert list(found) == ["triton", "liger"]
    assert found["liger"].dependencies is False
    without = parts(machine(gpus=TURING), "liger")["liger"]
    assert without.reason is not None
    assert "it needs Triton" in render(without.reason, "en")


def test_xformers_comes_from_torchs_own_index() -> None:
    found = parts(machine(system="windows", gpus=ADA), "xformers")["xformers"]
    assert found.requirement == "xformers==0.0.35"
    assert found.index == "https://download.pytorch.org/whl/cu130"
    # By the PTX of an older architecture.
    assert parts(machine(system="windows", gpus=(gpu("RTX 5090", "12.0"),)), "xformers")["xformers"].reason is None


def test_llama_cpp_python_needs_a_new_glibc_under_linux() -> None:
    old = parts(machine(gpus=ADA, libc="glibc 2.31"), "llama-cpp-python")["llama-cpp-python"]
    assert old.reason is not None
    assert "glibc 2.35" in render(old.reason, "en")
    new = parts(machine(gpus=ADA, libc="glibc 2.39"), "llama-cpp-python")["llama-cpp-python"]
    assert new.index.endswith("/cu130")


@pytest.mark.parametrize("name", ["unsloth", "deepspeed", "gptq", "awq", "hqq"])
def test_what_has_no_wheel_says_what_it_would_take(name: str) -> None:
    found = parts(machine(gpus=ADA), name)[name]
    assert (found.requirement, found.url) == ("", "")
    assert found.reason is not None


def test_a_wrong_python_is_told_with_those_that_would_do() -> None:
    snapshot = machine(system="windows", gpus=(gpu("RTX 5060 Ti", "12.0"), gpu("TITAN V", "7.0", 1)))
    found = parts(snapshot, "triton", python="3.14")["triton"]
    assert found.reason is not None
    assert "Python 3.14" in render(found.reason, "en")


def test_a_name_that_is_not_known_is_refused_with_those_that_are() -> None:
    with pytest.raises(BadInput) as refused:
        parts(machine(), "flash")
    assert refused.value.hint is not None
    assert "flash-attn" in render(refused.value.hint, "en")


def test_every_part_has_an_offer_or_a_reason_everywhere() -> None:
    names = [part.name for part in CATALOGUE.parts]
    cards = ("6.1", "7.0", "7.5", "8.0", "8.6", "8.9", "9.0", "10.0", "12.0")
    for system, card, driver in itertools.product(("windows", "linux"), cards, ("460.1", "530.1", "572.1", "590.1")):
        snapshot = machine(system=system, gpus=(gpu("card", card),), driver=driver)  # type: ignore[arg-type]
        for found in parts(snapshot, *names).values():
            assert bool(found.requirement or found.url) == (found.reason is None)
            if found.reason is not None:
                for language in LANGUAGES:
                    assert len(render(found.reason, language)) > 10
            else:
                assert found.source
