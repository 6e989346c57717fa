"""What a person finds in a bundle: how to begin, in both languages, and the scripts that do it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from doctor.version import __version__
from doctor.words.text import LANGUAGES, render, text

if TYPE_CHECKING:
    from doctor.bundling.python_builds import PythonBuild
    from doctor.bundling.targets import Target
    from doctor.plan.lock import Locked

_TEMPLATES = Path(__file__).parent / "start"
_READMES = {"en": "README.md", "zh": "README.zh-CN.md"}


def start_files(target: Target, build: PythonBuild | None, uv: Locked) -> dict[str, bytes]:
    """File names and contents; `build` is the Python that is inside, `uv` its wheel."""
    script = "install.cmd" if target.system == "windows" else "install.sh"
    inside = build.path if build else ""
    fields = {
        "@PYTHON@": target.python,
        "@ARCHIVE@": inside.replace("/", "\\") if target.system == "windows" else inside,
        "@PLACE@": build.key if build else "",
        "@UV_WHEEL@": uv.file,
        "@UV_DATA@": f"uv-{uv.version}.data",
        "@MODELS@": " ".join(model.id for model in target.models),
    }
    words = (_TEMPLATES / script).read_text(encoding="utf-8")
    for name, value in fields.items():
        words = words.replace(name, value)
    newline = "\r\n" if target.system == "windows" else "\n"
    # Only the target's script: the other would set up what does not run there.
    files = {script: words.replace("\r\n", "\n").replace("\n", newline).encode()}
    for language in LANGUAGES:
        message = text(
            "bundle.readme",
            version=__version__,
            stack=target.stack.id,
            system={"windows": "Windows", "linux": "Linux"}[target.system],
            script=script if target.system == "windows" else f"sh {script}",
            python=text("bundle.readme_python" if build else "bundle.readme_no_python", python=target.python),
            models=_models(target),
        )
        files[_READMES[language]] = (render(message, language) + "\n").encode()
    return files


def _models(target: Target) -> object:
    return ", ".join(f"{model.title} ({model.licence})" for model in target.models) or text("bundle.readme_no_models")
