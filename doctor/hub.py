"""Ask a model hub what a repository holds, choose the files that training needs, and fetch them.

The hub's own client does the talking, so HF_ENDPOINT, HF_TOKEN, HF_HOME and HF_HUB_OFFLINE mean what they mean
everywhere. Weights are taken as safetensors only: pickles run any code that somebody put into them.
"""

from __future__ import annotations

import errno
import json
import sys
from contextlib import contextmanager
from fnmatch import fnmatch
from typing import TYPE_CHECKING, Any

from doctor.errors import BadInput, NoNetwork, NoSpace
from doctor.late_pattern import late_pattern
from doctor.quick_dataclass import dataclass
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from doctor.errors import TunedocError

_REPO = late_pattern(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_ANSWER_SECONDS = 20.0
_LONGEST_CONFIG = 1 << 22
_FIRST_BYTES = 100_000
"""Most headers of safetensors files are shorter."""
_LONGEST_HEADER = 100_000_000
_AT_ONCE = 8
_FIRST_ERROR = 400
_COMPANIONS = ("*.json", "*.txt", "*.model", "*.jinja", "*.tiktoken", "README.md", "LICENSE*", "NOTICE*")
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt")
_WINDOWS_DISK_FULL = 112


@dataclass(frozen=True)
class HubFile:
    """One file of a repository."""

    name: str
    bytes: int
    sha256: str | None
    """Known for large files only."""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What is to be fetched of one revision."""

    repo: str
    commit: str
    endpoint: str
    licence: str | None
    files: tuple[HubFile, ...]

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)


def is_repo_name(words: str) -> bool:
    """Whether this looks like `owner/name` on a hub."""
    return _REPO.fullmatch(words) is not None


def look_up(repo: str, revision: str | None = None) -> Listing:
    """What a repository holds. Raises BadInput when it is not there or cannot be used, NoNetwork."""
    if not is_repo_name(repo):
        raise BadInput(text("model.bad_repo", repo=repo), hint=text("model.bad_repo_hint"))
    with _hub_errors(repo, revision):
        from huggingface_hub import HfApi

        api = HfApi()
        info = api.model_info(repo, revision=revision, files_metadata=True, timeout=_ANSWER_SECONDS)
    found = [
        HubFile(sibling.rfilename, int(sibling.size or 0), sibling.lfs.sha256 if sibling.lfs else None)
        for sibling in info.siblings or ()
    ]
    licence = getattr(info.card_data, "license", None)
    return Listing(
        repo=repo,
        commit=str(info.sha),
        endpoint=str(api.endpoint),
        licence=str(licence) if licence else None,
        files=choose_files(repo, found),
    )


def choose_files(repo: str, found: Sequence[HubFile]) -> tuple[HubFile, ...]:
    """The files that training needs, each kind once. Raises BadInput when there are no safetensors."""
    names = {file.name for file in found}
    if "config.json" not in names:
        raise BadInput(text("model.repo_no_config", repo=repo), hint=text("model.repo_no_config_hint"))
    if "model.safetensors.index.json" in names:
        weights = "model-*-of-*.safetensors"
    elif "model.safetensors" in names:
        weights = "model.safetensors"
    elif pickles := sorted(name for name in names for pattern in _PICKLES if fnmatch(name, pattern)):
        raise BadInput(text("model.pickle_only", first=pickles[0]), hint=text("model.pickle_only_hint"), file=repo)
    else:
        raise BadInput(text("model.repo_no_weights", repo=repo), hint=text("model.repo_no_config_hint"))
    wanted = (weights, *_COMPANIONS)
    return tuple(
        file
        for file in found
        # Folders hold other formats and examples; what training needs lies at the top.
        if "/" not in file.name and any(fnmatch(file.name, pattern) for pattern in wanted)
    )


def download(listing: Listing, folder: Path) -> None:
    """Fetch the files of a listing into a folder. Files that are whole there already are not fetched again.

    Raises NoNetwork, NoSpace, BadInput.
    """
    with _hub_errors(listing.repo, listing.commit):
        from huggingface_hub import snapshot_download
        from huggingface_hub.utils.tqdm import disable_progress_bars

        from doctor.host.terminals import is_terminal

        if not is_terminal(sys.stderr):
            disable_progress_bars()
        folder.mkdir(parents=True, exist_ok=True)
        snapshot_download(
            listing.repo,
            revision=listing.commit,
            local_dir=folder,
            allow_patterns=[file.name for file in listing.files],
        )


def read_remote(listing: Listing) -> tuple[dict[str, Any], dict[str, tuple[str, tuple[int, ...]]]]:
    """The configuration of a listed model, and the format and shape of each of its tensors, without its weights.

    Of each weight file only the header is read, by range requests. Raises NoNetwork and BadInput.
    """
    with _hub_errors(listing.repo, listing.commit):
        from concurrent.futures import ThreadPoolExecutor

        config = json.loads(_beginning(listing, "config.json", _LONGEST_CONFIG))
        names = [file.name for file in listing.files if file.name.endswith(".safetensors")]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            headers = list(pool.map(lambda name: _header(listing, name), names))
    if not isinstance(config, dict):
        raise BadInput(text("model.bad_json", detail="{ }"), file=f"{listing.repo}/config.json")
    return config, {name: entry for header in headers for name, entry in header.items()}


def _header(listing: Listing, name: str) -> dict[str, tuple[str, tuple[int, ...]]]:
    begin = _beginning(listing, name, _FIRST_BYTES)
    length = int.from_bytes(begin[:8], "little")
    try:
        if not 2 <= length <= _LONGEST_HEADER:
            raise ValueError(length)
        raw = begin if length + 8 <= len(begin) else _beginning(listing, name, length + 8)
        header = json.loads(raw[8 : 8 + length])
        return {
            tensor: (str(entry["dtype"]), tuple(int(side) for side in entry["shape"]))
            for tensor, entry in header.items()
            if tensor != "__metadata__"
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(text("model.truncated"), file=f"{listing.repo}/{name}") from error


def _beginning(listing: Listing, name: str, count: int) -> bytes:
    """The first bytes of a file. No more is read even where a server does not know ranges and sends all of it."""
    from huggingface_hub import hf_hub_url
    from huggingface_hub.utils import build_hf_headers, get_session, hf_raise_for_status  # type: ignore[attr-defined]

    url = hf_hub_url(listing.repo, name, revision=listing.commit, endpoint=listing.endpoint)
    headers = {**build_hf_headers(), "range": f"bytes=0-{count - 1}"}
    got = bytearray()
    with get_session().stream("GET", url, headers=headers, timeout=_ANSWER_SECONDS, follow_redirects=True) as answer:
        if answer.status_code >= _FIRST_ERROR:
            answer.read()
        hf_raise_for_status(answer)
        for piece in answer.iter_bytes():
            got += piece
            if len(got) >= count:
                break
    return bytes(got[:count])


@contextmanager
def _hub_errors(repo: str, revision: str | None) -> Iterator[None]:
    """What the client raises, as ours."""
    try:
        yield
    except (KeyboardInterrupt, MemoryError):
        raise
    except Exception as error:
        ours = _explain(error, repo, revision)
        if ours is None:
            raise
        raise ours from error


def _explain(error: Exception, repo: str, revision: str | None) -> TunedocError | None:
    from huggingface_hub import errors

    if isinstance(error, errors.GatedRepoError):
        return BadInput(text("model.gated", repo=repo), hint=text("model.gated_hint"))
    if isinstance(error, errors.RepositoryNotFoundError):
        return BadInput(text("model.no_repo", repo=repo), hint=text("model.no_repo_hint"))
    if isinstance(error, errors.RevisionNotFoundError):
        return BadInput(text("model.no_revision", repo=repo, revision=str(revision)))
    if isinstance(error, errors.HFValidationError):
        return BadInput(text("model.bad_repo", repo=repo), hint=text("model.bad_repo_hint"))
    if isinstance(error, OSError) and (
        error.errno == errno.ENOSPC or getattr(error, "winerror", None) == _WINDOWS_DISK_FULL
    ):
        return NoSpace(text("cli.no_space", file=error.filename or repo), hint=text("cli.no_space_hint"))
    if isinstance(error, errors.OfflineModeIsEnabled):
        return NoNetwork(text("model.offline"), hint=text("model.offline_hint"))
    if isinstance(error, errors.HfHubHTTPError):
        response = getattr(error, "response", None)
        status = getattr(response, "status_code", "?")
        return NoNetwork(text("model.hub_status", repo=repo, status=status), hint=text("model.hub_hint"))
    # The client's transport raises its own family, which is not its to promise.
    if isinstance(error, (ConnectionError, TimeoutError, errors.LocalEntryNotFoundError)) or type(
        error
    ).__module__.startswith(("httpx", "httpcore", "requests", "urllib3")):
        return NoNetwork(
            text("model.no_hub", detail=str(error).splitlines()[0] if str(error) else type(error).__name__),
            hint=text("model.hub_hint"),
        )
    return None
