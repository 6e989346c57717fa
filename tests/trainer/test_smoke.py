"""The proofs pass in a real environment and fail, naming the package, in one that is broken."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trainer.contract import Event, Failed, Finished, SmokeRequest, Staged, read_event, write_request

if TYPE_CHECKING:
    from doctor.environment import Environment

ROOT = Path(__file__).parent.parent.parent


def smoke(
    environment: Environment, folder: Path, request: SmokeRequest, *, shadow: Path | None = None
) -> tuple[int, list[Event]]:
    file = folder / "request.json"
    file.write_text(write_request(request), encoding="utf-8")
    return events_of(environment, folder, ["-m", "trainer.smoke", str(file)], shadow)


def events_of(
    environment: Environment, folder: Path, arguments: list[str], shadow: Path | None = None
) -> tuple[int, list[Event]]:
    paths = [str(path) for path in (shadow, ROOT) if path]
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    ran = subprocess.run(
        [environment.python, *arguments],
        env={**environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_WAIT_POLICY": "PASSIVE"},
        cwd=folder, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    events = [event for event in map(read_event, ran.stdout.splitlines()) if event is not None]
    assert len(events) == len(ran.stdout.splitlines()), ran.stdout
    return ran.returncode, events


@pytest.mark.slow
def test_every_proof_passes_where_all_is_well(environment: Environment, tmp_path: Path) -> None:
    names = ("import", "matmul", "attention", "train", "gguf")
    code, events = smoke(environment, tmp_path, SmokeRequest(tests=names, converter=str(environment.converter)))
    assert code == 0, events[-1]
    ended = [event for event in events if isinstance(event, Staged) and event.seconds is not None]
    assert [event.stage for event in ended] == list(names)
    finished = events[-1]
    assert isinstance(finished, Finished)
    proofs = finished.result["proofs"]
    assert proofs["import"]["torch"].startswith("2.")
    matmul = proofs["matmul cpu"]
    assert 0 < matmul["float32"] < 1e-5
    # Fewer bits must be worse by as much as they are fewer, else it was not computed in them: 23, 10 and 7 are kept.
    assert 100 * matmul["float32"] < matmul["float16"] < 4e-3
    assert 4 * matmul["float16"] < matmul["bfloat16"] < 2e-2
    for attention in proofs["attention cpu"].values():
        assert attention["kernels"]["math"] is not None
        assert attention["kernels"][attention["default"]] is not None
    assert proofs["gguf"]["same"]["f32"] == proofs["gguf"]["tokens"] == 12
    assert 6 <= proofs["gguf"]["same"]["Q8_0"] <= 12
    # Each package is said before it is imported: one that ends the whole process says nothing any more.
    begun = [event.detail.get("package") for event in events if isinstance(event, Staged) and event.seconds is None]
    assert begun[:4] == ["", "torch", "transformers", "peft"]


@pytest.mark.slow
def test_two_processes_sum_on_the_cpu(environment: Environment, tmp_path: Path) -> None:
    code, events = smoke(environment, tmp_path, SmokeRequest(tests=("all-reduce",)))
    assert code == 0, events[-1]
    finished = events[-1]
    assert isinstance(finished, Finished)
    told = finished.result["proofs"]["all-reduce"]
    assert (told["backend"], told["devices"]) == ("gloo", ["cpu", "cpu"])
    assert told["megabytes_per_second"] > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shadowed", "content", "proof", "kind", "told", "package"),
    [
        pytest.param("peft.py", "import no_such_library", "import", "missing_package", "peft cannot be imported",
                     "peft", id="peft"),
        pytest.param("torch.py", "raise OSError('libtorch.so: wrong ELF class')", "import", "crashed",
                     "torch cannot be imported: OSError: libtorch.so", "torch", id="torch"),
        pytest.param("gguf.py", "", "gguf", "crashed", "cyllama: the proof `gguf` failed", "cyllama", id="gguf"),
        pytest.param("bitsandbytes.py", "raise OSError('libbitsandbytes_cuda130.so')", "nf4", "crashed",
                     "bitsandbytes: the proof `nf4` on cpu failed: OSError: libbitsandbytes", "bitsandbytes", id="nf4"),
        pytest.param("gptqmodel.py", "import no_such_library", "gptq", "missing_package", "No module named",
                     "gptqmodel", id="a part imported elsewhere"),
    ],
)  # fmt: skip
def test_a_broken_package_is_named(
    environment: Environment,
    tmp_path: Path,
    shadowed: str,
    content: str,
    proof: str,
    kind: str,
    told: str,
    package: str,
) -> None:
    shadow = tmp_path / "shadow"
    shadow.mkdir()
    (shadow / shadowed).write_text(content, encoding="utf-8")
    code, events = smoke(environment, tmp_path, SmokeRequest(tests=(proof,)), shadow=shadow)
    failed = events[-1]
    assert isinstance(failed, Failed)
    assert (code, failed.kind) == (1, kind)
    assert told in failed.message
    assert (failed.package, failed.proof) == (package, proof)


@pytest.mark.slow
def test_a_converter_that_does_not_start_is_told(environment: Environment, tmp_path: Path) -> None:
    (tmp_path / "convert_hf_to_gguf.py").write_text("import no_such_library", encoding="utf-8")
    code, events = smoke(environment, tmp_path, SmokeRequest(tests=("gguf",), converter=str(tmp_path)))
    failed = events[-1]
    assert isinstance(failed, Failed)
    assert code == 1
    assert "converter does not start: ModuleNotFoundError" in failed.message


@pytest.mark.slow
@pytest.mark.parametrize(
    ("damage", "proof", "told"),
    [
        # A torch whose matrix product is off by a little more than rounding explains.
        pytest.param(
            "right = torch.Tensor.__matmul__\n"
            "torch.Tensor.__matmul__ = lambda a, b: right(a, b) * (1.0001 if a.dtype == torch.float32 else 1)\n",
            "matmul", "torch: the proof `matmul` on cpu failed: matmul in float32", id="matmul",
        ),
        # bfloat16 that is really eight bits.
        pytest.param(
            "right = torch.Tensor.__matmul__\n"
            "torch.Tensor.__matmul__ = lambda a, b: right(a, b).to(torch.float8_e5m2).to(a.dtype)"
            " if a.dtype == torch.bfloat16 else right(a, b)\n",
            "matmul", "matmul in bfloat16", id="too few bits",
        ),
        # A kernel that looks into the future.
        pytest.param(
            "from torch.nn import functional\nright = functional.scaled_dot_product_attention\n"
            "functional.scaled_dot_product_attention = lambda q, k, v, is_causal: right(q, k, v)\n",
            "attention", "torch: the proof `attention` on cpu failed: attention in float32", id="attention",
        ),
        # llama.cpp with another base for its rotations: words that look like words, and are wrong.
        pytest.param(
            "import gguf\nright = gguf.GGUFWriter.add_rope_dimension_count\n"
            "gguf.GGUFWriter.add_rope_dimension_count ="
            " lambda w, n: (right(w, n), w.add_rope_freq_base(100.0))\n",
            "gguf", "cyllama: the proof `gguf` failed: llama.cpp says the tokens", id="gguf",
        ),
    ],
)  # fmt: skip
def test_a_wrong_result_is_noticed(
    environment: Environment, tmp_path: Path, damage: str, proof: str, told: str
) -> None:
    request = tmp_path / "request.json"
    request.write_text(json.dumps({"tests": [proof]}), encoding="utf-8")
    words = f"import sys, torch\n{damage}from trainer.smoke import main\nsys.exit(main(sys.argv[1]))\n"
    code, events = events_of(environment, tmp_path, ["-c", words, str(request)])
    assert code == 1
    failed = events[-1]
    assert isinstance(failed, Failed)
    assert told in failed.message


@pytest.mark.slow
def test_what_hangs_is_ended_and_named(environment: Environment, tmp_path: Path) -> None:
    shadow = tmp_path / "shadow"
    shadow.mkdir()
    (shadow / "bitsandbytes.py").write_text("import time\ntime.sleep(3600)\n", encoding="utf-8")
    code, events = smoke(environment, tmp_path, SmokeRequest(tests=("nf4",), patience=0.02), shadow=shadow)
    failed = events[-1]
    assert isinstance(failed, Failed)
    assert (code, failed.package, failed.proof) == (1, "bitsandbytes", "nf4")
    assert "no end after 6 s" in failed.message


@pytest.mark.slow
def test_a_gpu_that_is_not_there_is_told(environment: Environment, tmp_path: Path) -> None:
    code, events = smoke(environment, tmp_path, SmokeRequest(tests=("matmul",), devices=("cuda",)))
    failed = events[-1]
    assert isinstance(failed, Failed)
    assert (code, failed.package, failed.proof) == (1, "torch", "matmul")
    assert "torch sees no GPU" in failed.message


def test_a_proof_there_is_not_is_refused_before_anything_runs(environment: Environment, tmp_path: Path) -> None:
    code, events = smoke(environment, tmp_path, SmokeRequest(tests=("import", "luck")))
    failed = events[-1]
    assert isinstance(failed, Failed)
    assert (code, failed.kind, len(events)) == (2, "bad_job", 2)


_ATTENTION = """
from torch.nn import functional
def attend(q, k, v, causal):
    turned = (part.transpose(1, 2) for part in (q, k, v))
    return functional.scaled_dot_product_attention(*turned, is_causal=causal).transpose(1, 2)
"""


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["", " * 1.1"])
def test_attention_of_optional_parts_is_compared_with_torchs(
    environment: Environment, tmp_path: Path, fault: str
) -> None:
    """Stand-ins of FlashAttention and xFormers on the CPU: no machine here has a GPU, where the real ones work."""
    for name, words in {
        "flash_attn": f"{_ATTENTION}def flash_attn_func(q, k, v, causal): return attend(q, k, v, causal){fault}\n",
        "xformers/__init__": "",
        "xformers/ops": f"{_ATTENTION}class LowerTriangularMask: pass\n"
        f"def memory_efficient_attention(q, k, v, attn_bias): return attend(q, k, v, True){fault}\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / f"{name}.py").write_text(words, encoding="utf-8")
    words = (
        "from trainer import proofs_parts as parts\n"
        "parts.require_capability = lambda *_: None\n"
        "parts._version = lambda *_, **__: {}\n"
        "print(parts.prove_flash_attn('cpu', None))\n"
        "print(parts._prove_xformers_on('cpu'))\n"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    ran = subprocess.run(
        [environment.python, "-c", words], env=environ, capture_output=True, encoding="utf-8", check=False
    )
    if fault:
        assert "Wrong: attention in float16 is off by 0.1" in ran.stderr
    else:
        assert ran.returncode == 0, ran.stderr
        assert ran.stdout.count("bfloat16") == 2  # causal and not
