"""What package indexes offer: the files of a project, from JSON (PEP 691) or HTML (PEP 503) pages."""

from __future__ import annotations

import json
import re
import tempfile
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

from doctor.errors import NoNetwork
from doctor.late_pattern import late_pattern
from doctor.quick_dataclass import dataclass
from doctor.reading.wheel_file import WheelError, WheelName, wheel_name
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.refreshing.web import Page, Web
    from doctor.uv.program import Uv

_FROM = late_pattern(r"^\s*# from (\S+)", re.MULTILINE)
_SHA256 = late_pattern(r"sha256=([0-9a-f]{64})")
_FINAL = late_pattern(r"\d+(\.\d+)*(\.post\d+)?(\+[a-z0-9.]+)?")
_PROBE = "packaging"
"""A package that every index has; where uv takes it from is the default index."""


@dataclass(frozen=True, kw_only=True)
class IndexFile:
    """One wheel on a project's page."""

    name: WheelName
    url: str
    sha256: str
    """Empty where the page does not say."""
    bytes: int | None
    """None where the page does not say; HTML pages never do."""
    requires_python: str
    yanked: str | None
    """Why it was withdrawn, which may be empty; None where it was not."""
    uploaded: str
    """Month: `2026-07`; empty where the page does not say."""

    @property
    def final(self) -> bool:
        """Whether it is neither a pre-release nor withdrawn."""
        return self.yanked is None and bool(_FINAL.fullmatch(self.name.version))


def default_index(uv: Uv) -> str:
    """The address of the index that ordinary packages come from: the configured one, else uv's own.

    Raises NoNetwork.
    """
    variables = uv.sources.variables
    configured = variables.get("UV_DEFAULT_INDEX") or variables.get("UV_INDEX_URL")
    options = uv.sources.options
    if not configured and "--default-index" in options:
        configured = options[options.index("--default-index") + 1]
    if configured:
        return configured.rstrip("/")
    with tempfile.TemporaryDirectory(prefix="tunedoc-") as folder:
        Path(folder, "requirements.txt").write_text(f"{_PROBE}\n", encoding="utf-8")
        # Without the other places that pip is configured with: uv would name the first that has the package.
        arguments = ["pip", "compile", "requirements.txt", "--no-deps", "--no-header", "--emit-index-annotation"]
        ran = uv.attempt([*arguments, "--python", str(uv.host.python)], cwd=Path(folder))
    found = _FROM.search(ran.stdout)
    if found is None:
        detail = (ran.stderr or ran.stdout).strip().splitlines()[-1:] or ["-"]
        raise NoNetwork(text("refreshing.no_index", detail=detail[0]), hint=text("refreshing.no_index_hint"))
    return found[1].rstrip("/")


def project_files(web: Web, index: str, project: str) -> tuple[IndexFile, ...]:
    """The wheels of a project on an index (its address ends before the project's name). Raises NoNetwork; its field
    is `404` where the index does not know the project."""
    page = web.page(f"{index.rstrip('/')}/{project}/")
    return read_page(page)


def read_page(page: Page) -> tuple[IndexFile, ...]:
    """The wheels on a page; other files are passed over. Raises NoNetwork for what is no page of an index."""
    words = page.body.decode("utf-8", "replace")
    if page.kind.endswith("json"):
        try:
            files = json.loads(words)["files"]
            found = [_from_json(entry, page.url) for entry in files]
        except (ValueError, KeyError, TypeError, AttributeError) as exc:
            raise NoNetwork(text("refreshing.bad_page", url=page.url, detail=f"{type(exc).__name__}: {exc}")) from exc
    else:
        links = _Links()
        links.feed(words)
        found = [_from_link(attributes, page.url) for attributes in links.found]
    return tuple(file for file in found if file is not None)


class _Links(HTMLParser):
    """The attributes of every `<a href=…>`."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "a" and attributes.get("href"):
            self.found.append(attributes)


def _from_link(attributes: dict[str, str | None], base: str) -> IndexFile | None:
    url, _, fragment = urljoin(base, attributes["href"] or "").partition("#")
    name = _wheel(unquote(urlsplit(url).path.rpartition("/")[2]))
    if name is None:
        return None
    sha256 = _SHA256.search(fragment)
    yanked = (attributes["data-yanked"] or "") if "data-yanked" in attributes else None
    return IndexFile(
        name=name,
        url=url,
        sha256=sha256[1] if sha256 else "",
        bytes=None,
        requires_python=attributes.get("data-requires-python") or "",
        yanked=yanked,
        uploaded=(attributes.get("data-upload-time") or "")[:7],
    )


def _from_json(entry: dict[str, Any], base: str) -> IndexFile | None:
    name = _wheel(str(entry["filename"]))
    if name is None:
        return None
    yanked = entry.get("yanked")
    size = entry.get("size")
    return IndexFile(
        name=name,
        url=urljoin(base, str(entry["url"])),
        sha256=str(entry.get("hashes", {}).get("sha256", "")),
        bytes=size if isinstance(size, int) else None,
        requires_python=str(entry.get("requires-python") or ""),
        yanked=None if not yanked else yanked if isinstance(yanked, str) else "",
        uploaded=str(entry.get("upload-time") or "")[:7],
    )


def _wheel(file: str) -> WheelName | None:
    if not file.endswith(".whl"):
        return None
    try:
        return wheel_name(file)
    except WheelError:
        return None
