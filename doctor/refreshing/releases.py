"""What the release pages of GitHub have that the catalogue lacks: prebuilt wheels of parts, llama.cpp's programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from packaging.version import Version

from doctor.errors import NoNetwork
from doctor.late_pattern import late_pattern
from doctor.reading.wheel_file import WheelError, wheel_name
from doctor.refreshing.changes import Change
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.catalogue.model import Catalogue, Part
    from doctor.refreshing.asked import Asked

API = "https://api.github.com"
_LLAMA = "ggml-org/llama.cpp"
_DOWNLOAD = late_pattern(r"https://github\.com/([\w.-]+/[\w.-]+)/releases/download/")
_LOCAL = late_pattern(r"cu(\d{2,3})torch(\d+\.\d+)(?:\.\d+)?")
_BUILD = late_pattern(r"b(\d+)")


def release_changes(catalogue: Catalogue, asked: Asked, api: str = API) -> Iterator[Change]:
    """Newest wheels of parts that lie in GitHub's releases, and a newer llama.cpp."""
    for part in catalogue.parts:
        repository = _DOWNLOAD.match(part.base)
        releases = _releases(asked, api, repository[1]) if repository else None
        if releases is not None and repository is not None:
            yield from _wheels(part, releases, f"{api}/repos/{repository[1]}/releases")
    known = {found[0] for each in catalogue.llama_releases if (found := _BUILD.fullmatch(each.build))}
    if known:
        releases = _releases(asked, api, _LLAMA) or []
        newest = next((str(release.get("tag_name")) for release in releases if not release.get("prerelease")), "")
        have = max(known, key=lambda build: int(build[1:]))
        if newest and newest not in known:
            yield Change(
                kind="new", row="llama.releases", field="build", was=have, now=newest,
                source=f"{api}/repos/{_LLAMA}/releases",
            )  # fmt: skip


def _wheels(part: Part, releases: list[dict[str, Any]], source: str) -> Iterator[Change]:
    known = {
        (system, offer.torch, variant)
        for offer in part.offers
        for system in offer.systems
        for variant in offer.variants
    }
    newest = max((Version(torch) for _, torch, _ in known if torch), default=Version("0"))
    told: set[tuple[str, str, str]] = set()
    for asset in (asset for release in releases for asset in release.get("assets") or ()):
        try:
            name = wheel_name(str(asset.get("name")))
        except WheelError:
            continue
        tag = _LOCAL.search(name.version.partition("+")[2])
        if tag is None or name.machine != "x86_64":
            continue
        key = (name.system, tag[2], f"cu{tag[1]}")
        # Older ones were left out on purpose, or nobody needs them.
        if key not in known and key not in told and Version(tag[2]) >= newest:
            told.add(key)
            yield Change(kind="new", row=f"part {part.name}", field=" ".join(key), was="", now=name.file, source=source)


def _releases(asked: Asked, api: str, repository: str) -> list[dict[str, Any]] | None:
    url = f"{api}/repos/{repository}/releases?per_page=20"
    page = asked.page(url)
    if page is None:
        return None
    try:
        found = json.loads(page.body)
        if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
            raise ValueError("not a list of releases")
    except ValueError as exc:
        asked.note(url, NoNetwork(text("refreshing.bad_page", url=url, detail=str(exc)), field="-"))
        return None
    return found
