"""Bring one file, from whichever of its addresses gives the right bytes, and keep every byte that came.

A partial file has its hash for a name, so that what it is to become is known whoever finds it: the next process, or the
next address. No ETag is kept for that reason: a file of another content is found out by its size or by its hash.
"""

from __future__ import annotations

import hashlib
import os
import time
from typing import IO, TYPE_CHECKING
from urllib.error import HTTPError

from doctor.errors import NoNetwork, StepFailed
from doctor.fetching.addresses import host_of, local_file, without_credentials
from doctor.fetching.model import Dropped, Refused
from doctor.fetching.troubles import Again, Slow, Stopped, Useless, judged, talking, writing
from doctor.late_pattern import late_pattern
from doctor.words.text import text
from trainer.file_moves import replace_file

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from http.client import HTTPResponse
    from pathlib import Path

    from doctor.errors import TunedocError
    from doctor.fetching.connection import Connections
    from doctor.fetching.model import Patience, Wanted
    from doctor.words.text import Text

BLOCK = 1 << 18
WORTH_BYTES = 1 << 14
"""A connection that brought so much was worth it, though it broke: the address begins with a clean record."""
_RANGE = late_pattern(r"bytes (?:(?P<first>\d+)-\d+|\*)/(?P<total>\d+|\*)")


class Hosts:
    """What is known of hosts, for all files: one that failed a file is asked last for the next."""

    def __init__(self) -> None:
        self._blame: dict[str, int] = {}

    def blame(self, url: str) -> None:
        self._blame[host_of(url)] = self.blame_of(url) + 1

    def blame_of(self, url: str) -> int:
        return self._blame.get(host_of(url), 0)


class _Address:
    """One address of the file, and how it did so far."""

    def __init__(self, url: str, place: int) -> None:
        self.url, self.place = url, place
        self.failures = 0
        self.speed: float | None = None
        """Bytes per second while it was found slow; None for one that was not."""
        self.why: Text | None = None
        """Why it was dropped."""
        self.refused = False


class Transfer:
    """The way of one file to its final name."""

    def __init__(
        self, wanted: Wanted, folder: Path, connections: Connections, patience: Patience, hosts: Hosts,
        note: Callable[[Dropped], None], stop: threading.Event, share: Callable[[], int],
        more: Callable[[Wanted], tuple[str, ...]],
    ) -> None:  # fmt: skip
        self.wanted, self.final = wanted, folder / wanted.file
        self.partial = folder / f"{wanted.sha256.lower()}.partial"
        self.received = 0
        """Bytes that came in this run, for the speed."""
        self.have = 0
        """Bytes that are there."""
        self.done = False
        self._connections, self._patience, self._hosts = connections, patience, hosts
        self._note, self._stop, self._share = note, stop, share
        self._more: Callable[[Wanted], tuple[str, ...]] | None = more
        self._addresses = [_Address(url, place) for place, url in enumerate(wanted.urls)]
        self._digest = hashlib.sha256()
        self._givers: set[str] = set()
        """Whose bytes the partial file has; `` for those of an earlier process."""

    def run(self) -> None:
        """Bring the file. Raises NoNetwork, NoSpace, StepFailed, Stopped."""
        with writing(self.partial):
            if self._is_there():
                return
            self._count_kept()
        while not self._is_right():
            address = self._choose()
            try:
                self._pull(address)
            except Slow:
                self._hosts.blame(address.url)
            except Again as exc:
                address.failures += 1
                self._hosts.blame(address.url)
                if address.failures > self._patience.retries:
                    self._drop(address, exc.why)
                elif self._choose() is address and not self._learn():
                    pause = self._patience.first_pause_seconds * 2 ** (address.failures - 1)
                    if self._stop.wait(max(pause, exc.pause_seconds)):
                        raise Stopped from None
            except Useless as exc:
                address.refused = exc.refused
                if exc.why.key != "fetching.status":
                    # A mirror may lack one file and be good for the others; one that lies is not.
                    self._hosts.blame(address.url)
                self._drop(address, exc.why)
            else:
                if not self._is_right():
                    self._throw_away(address)
        with writing(self.partial):
            self._name()

    def _is_there(self) -> bool:
        """Whether the file has its final name already, and is right; a wrong one goes."""
        try:
            with self.final.open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
        except FileNotFoundError:
            return False
        if found == self.wanted.sha256.lower():
            self.have, self.done = self.final.stat().st_size, True
            return True
        self.final.unlink()
        return False

    def _count_kept(self) -> None:
        """Take up the bytes that an earlier process left."""
        self.partial.touch()
        with self.partial.open("rb") as stream:
            while block := stream.read(BLOCK):
                self._digest.update(block)
                self.have += len(block)
        if self.have:
            self._givers = {""}
        if self.wanted.bytes is not None and self.have > self.wanted.bytes:
            self._empty()

    def _is_right(self) -> bool:
        return self._digest.hexdigest() == self.wanted.sha256.lower()

    def _choose(self) -> _Address:
        """The most promising address; with all dropped, the error that says why."""
        if self._stop.is_set():
            raise Stopped
        left = [address for address in self._addresses if address.why is None]
        if not left and self._learn():
            left = [address for address in self._addresses if address.why is None]
        if not left:
            raise self._failure()
        # Fewest failures first; of the slow ones the fastest; a host that failed another file comes later.
        return min(left, key=lambda a: (a.failures, -(a.speed or 0) if a.speed is not None else float("-inf"),
                                        self._hosts.blame_of(a.url), a.place))  # fmt: skip

    def _learn(self) -> bool:
        """Look for further addresses, once, now that those at hand do badly. Whether there are any."""
        if self._more is None:
            return False
        more, self._more = self._more, None
        known = {address.url for address in self._addresses}
        fresh = [url for url in more(self.wanted) if url not in known]
        self._addresses += [_Address(url, len(self._addresses) + place) for place, url in enumerate(fresh)]
        return bool(fresh)

    def _pull(self, address: _Address) -> None:
        """Append what the address has for us. Returns at the end of the file, right or wrong."""
        path = local_file(address.url)
        if path is not None:
            self._copy(path, address)
            return
        start = self.have
        with talking():
            try:
                answer = self._connections.open(address.url, start=start, patience_seconds=self._patience.stall_seconds)
            except HTTPError as exc:
                with exc:
                    if exc.code == 416 and start:
                        # No more bytes there: what is here is longer, or as long and wrong.
                        self._empty()
                        raise Again(text("fetching.other_size")) from None
                    raise judged(exc) from None
        with answer:
            total, skip = self._placed(answer, start)
            self._pour(answer, address, total, skip)

    def _placed(self, answer: HTTPResponse, start: int) -> tuple[int | None, int]:
        """How long the whole file is, and how many bytes of the answer are here already. Raises Useless."""
        if answer.headers.get("Content-Encoding", "identity") != "identity":
            raise Useless(text("fetching.encoded"))
        length = answer.headers.get("Content-Length", "")
        if answer.status == 206:
            found = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
            if found is None or found["first"] is None or int(found["first"]) != start:
                raise Useless(text("fetching.other_range"))
            total = int(found["total"]) if found["total"].isdigit() else None
            skip = 0
        else:
            # A server that ignores ranges sends all of it: what is here is read over, not thrown away.
            total, skip = (int(length) if length.isdigit() else None), start
        want = self.wanted.bytes
        if total is not None and ((want is not None and total != want) or total < self.have):
            if want is None:
                self._empty()
                raise Again(text("fetching.other_size"))
            raise Useless(text("fetching.wrong_size", have=total, want=want))
        return total if total is not None else want, skip

    def _pour(self, answer: HTTPResponse, address: _Address, total: int | None, skip: int) -> None:
        self._givers.add(address.url)
        since, count, gained = time.monotonic(), 0, 0
        with writing(self.partial):
            stream = self.partial.open("ab", buffering=0)
        with stream:
            while True:
                if self._stop.is_set():
                    raise Stopped
                with talking():
                    # read1 comes back with what is there: a trickle is written as it comes.
                    block = answer.read1(BLOCK)
                if not block:
                    break
                self.received += len(block)
                count += len(block)
                fresh = block[skip:]
                skip = max(0, skip - len(block))
                if fresh:
                    self._append(stream, fresh)
                    gained += len(fresh)
                    if gained >= WORTH_BYTES:
                        address.failures = 0
                now = time.monotonic()
                if now - since >= self._patience.slow_seconds:
                    self._weigh(address, count / (now - since))
                    since, count = now, 0
        if total is not None and self.have < total:
            raise Again(text("fetching.cut_off"))

    def _append(self, stream: IO[bytes], block: bytes) -> None:
        if self.wanted.bytes is not None and self.have + len(block) > self.wanted.bytes:
            raise Useless(text("fetching.too_long", want=self.wanted.bytes))
        with writing(self.partial):
            written = 0
            while written < len(block):
                # Unbuffered writes may be short, on a disk that fills up for one.
                count = stream.write(block[written:]) or 0
                self._digest.update(block[written : written + count])
                written += count
                self.have += count

    def _weigh(self, address: _Address, speed: float) -> None:
        """Leave a slow address while another may be faster. Raises Slow."""
        if speed >= self._patience.slow_bytes_per_second / max(1, self._share()):
            address.speed = None
            return
        address.speed = speed
        if len(self._addresses) == 1:
            self._learn()
        others = [a for a in self._addresses if a is not address and a.why is None and a.failures == 0]
        if any(other.speed is None or other.speed > 2 * speed for other in others):
            raise Slow

    def _copy(self, path: Path, address: _Address) -> None:
        """From a file of this machine."""
        self._givers.add(address.url)
        try:
            source = path.open("rb")
        except OSError as exc:
            raise Useless(text("fetching.no_file", detail=exc.strerror or str(exc))) from None
        with source, self.partial.open("ab", buffering=0) as stream:
            source.seek(self.have)
            while block := source.read(BLOCK):
                if self._stop.is_set():
                    raise Stopped
                self.received += len(block)
                self._append(stream, block)
        if self.wanted.bytes is not None and self.have < self.wanted.bytes:
            raise Useless(text("fetching.wrong_size", have=self.have, want=self.wanted.bytes))

    def _throw_away(self, address: _Address) -> None:
        """All bytes are there and they are wrong: whoever gave all of them is not asked again."""
        have, alone = self._digest.hexdigest(), self._givers == {address.url}
        self._empty()
        if alone:
            self._hosts.blame(address.url)
            self._drop(address, text("fetching.wrong_hash", want=self.wanted.sha256, have=have))

    def _empty(self) -> None:
        with writing(self.partial):
            self.partial.open("wb").close()
        self.have, self._digest, self._givers = 0, hashlib.sha256(), set()

    def _drop(self, address: _Address, why: Text) -> None:
        address.why = why
        self._note(Dropped(file=self.wanted.file, place=without_credentials(address.url), why=why))

    def _failure(self) -> TunedocError:
        reasons = [a.why for a in self._addresses if a.why is not None]
        last = self._addresses[-1] if self._addresses else None
        source = without_credentials(last.url) if last else ""
        if not reasons:
            return StepFailed(text("fetching.no_address", file=self.wanted.file))
        wrong = [why for why in reasons if why.key in {"fetching.wrong_hash", "fetching.wrong_size"}]
        if wrong:
            return StepFailed(
                text("fetching.all_wrong", file=self.wanted.file, why=wrong[-1], source=source),
                hint=text("fetching.all_wrong_hint"),
            )
        kind = Refused if all(a.refused for a in self._addresses) else NoNetwork
        return kind(
            text("fetching.unreachable", file=self.wanted.file, source=source, why=reasons[-1]),
            hint=text("fetching.unreachable_hint"),
        )

    def _name(self) -> None:
        with self.partial.open("rb+") as stream:
            os.fsync(stream.fileno())
        replace_file(self.partial, self.final)
        if os.name != "nt":
            folder = os.open(self.final.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        self.done = True
