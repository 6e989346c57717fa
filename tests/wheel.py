"""Build the wheel and try it in a clean environment, far from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Exit code 0 when the built wheel installs and its command works."""
    with tempfile.TemporaryDirectory(prefix="tunedoc-wheel-") as scratch:
        folder = Path(scratch)
        uv = [sys.executable, "-m", "uv"]
        run([*uv, "build", "--wheel", "--no-build-isolation", "--python", sys.executable, "-o", folder, ROOT])
        (wheel,) = folder.glob("tunedoc-*.whl")
        with zipfile.ZipFile(wheel) as archive:
            names = set(archive.namelist())
        for wanted in (
            "doctor/catalogue/wheels.toml",
            "doctor/demo_data/instructions.jsonl",
            "trainer/contract.py",
        ):
            assert wanted in names, f"{wanted} is not in the wheel"
        assert not any(name.startswith(("tests/", "docs/")) for name in names), "the wheel carries tests or docs"
        environment = folder / "clean"
        run([*uv, "venv", "--quiet", "--python", sys.executable, environment])
        python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        lock = ROOT / "installers" / "doctor.lock.txt"
        run([*uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", lock], pip_index=True)
        run([*uv, "pip", "install", "--quiet", "--python", python, "--no-deps", "--no-index", wheel])
        command = environment / ("Scripts/tunedoc.exe" if os.name == "nt" else "bin/tunedoc")
        environ = {**os.environ, "TUNEDOC_HOME": str(folder / "home")}
        for arguments in (["--version"], ["plan", "--json"]):
            answer = subprocess.run(
                [str(command), *arguments], cwd=folder, env=environ, capture_output=True, encoding="utf-8", timeout=120
            )
            assert answer.returncode == 0, answer.stderr
            assert answer.stdout.strip(), f"tunedoc {arguments} said nothing"
        print(f"{wheel.name}: installs and runs ({wheel.stat().st_size // 1024} KiB)")
    return 0


def run(argv: list[object], *, pip_index: bool = False) -> None:
    environ = dict(os.environ)
    if pip_index and "PIP_CERT" in environ:
        # uv reads SSL_CERT_FILE where pip reads PIP_CERT.
        environ.setdefault("SSL_CERT_FILE", environ["PIP_CERT"])
    subprocess.run([str(word) for word in argv], check=True, cwd=ROOT, env=environ)


if __name__ == "__main__":
    sys.exit(main())
