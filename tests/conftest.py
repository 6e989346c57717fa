"""What every test may ask for."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from doctor.environment import Environment, current_environment
from doctor.paths import Home
from tests.training_environment import make_test_home
from tests.windows.wine import leave_out

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "tests" / "models" / "aidreams260k"
"""A trained Llama of 231 thousand parameters, with its tokenizer and chat template."""
DATA = ROOT / "tests" / "data"


if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    # A shell starts what it puts into the background with Ctrl-C ignored, and every program that a test starts would
    # inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    leave_out(items)
    # Two runners end together when what takes long is not left for the end.
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty tunedoc folder."""
    return Home(tmp_path / "home")


@pytest.fixture(scope="session")
def test_home() -> Home:
    """A tunedoc folder that outlives the run, with a real training environment; built once by `tunedoc install`."""
    return make_test_home()


@pytest.fixture(scope="session")
def environment(test_home: Home) -> Environment:
    """A real training environment, shared by all tests of the run; tests must not change it."""
    found = current_environment(test_home)
    assert found is not None
    return found


@pytest.fixture(scope="session")
def tiny_gguf(environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model as an f16 GGUF, converted once; its name and folder have a space and Chinese letters."""
    from doctor.exporting import export
    from doctor.host.real import RealHost

    folder = tmp_path_factory.mktemp("小 gguf")
    outcome = export(
        RealHost(),
        Home(folder / "home"),
        environment,
        run=None,
        model=MODEL,
        adapter=None,
        output=folder,
        types=("f16",),
        report=lambda event: None,
        name="梦 260k",
    )
    return outcome.files[0].path


@pytest.fixture(scope="session")
def nvml_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a simulated libnvidia-ml.so.1, which the real nvidia-ml-py loads by LD_LIBRARY_PATH."""
    compiler = shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        pytest.skip("the simulated driver library needs Linux and a C compiler named cc")
    folder = tmp_path_factory.mktemp("nvml")
    source = Path(__file__).parent / "nvml" / "simulated.c"
    target = folder / "libnvidia-ml.so.1"
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-Wall", "-o", str(target), str(source)], check=True)
    return folder
