"""Which formats a device is asked for, which group works together how, and that names agree: no torch is needed."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from doctor.catalogue.model import PROOFS
from trainer import proof_group, smoke
from trainer.contract import SmokeRequest
from trainer.proof_group import group_for, prove_all_reduce, variables_for
from trainer.proving import BFLOAT16, FLOAT16, FLOAT32, Wrong, formats_for

ROOT = Path(__file__).parent.parent.parent


def test_the_catalogue_knows_the_proofs_that_there_are() -> None:
    assert set(PROOFS) == set(smoke.PROOFS)


@pytest.mark.parametrize(
    ("capability", "wanted"),
    [
        (None, (FLOAT32, FLOAT16, BFLOAT16)),
        ((6, 1), (FLOAT32, FLOAT16)),
        ((7, 5), (FLOAT32, FLOAT16)),
        ((8, 0), (FLOAT32, FLOAT16, BFLOAT16)),
        ((8, 9), (FLOAT32, FLOAT16, BFLOAT16)),
        ((12, 0), (FLOAT32, FLOAT16, BFLOAT16)),
    ],
)
def test_bfloat16_is_asked_of_gpus_that_know_it(capability: tuple[int, int] | None, wanted: tuple[object, ...]) -> None:
    formats, left_out = formats_for(capability)
    assert formats == wanted
    assert ("bfloat16" in left_out) == (BFLOAT16 not in wanted)
    assert all("8.0" in why for why in left_out.values())


@pytest.mark.parametrize(
    ("devices", "platform", "wanted"),
    [
        (("cpu",), "linux", (("cpu", "cpu"), "gloo")),
        (("cpu",), "win32", (("cpu", "cpu"), "gloo")),
        (("cuda:0", "cuda:1"), "linux", (("cuda:0", "cuda:1"), "nccl")),
        (("cuda:0", "cuda:1"), "win32", (("cuda:0", "cuda:1"), "gloo")),
        (("cuda:1", "cuda:3", "cuda:0"), "linux", (("cuda:1", "cuda:3", "cuda:0"), "nccl")),
    ],
)
def test_who_works_together_and_how(devices: tuple[str, ...], platform: str, wanted: tuple[object, str]) -> None:
    assert group_for(devices, platform) == wanted


def test_the_group_stays_on_this_machine() -> None:
    outside = {"MASTER_ADDR": "10.0.0.1", "USE_LIBUV": "1", "PATH": "x"}
    linux = variables_for({}, 1234, "linux", outside)
    assert (linux["MASTER_ADDR"], linux["MASTER_PORT"], linux["GLOO_SOCKET_IFNAME"]) == ("127.0.0.1", "1234", "lo")
    windows = variables_for({}, 1234, "win32", outside)
    # No Windows wheel of torch has the store that USE_LIBUV=1 asks for.
    assert (windows["USE_LIBUV"], "GLOO_SOCKET_IFNAME" in windows) == ("0", False)
    assert outside["USE_LIBUV"] == "1"


def test_with_one_gpu_nobody_is_there_to_sum_with() -> None:
    assert "one GPU" in prove_all_reduce("cuda:0", SmokeRequest(tests=(), devices=("cuda:0",)))["left_out"]


def test_gpus_that_only_work_without_direct_access_are_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Consumer cards: NCCL fails, and works with NCCL_P2P_DISABLE=1. No machine here has two GPUs."""
    asked: list[dict[str, str]] = []

    def together(devices: object, backend: str, variables: dict[str, str], folder: Path) -> dict[str, object] | str:
        asked.append(variables)
        return {"met_seconds": 1.0} if "NCCL_P2P_DISABLE" in variables else "ncclUnhandledCudaError"

    monkeypatch.setattr(proof_group, "_together", together)
    monkeypatch.setattr(proof_group.sys, "platform", "linux")
    request = SmokeRequest(tests=(), devices=("cuda:0", "cuda:1"))
    told = prove_all_reduce("cuda:0", request)
    assert told["needs"] == {"NCCL_P2P_DISABLE": "1"}
    assert len(asked) == 2
    monkeypatch.setattr(proof_group, "_together", lambda *_: "ncclUnhandledCudaError")
    with pytest.raises(Wrong, match=r"2 processes cannot work together \(nccl\): ncclUnhandledCudaError"):
        prove_all_reduce("cuda:0", request)


def test_the_kernel_in_triton_can_be_read_without_triton() -> None:
    tree = ast.parse((ROOT / "trainer" / "triton_kernel.py").read_text(encoding="utf-8"))
    assert {node.name for node in tree.body if isinstance(node, ast.FunctionDef)} == {"_add_scaled", "add_scaled"}
