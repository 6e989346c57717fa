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
    environment: Environment, folder: Path, *tests: str, converter: str = "", shadow: Path | None = None
) -> tuple[int, list[Event]]:
    request = folder / "request.json"
    request.write_text(write_request(SmokeRequest(tests=tests, converter=converter)), encoding="utf-8")
    paths = [str(path) for path in (shadow, ROOT) if path]
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    ran = subprocess.run(
        [environment.python, "-m", "trainer.smoke", str(request)],
        env={**environ, "PYTHONPATH": os.pathsep.join(paths), "OMP_WAIT_POLICY": "PASSIVE"},
        cwd=folder, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    events = [event for event in map(read_event, ran.stdout.splitlines()) if event is not None]
    assert len(events) == len(ran.stdout.splitlines()), ran.stdout
    return ran.returncode, events


@pytest.mark.slow
def test_every_proof_passes_where_all_is_well(environment: Environment, tmp_path: Path) -> None:
    names = ("import", "matmul", "attention", "train", "gguf")
    code, events = smoke(environment, tmp_path, *names, converter=str(environment.converter))
    assert code == 0, events[-1]
    ended = [event for event in events if isinstance(event, Staged) and event.seconds is not None]
    assert [event.stage for event in ended] == list(names)
    finished = events[-1]
    assert isinstance(finished, Finished)
    proofs = finished.result["proofs"]
    assert proofs["import"]["torch"].startswith("2.")
    assert 0 < proofs["matmul cpu"]["float32"] < 1e-5
    # bfloat16 keeps 8 bits: it must be worse than float32, else it was not computed in it.
    assert proofs["matmul cpu"]["bfloat16"] > proofs["matmul cpu"]["float32"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shadowed", "content", "proof", "kind", "told", "package"),
    [
        pytest.param("peft.py", "import no_such_library", "import", "missing_package", "peft cannot be imported",
                     "peft", id="peft"),
        pytest.param("torch.py", "raise OSError('libtorch.so: wrong ELF class')", "import", "crashed",
                     "torch cannot be imported: OSError: libtorch.so", "torch", id="torch"),
        pytest.param("gguf.py", "", "gguf", "crashed", "cyllama: the proof `gguf` failed", "cyllama",
                     id="gguf"),
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
    code, events = smoke(environment, tmp_path, proof, shadow=shadow)
    failed = events[-1]
    assert isinstance(failed, Failed)
    assert (code, failed.kind) == (1, kind)
    assert told in failed.message
    assert (failed.package, failed.proof) == (package, proof)


@pytest.mark.slow
def test_a_converter_that_does_not_start_is_told(environment: Environment, tmp_path: Path) -> None:
    (tmp_path / "convert_hf_to_gguf.py").write_text("import no_such_library", encoding="utf-8")
    code, events = smoke(environment, tmp_path, "gguf", converter=str(tmp_path))
    failed = events[-1]
    assert isinstance(failed, Failed)
    assert code == 1
    assert "converter does not start: ModuleNotFoundError" in failed.message


@pytest.mark.slow
def test_a_wrong_product_is_noticed(environment: Environment, tmp_path: Path) -> None:
    """A torch whose matrix product is off by a little more than rounding explains."""
    words = (
        "import sys, torch\n"
        "right = torch.Tensor.__matmul__\n"
        "torch.Tensor.__matmul__ = lambda a, b: right(a, b) * (1.0001 if a.dtype == torch.float32 else 1)\n"
        "from trainer.smoke import main\n"
        "sys.exit(main(sys.argv[1]))\n"
    )
    request = tmp_path / "request.json"
    request.write_text(json.dumps({"tests": ["matmul"]}), encoding="utf-8")
    ran = subprocess.run(
        [environment.python, "-c", words, str(request)], env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert ran.returncode == 1
    assert "torch: the proof `matmul` on cpu failed" in ran.stdout
