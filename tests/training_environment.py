"""The real training environment that the tests share: built by `tunedoc install` where it is not there yet.

python -m tests.training_environment    build it ahead, as several runners at a time need
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from doctor.environment import current_environment
from doctor.paths import Home

ROOT = Path(__file__).resolve().parent.parent


def make_test_home() -> Home:
    """The tunedoc folder that outlives the run. Raises CalledProcessError when the install ends with an error."""
    home = Home(Path(os.environ.get("TUNEDOC_TEST_HOME", ROOT / ".tunedoc" / "test-home")))
    if current_environment(home) is None:
        subprocess.run(
            [sys.executable, "-m", "doctor", "install", "--yes"],
            check=True,
            cwd=ROOT,
            env={**os.environ, "TUNEDOC_HOME": str(home.root)},
            stdin=subprocess.DEVNULL,
        )
    return home


if __name__ == "__main__":
    make_test_home()
