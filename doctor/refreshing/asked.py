"""Many addresses asked at once, each only one time; what does not answer is remembered and said, and ends nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from doctor.errors import NoNetwork
from doctor.fetching.addresses import host_of
from doctor.quick_dataclass import dataclass
from doctor.refreshing.indexes import project_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from doctor.refreshing.indexes import IndexFile
    from doctor.refreshing.web import Page, Web
    from doctor.words.text import Text

Key = TypeVar("Key")
Found = TypeVar("Found")

_AT_ONCE = 8


@dataclass(frozen=True, kw_only=True)
class Silent:
    """An address that did not answer."""

    url: str
    why: Text


class Asked:
    """The answers so far."""

    def __init__(self, web: Web, index: str) -> None:
        self.web = web
        self.index = index
        """The default index; empty where it is not known."""
        self.silent: list[Silent] = []
        self._pages: dict[tuple[str, str], tuple[IndexFile, ...] | None] = {}
        self._gone: set[str] = set()

    def projects(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Ask for the pages of (index, project) that are not known yet."""
        missing = [key for key in dict.fromkeys(wanted) if key not in self._pages]
        for key, answer in _together(missing, lambda key: project_files(self.web, *key)):
            if isinstance(answer, NoNetwork):
                # 404 is an answer: the index does not have the project.
                self._pages[key] = () if answer.field == "404" else None
                if answer.field != "404":
                    self.note(f"{key[0]}/{key[1]}/", answer)
            else:
                self._pages[key] = answer

    def files(self, index: str, project: str) -> tuple[IndexFile, ...] | None:
        """The wheels of a project; None where the index did not answer."""
        self.projects([(index, project)])
        return self._pages[index, project]

    def page(self, url: str) -> Page | None:
        """Any page; None where nobody answered."""
        if host_of(url) in self._gone:
            return None
        try:
            return self.web.page(url)
        except NoNetwork as exc:
            self.note(url, exc)
            return None

    def answers(self, urls: Iterable[str]) -> dict[str, bool | None]:
        """Whether addresses exist; None where nobody answered. A host that is silent once is not asked again."""
        found: dict[str, bool | None] = {}
        waiting = list(dict.fromkeys(urls))
        first = {host_of(url): url for url in reversed(waiting)}
        for batch in (list(first.values()), [url for url in waiting if url not in first.values()]):
            asked = [url for url in batch if host_of(url) not in self._gone]
            for url, answer in _together(asked, self.web.exists):
                if isinstance(answer, NoNetwork):
                    self.note(url, answer)
                    found[url] = None
                else:
                    found[url] = answer
            found |= dict.fromkeys(set(batch) - set(asked))
        return found

    def note(self, url: str, error: NoNetwork) -> None:
        """Remember that an address did not answer; a host without any answer is named once."""
        host = host_of(url)
        if error.field is None:
            if host in self._gone:
                return
            self._gone.add(host)
        self.silent.append(Silent(url=url, why=error.message))


def _together(keys: list[Key], ask: Callable[[Key], Found]) -> list[tuple[Key, Found | NoNetwork]]:
    def one(key: Key) -> Found | NoNetwork:
        try:
            return ask(key)
        except NoNetwork as exc:
            return exc

    if not keys:
        return []
    with ThreadPoolExecutor(min(_AT_ONCE, len(keys))) as pool:
        return list(zip(keys, pool.map(one, keys), strict=True))
