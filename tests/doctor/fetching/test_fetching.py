"""Files come whole through servers that truncate, corrupt, stall, ignore ranges and fail, and go on after kills."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from doctor.errors import NoNetwork, NoSpace, StepFailed, TunedocError
from doctor.fetching import Dropped, Fetching, Patience, Refused, Wanted, fetch
from doctor.words.text import render
from tests.file_source import FileSource, noise, wanted

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent.parent
CONTENT = noise(300_000)
NAME = "torch-2.13.0+cu126-cp312-cp312-win_amd64.whl"
QUICK = Patience(stall_seconds=0.5, slow_seconds=0.2, retries=2, first_pause_seconds=0.01)
DIRECT = {"NO_PROXY": "127.0.0.1"}


@pytest.fixture
def source() -> Iterator[FileSource]:
    with FileSource({NAME: CONTENT}) as opened:
        yield opened


@pytest.fixture
def other() -> Iterator[FileSource]:
    with FileSource({NAME: CONTENT}) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "轮子 and blanks"


def bring(folder: Path, *files: Wanted, patience: Patience = QUICK, **variables: str) -> list[Dropped]:
    """Fetch; returns the addresses that were dropped on the way."""
    notes: list[Fetching | Dropped] = []
    fetch(files, folder, variables=DIRECT | variables, report=notes.append, patience=patience)
    for each in files:
        assert hashlib.sha256((folder / each.file).read_bytes()).hexdigest() == each.sha256
    assert sorted(entry.name for entry in folder.iterdir()) == sorted(each.file for each in files)
    last = notes[-1]
    assert isinstance(last, Fetching)
    assert last.files_done == last.files == len(files)
    return [note for note in notes if isinstance(note, Dropped)]


def fails(folder: Path, *files: Wanted, **variables: str) -> TunedocError:
    """The error of a fetch that must fail; nothing has a final name then."""
    with pytest.raises(TunedocError) as caught:
        fetch(files, folder, variables=DIRECT | variables, patience=QUICK)
    assert not any((folder / each.file).exists() for each in files)
    assert caught.value.hint is not None
    return caught.value


def partial(folder: Path, content: bytes = CONTENT) -> Path:
    return folder / f"{hashlib.sha256(content).hexdigest()}.partial"


def leave(folder: Path, kept: bytes) -> None:
    """As a process that was killed leaves it."""
    folder.mkdir(parents=True)
    partial(folder).write_bytes(kept)


@pytest.mark.parametrize("size", [True, False], ids=["size known", "size not known"])
@pytest.mark.parametrize("manner", ["plain", "chunked", "silent"])
def test_a_file_comes(source: FileSource, folder: Path, manner: str, size: bool) -> None:
    source.chunked, source.silent = manner == "chunked", manner == "silent"
    assert bring(folder, wanted(NAME, CONTENT, source, size=size)) == []
    assert source.starts == [0]
    # There already: its hash is looked at and nobody is asked.
    bring(folder, wanted(NAME, CONTENT, source, size=size))
    assert source.starts == [0]


def test_a_file_under_its_name_with_other_bytes_is_replaced(source: FileSource, folder: Path) -> None:
    folder.mkdir()
    (folder / NAME).write_bytes(b"not this")
    bring(folder, wanted(NAME, CONTENT, source))


@pytest.mark.parametrize("size", [True, False], ids=["size known", "size not known"])
def test_kept_bytes_are_not_asked_for_again(source: FileSource, folder: Path, size: bool) -> None:
    leave(folder, CONTENT[:123_456])
    bring(folder, wanted(NAME, CONTENT, source, size=size))
    assert source.starts == [123_456]
    assert source.sent == len(CONTENT) - 123_456


def test_a_complete_partial_file_needs_no_network(source: FileSource, folder: Path) -> None:
    leave(folder, CONTENT)
    bring(folder, wanted(NAME, CONTENT, source))
    assert source.asked == []


@pytest.mark.parametrize("size", [True, False], ids=["size known", "size not known"])
@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(CONTENT[:1000] + b"\0" * 500, id="with a tail of zeros, as after a power cut"),
        pytest.param(CONTENT[:-9] + b"\0" * 9, id="full length and wrong"),
        pytest.param(CONTENT + b"more", id="too long"),
    ],
)
def test_kept_bytes_that_are_wrong_are_found_out(source: FileSource, folder: Path, kept: bytes, size: bool) -> None:
    leave(folder, kept)
    # No address is to blame for what an earlier process left.
    assert bring(folder, wanted(NAME, CONTENT, source, size=size)) == []


def test_a_server_that_ignores_ranges_loses_nothing(source: FileSource, folder: Path) -> None:
    leave(folder, CONTENT[:100_000])
    source.ignores_range, source.breaks_after, source.faults = True, 50_000, 1
    bring(folder, wanted(NAME, CONTENT, source))
    # It broke off inside what was there already: the second request still asks for the rest alone.
    assert source.starts == [100_000, 100_000]


def test_a_server_that_ignores_ranges_for_ever_is_good_enough(source: FileSource, folder: Path) -> None:
    leave(folder, CONTENT[:100_000])
    source.ignores_range = True
    bring(folder, wanted(NAME, CONTENT, source))
    assert source.sent == len(CONTENT)


def test_a_connection_that_breaks_again_and_again_gets_there(source: FileSource, folder: Path) -> None:
    source.breaks_after = 40_000
    bring(folder, wanted(NAME, CONTENT, source))
    assert source.starts == list(range(0, len(CONTENT), 36_864))
    assert source.sent == len(CONTENT)


def test_a_connection_that_brings_next_to_nothing_is_given_up(source: FileSource, folder: Path) -> None:
    source.breaks_after = 5000
    assert type(fails(folder, wanted(NAME, CONTENT, source))) is NoNetwork
    assert len(source.asked) == 1 + QUICK.retries


def test_a_stall_is_left_and_the_bytes_are_kept(source: FileSource, other: FileSource, folder: Path) -> None:
    source.stalls_after = 150_000
    assert bring(folder, wanted(NAME, CONTENT, source, other)) == []
    assert source.starts == [0]
    assert other.starts == [source.sent]
    assert source.sent + other.sent == len(CONTENT)


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_a_server_in_trouble_is_asked_again(source: FileSource, folder: Path, status: int) -> None:
    source.status, source.faults = status, 2
    assert bring(folder, wanted(NAME, CONTENT, source)) == []


@pytest.mark.parametrize("status", [404, 403, 410])
def test_a_server_without_the_file_is_not(source: FileSource, other: FileSource, folder: Path, status: int) -> None:
    source.status = status
    (dropped,) = bring(folder, wanted(NAME, CONTENT, source, other))
    assert dropped.place.startswith(source.url)
    assert len(source.asked) == 1


def test_a_server_that_never_recovers_is_left(source: FileSource, other: FileSource, folder: Path) -> None:
    source.status = 503
    bring(folder, wanted(NAME, CONTENT, source, other))
    # The next one is asked at once, without a pause.
    assert len(source.asked) == 1


def test_a_lying_mirror_is_dropped_and_its_bytes_with_it(source: FileSource, other: FileSource, folder: Path) -> None:
    source.files[NAME] = CONTENT[:200_000] + b"x" + CONTENT[200_001:]
    (dropped,) = bring(folder, wanted(NAME, CONTENT, source, other))
    assert dropped.place == f"{source.url}/{NAME}"
    assert dropped.why.key == "fetching.wrong_hash"
    assert other.starts == [0]


def test_of_a_file_from_two_mirrors_the_innocent_one_is_kept(
    source: FileSource, other: FileSource, folder: Path
) -> None:
    """The first half is a liar's, the second an honest mirror's: who lied comes out when each sends all of it."""
    source.files[NAME], source.breaks_after = b"x" * len(CONTENT), 150_000
    dropped = bring(folder, wanted(NAME, CONTENT, source, other))
    assert [each for each in dropped if each.place.startswith(other.url)] == []


@pytest.mark.parametrize(
    "fault", [{"shorter_by": 1000}, {"encoding": "gzip"}, {"wrong_range": True}], ids=lambda fault: next(iter(fault))
)
def test_other_lies_are_seen_before_a_byte_is_taken(
    source: FileSource, other: FileSource, folder: Path, fault: dict[str, Any]
) -> None:
    leave(folder, CONTENT[:100_000])
    vars(source).update(fault)
    (dropped,) = bring(folder, wanted(NAME, CONTENT, source, other))
    assert dropped.place.startswith(source.url)
    assert other.starts == [100_000]


def test_a_truncated_file_of_unknown_size_is_found_out(source: FileSource, other: FileSource, folder: Path) -> None:
    source.shorter_by = 1000
    (dropped,) = bring(folder, wanted(NAME, CONTENT, source, other, size=False))
    assert dropped.why.key == "fetching.wrong_hash"


def test_when_all_lie_the_error_says_what_was_expected_and_what_came(source: FileSource, folder: Path) -> None:
    source.files[NAME] = b"x" * len(CONTENT)
    error = fails(folder, wanted(NAME, CONTENT, source))
    assert type(error) is StepFailed
    message = render(error.message, "en")
    assert hashlib.sha256(CONTENT).hexdigest() in message
    assert hashlib.sha256(b"x" * len(CONTENT)).hexdigest() in message
    assert partial(folder).stat().st_size == 0


def test_a_slow_mirror_is_left_in_the_middle(source: FileSource, other: FileSource, folder: Path) -> None:
    source.trickle = 0.1
    assert bring(folder, wanted(NAME, CONTENT, source, other)) == []
    (request,) = other.asked
    assert 0 < request.start < len(CONTENT)


@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 404}, {"trickle": 0.1}, {"stalls_after": 9000}], ids=str)
def test_other_places_are_looked_for_when_the_only_one_does_badly(
    source: FileSource, other: FileSource, folder: Path, fault: dict[str, Any]
) -> None:
    asked: list[str] = []

    def more(file: Wanted) -> tuple[str, ...]:
        asked.append(file.file)
        return (f"{other.url}/{NAME}",)

    fetch([wanted(NAME, CONTENT, other)], folder, variables=DIRECT, patience=QUICK, more=more)
    assert asked == []
    vars(source).update(fault)
    fetch([wanted(NAME, CONTENT, source)], folder / "2", variables=DIRECT, patience=QUICK, more=more)
    assert asked == [NAME]


def test_of_slow_mirrors_one_is_kept(source: FileSource, other: FileSource, folder: Path) -> None:
    source.trickle = other.trickle = 0.05
    small = CONTENT[:60_000]
    source.files[NAME] = other.files[NAME] = small
    bring(folder, wanted(NAME, small, source, other))
    assert source.sent + other.sent < 2 * len(small)


def test_several_files_at_once_and_a_bad_host_is_asked_last(
    source: FileSource, other: FileSource, folder: Path
) -> None:
    files = {f"part-{number}.whl": noise(50_000, number) for number in range(8)}
    source.status = 503
    other.files = files
    one_by_one = Patience(stall_seconds=2, retries=1, first_pause_seconds=0.01, at_once=1)
    bring(folder, *(wanted(name, content, source, other) for name, content in files.items()), patience=one_by_one)
    assert len(source.asked) == 1
    assert len(other.asked) == 8


def test_a_file_of_this_machine(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "来源.whl").write_bytes(CONTENT)
    digest = hashlib.sha256(CONTENT).hexdigest()
    leave(folder, CONTENT[:1000])
    bring(folder, Wanted(file=NAME, sha256=digest, bytes=None, urls=((tmp_path / "来源.whl").as_uri(),)))


def test_no_file_of_this_machine(source: FileSource, folder: Path, tmp_path: Path) -> None:
    digest = hashlib.sha256(CONTENT).hexdigest()
    gone = (tmp_path / "gone").as_uri()
    (dropped,) = bring(folder, Wanted(file=NAME, sha256=digest, bytes=None, urls=(gone, f"{source.url}/{NAME}")))
    assert dropped.place == gone


def test_nobody_there(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"http://me:secret@127.0.0.1:{port}/{NAME}"
    error = fails(folder, Wanted(file=NAME, sha256="0" * 64, bytes=None, urls=(url,)))
    assert type(error) is NoNetwork
    message = render(error.message, "en")
    assert "secret" not in message
    assert f"****@127.0.0.1:{port}" in message


def test_a_password_is_sent_to_its_own_host_alone(source: FileSource, other: FileSource, folder: Path) -> None:
    source.password, source.redirect = "me:se cret", other.url
    url = source.url.replace("//", "//me:se%20cret@") + f"/{NAME}"
    want = wanted(NAME, CONTENT)
    bring(folder, Wanted(file=NAME, sha256=want.sha256, bytes=None, urls=(url,)))
    assert "Authorization" in source.headers[0]
    assert "Authorization" not in other.headers[0]


def test_a_password_from_a_netrc_file(source: FileSource, folder: Path, tmp_path: Path) -> None:
    source.password = "me:secret"
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n", encoding="utf-8")
    (tmp_path / "netrc").chmod(0o600)
    bring(folder, wanted(NAME, CONTENT, source), NETRC=str(tmp_path / "netrc"))


def test_a_missing_password_is_told_apart(source: FileSource, folder: Path) -> None:
    source.password = "me:secret"
    assert type(fails(folder, wanted(NAME, CONTENT, source))) is Refused


def test_through_a_proxy(source: FileSource, folder: Path) -> None:
    """The server plays the proxy: it is asked for the whole address of a host that does not exist."""
    url = f"http://host.invalid/{NAME}"
    want = Wanted(file=NAME, sha256=hashlib.sha256(CONTENT).hexdigest(), bytes=None, urls=(url,))
    bring(folder, want, HTTP_PROXY=source.url)
    assert source.headers[0]["Host"] == "host.invalid"
    # Where the host is excepted the proxy is not asked.
    assert type(fails(folder / "2", want, http_proxy=source.url, NO_PROXY=".invalid")) is NoNetwork
    assert len(source.asked) == 1


def test_uv_settings_are_taken_over() -> None:
    assert Patience.of({}) == Patience()
    patience = Patience.of({"UV_HTTP_TIMEOUT": "5", "UV_HTTP_RETRIES": "0", "UV_CONCURRENT_DOWNLOADS": "2"})
    assert (patience.stall_seconds, patience.retries, patience.at_once) == (5, 0, 2)
    assert Patience.of({"UV_HTTP_TIMEOUT": "soon"}) == Patience()


@pytest.mark.parametrize("name", ["../up.whl", "a/b", "C:x", ""])
def test_a_name_that_leads_elsewhere_is_refused(source: FileSource, folder: Path, name: str) -> None:
    with pytest.raises(StepFailed):
        fetch([Wanted(file=name, sha256="0" * 64, bytes=None, urls=(source.url,))], folder, variables={})


FETCH = f"""
import json, signal, sys
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from doctor.errors import TunedocError
from doctor.fetching import Patience, Wanted, fetch
limit = int(sys.argv[4])
if limit:
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
wanted = [Wanted(**each) for each in json.loads(sys.argv[1])]
try:
    fetch(wanted, Path(sys.argv[2]), variables={{"NO_PROXY": "127.0.0.1"}}, patience=Patience(at_once=int(sys.argv[3])))
except TunedocError as error:
    sys.exit(error.code)
except KeyboardInterrupt:
    sys.exit("interrupted")
"""


def start(folder: Path, *files: Wanted, at_once: int = 4, file_limit: int = 0) -> subprocess.Popen[str]:
    """Fetch in a process of its own."""
    import dataclasses
    import json

    arguments = [json.dumps([dataclasses.asdict(each) for each in files]), str(folder), str(at_once), str(file_limit)]
    return subprocess.Popen(
        [sys.executable, "-c", FETCH, *arguments], stderr=subprocess.PIPE, encoding="utf-8", cwd=folder.parent,
        env={**os.environ, "PYTHONUTF8": "1"},
    )  # fmt: skip


def test_after_a_kill_only_the_rest_is_fetched(source: FileSource, other: FileSource, folder: Path) -> None:
    """The server's log proves it: no byte that was on the disk is sent again."""
    large = noise(4_000_000, 2)
    source.files[NAME] = other.files[NAME] = large
    source.stalls_after = 3_000_000
    process = start(folder, wanted(NAME, large, source))
    while not (partial(folder, large).exists() and partial(folder, large).stat().st_size >= 2_900_000):
        assert process.poll() is None, process.communicate()
    process.kill()
    process.communicate()
    kept = partial(folder, large).stat().st_size
    assert not (folder / NAME).exists()
    bring(folder, wanted(NAME, large, other))
    assert other.starts == [kept]
    assert other.sent == len(large) - kept


def test_killed_again_and_again_it_ends_with_every_byte_sent_once(source: FileSource, folder: Path) -> None:
    large = noise(3_000_000, 3)
    source.files[NAME] = large
    kept = 0
    for share in range(1, 6):
        source.stalls_after, source.faults = share * 500_000 - kept, 1
        process = start(folder, wanted(NAME, large, source))
        goal = share * 500_000 - 4096
        while not (partial(folder, large).exists() and partial(folder, large).stat().st_size >= goal):
            assert process.poll() is None, process.communicate()
        process.kill()
        process.communicate()
        kept = partial(folder, large).stat().st_size
    source.stalls_after = 0
    bring(folder, wanted(NAME, large, source))
    assert source.starts == sorted(source.starts)
    assert source.sent == len(large)


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT to one process")
def test_ctrl_c_is_heard_while_a_server_stalls(source: FileSource, folder: Path) -> None:
    source.stalls_after = 100_000
    process = start(folder, wanted(NAME, CONTENT, source))
    while not (partial(folder).exists() and partial(folder).stat().st_size >= 90_000):
        assert process.poll() is None, process.communicate()
    os.kill(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=20)
    assert stderr.strip() == "interrupted"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a limit on the size of files")
def test_a_full_disk_is_told_and_what_came_is_kept(source: FileSource, folder: Path) -> None:
    process = start(folder, wanted(NAME, CONTENT, source), file_limit=100_000)
    _, stderr = process.communicate(timeout=20)
    assert stderr.strip() == "no_space"
    assert partial(folder).read_bytes() == CONTENT[:100_000]
    assert not (folder / NAME).exists()
    bring(folder, wanted(NAME, CONTENT, source))
    assert source.starts == [0, 100_000]


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounts a small disk")
def test_a_disk_that_is_really_full(source: FileSource, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("no disk can be mounted here")
    try:
        error = fails(disk, wanted(NAME, CONTENT, source))
        assert type(error) is NoSpace
        assert str(disk) in render(error.message, "en")
    finally:
        subprocess.run(["umount", disk], check=True)
