"""Places that packages, models and programs come from: which there are for a wish, and which is best. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast, get_args
from urllib.parse import urlsplit

from doctor.errors import UsageError
from doctor.late_pattern import late_pattern
from doctor.quick_dataclass import dataclass
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from doctor.catalogue.model import Catalogue
    from doctor.words.text import Text

Kind = Literal["packages", "torch", "hub", "github", "python"]
KINDS: tuple[Kind, ...] = get_args(Kind)
Layout = Literal["simple", "find-links", "endpoint", "prefix"]

_LAYOUTS: dict[Kind, tuple[Layout, ...]] = {
    "packages": ("simple",),
    "torch": ("simple", "find-links"),
    "hub": ("endpoint",),
    "github": ("prefix",),
    "python": ("prefix",),
}
_OFFICIAL_HUB = "https://huggingface.co"
_OFFICIAL_TORCH = "https://download.pytorch.org/whl/{variant}"
_VARIANT = late_pattern(r"(cpu|cu\d{3}|xpu|rocm[\d.]+)")
_NAMED = late_pattern(r"(?P<kind>packages|torch|hub|github|python)=(?P<url>\S+)")
_LOAD_BYTES = 100 * 2**20
"""What a place's time is reckoned for: a hundred megabytes in twenty requests."""
_LOAD_REQUESTS = 20
_GUESSED_SPEED = 2**20
_HOME_ADVANTAGE = 0.7
"""The official place stays unless another needs less than this part of its time: a measurement is one moment."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """One place that something comes from."""

    kind: Kind
    name: str
    url: str
    """May hold `{variant}`. Empty: wherever the client goes by itself, this machine's own configuration included."""
    layout: Layout
    official: bool

    def address(self, variant: str = "") -> str:
        """The address for a variant of torch, such as `cu128`."""
        return self.url.replace("{variant}", variant)


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a place answered."""

    place: Place
    reachable: bool
    """It answered with what it should have."""
    latency_ms: int | None = None
    """Until its first answer, connection and certificates included."""
    bytes_per_second: int | None = None
    """Of a small sample."""
    problem: Text | None = None
    """Why it is not reachable."""


def places(catalogue: Catalogue, wish: str, kind: Kind) -> tuple[Place, ...]:
    """Where one kind may come from, in the order of the wish: `auto`, `official`, `cn` or an address.

    Under `auto` the official place comes first and every mirror after it; under `official` it is alone; under `cn` it
    is the last resort, after the mirrors of that region. An address takes the first place of the kind that it fits
    (`kind_of_wish`) and leaves the others as under `auto`. Raises UsageError for a wish that is none of these.
    """
    official = _official(catalogue, kind)
    if wish == "official":
        return (official,)
    mirrors = tuple(mirror for mirror in _mirrors(catalogue, kind) if mirror[0].url != official.url)
    if wish == "cn":
        return (*(mirror for mirror, region in mirrors if region == "cn"), official)
    usual = (official, *(mirror for mirror, _ in mirrors))
    if wish == "auto" or kind_of_wish(catalogue, wish) != kind:
        return usual
    own = _own(_address_of(wish), kind)
    same = next((place for place in usual if place.url.rstrip("/") == own.url.rstrip("/")), own)
    # A person who names an address wants that one; where it fails, the official one helps and no third.
    return (same,) if same.official else (same, official)


def kind_of_wish(catalogue: Catalogue, wish: str) -> Kind | None:
    """What a wished address replaces: as said before it (`torch=https://…`), as the catalogue's mirror with the same
    address, else by what addresses of the kind look like. None for a wish that is no address. Raises UsageError."""
    if wish in {"auto", "official", "cn"}:
        return None
    named = _NAMED.fullmatch(wish)
    url = _address_of(wish)
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https", "file") or not (parts.netloc or parts.path):
        raise UsageError(text("mirrors.bad_wish", wish=wish), hint=text("mirrors.bad_wish_hint"))
    if named is not None:
        return cast("Kind", named["kind"])
    for kind in KINDS:
        for mirror, _ in _mirrors(catalogue, kind):
            if mirror.url and url.rstrip("/").startswith(mirror.url.partition("{variant}")[0].rstrip("/")):
                return kind
    path = parts.path.rstrip("/").lower()
    if "python-build-standalone" in path:
        return "python"
    last = path.rpartition("/")[2]
    if _VARIANT.fullmatch(last) or "variant" in last or last == "whl" or "pytorch" in path:
        return "torch"
    if path.endswith("/simple") or "pypi" in url:
        return "packages"
    if "gh" in parts.netloc or "github" in url:
        return "github"
    return "packages" if path else "hub"


def rank(measured: Sequence[Measured], *, wish: str = "auto") -> tuple[Place, ...]:
    """Places of one kind, best first. Equal ones keep their order; those that cannot be reached come last.

    A wish is a wish: an address that can be reached comes first however slow, and under `cn` the official place comes
    after every mirror that can be reached.
    """

    def key(entry: tuple[int, Measured]) -> tuple[bool, bool, float]:
        number, one = entry
        if not one.reachable:
            return (True, False, 0.0)
        if wish == "cn":
            return (False, one.place.official, seconds(one))
        wished = wish not in {"auto", "official"}
        return (False, wished and number > 0, seconds(one))

    return tuple(one.place for _, one in sorted(enumerate(measured), key=key))


def seconds(measured: Measured) -> float:
    """How long a usual load would take from a place, the official one favoured."""
    speed = measured.bytes_per_second or _GUESSED_SPEED
    needed = _LOAD_BYTES / speed + _LOAD_REQUESTS * (measured.latency_ms or 0) / 1000
    return needed * (_HOME_ADVANTAGE if measured.place.official else 1.0)


def uv_options(chosen: Iterable[Place], options: Sequence[str] = ()) -> tuple[str, ...]:
    """uv's options with the chosen place for ordinary packages in them, instead of the default index they had."""
    index = next((place.url for place in chosen if place.kind == "packages" and place.url), "")
    if not index:
        return tuple(options)
    kept: list[str] = []
    words = iter(options)
    for word in words:
        if word == "--default-index":
            next(words, None)
        else:
            kept.append(word)
    return (*kept, "--default-index", index)


def variables(chosen: Iterable[Place]) -> dict[str, str]:
    """The variables that bring the chosen places to uv and to the hub's client."""
    names: dict[Kind, str] = {"hub": "HF_ENDPOINT", "python": "UV_PYTHON_INSTALL_MIRROR"}
    return {
        names[place.kind]: place.url
        for place in chosen
        if place.kind in names and place.url and not (place.kind == "hub" and place.official)
    }


def torch_index(place: Place, variant: str) -> Mapping[str, str]:
    """The place as an entry of uv's `[[tool.uv.index]]`, without its name: `url`, and for a page of links `format`.

    Explicit there, it serves the torch family alone; which builds are right is the lock's own check.
    """
    flat = {"format": "flat"} if place.layout == "find-links" else {}
    return {"url": place.address(variant), **flat}


def through(place: Place, url: str) -> str:
    """An address at GitHub as a place serves it: proxies put themselves before it."""
    return f"{place.url.rstrip('/')}/{url}" if place.url else url


def _official(catalogue: Catalogue, kind: Kind) -> Place:
    url = {"torch": _torch_url(catalogue), "hub": _OFFICIAL_HUB}.get(kind, "")
    return Place(kind=kind, name="default", url=url, layout=_LAYOUTS[kind][0], official=True)


def _torch_url(catalogue: Catalogue) -> str:
    """The rows' own indexes as one address: all but their last part is the same for every variant."""
    for index in catalogue.indexes:
        name, variant = index.name.partition("-")[0], index.name.rpartition("-")[2]
        if name == "torch":
            base, _, last = index.url.rstrip("/").rpartition("/")
            return f"{base}/{{variant}}" if last == variant else index.url
    return _OFFICIAL_TORCH


def _mirrors(catalogue: Catalogue, kind: Kind) -> tuple[tuple[Place, str], ...]:
    return tuple(
        (Place(kind=kind, name=row.name, url=row.url, layout=row.layout, official=False), row.region)
        for row in catalogue.mirrors
        if row.kind == kind and row.layout in _LAYOUTS[kind]
    )


def _own(url: str, kind: Kind) -> Place:
    url = url.rstrip("/")
    if kind == "torch" and "{variant}" not in url:
        base, _, last = url.rpartition("/")
        # A variant in the address is where the person looked, not a wish for that variant.
        url = f"{base}/{{variant}}" if _VARIANT.fullmatch(last) else f"{url}/{{variant}}"
    return Place(kind=kind, name=urlsplit(url).hostname or url, url=url, layout=_LAYOUTS[kind][0], official=False)


def _address_of(wish: str) -> str:
    named = _NAMED.fullmatch(wish)
    return named["url"] if named else wish
