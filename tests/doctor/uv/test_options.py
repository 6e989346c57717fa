"""What pip is configured with becomes uv's options; uv's own variables win."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.host.pip_configuration import PipConfiguration
from doctor.uv.options import local_folders, sources_for, without_credentials

if TYPE_CHECKING:
    from pathlib import Path

PIP = PipConfiguration(
    index_url="https://mirror/simple",
    extra_index_urls=("https://extra/a", "https://extra/b"),
    find_links=("/wheels",),
    cert="/certs.pem",
    trusted_hosts=("mirror",),
    proxy="proxy:3128",
    timeout_seconds="180",
)


def test_everything_is_handed_on() -> None:
    sources = sources_for(PIP, {"PATH": "/bin"})
    assert sources.options == (
        "--default-index", "https://mirror/simple", "--index", "https://extra/a", "--index", "https://extra/b",
        "--index-strategy", "unsafe-best-match", "--find-links", "/wheels", "--allow-insecure-host", "mirror",
    )  # fmt: skip
    assert sources.variables == {
        "PATH": "/bin",
        "SSL_CERT_FILE": "/certs.pem",
        "HTTP_PROXY": "http://proxy:3128",
        "HTTPS_PROXY": "http://proxy:3128",
        "UV_HTTP_TIMEOUT": "180",
    }


def test_uvs_own_variables_win() -> None:
    environ = {
        "UV_DEFAULT_INDEX": "https://mine", "UV_INDEX": "https://more", "UV_FIND_LINKS": "/a,/b",
        "UV_INSECURE_HOST": "x", "SSL_CERT_FILE": "/mine.pem", "HTTPS_PROXY": "http://p", "UV_HTTP_TIMEOUT": "5",
    }  # fmt: skip
    sources = sources_for(PIP, environ)
    assert sources.options == ()
    assert sources.find_links == ("/a", "/b")
    assert sources.variables == {**environ, "HTTP_PROXY": "http://proxy:3128"}


def test_a_chosen_strategy_stays() -> None:
    assert "--index-strategy" not in sources_for(PIP, {"UV_INDEX_STRATEGY": "first-index"}).options


def test_variables_that_would_misdirect_uv_are_dropped() -> None:
    environ = {"VIRTUAL_ENV": "/v", "UV_TORCH_BACKEND": "cpu", "UV_NO_VERIFY_HASHES": "1", "UV_CACHE_DIR": "/c"}
    assert sources_for(PipConfiguration(), environ).variables == {"UV_CACHE_DIR": "/c"}


def test_a_certificate_folder_is_a_folder(tmp_path: Path) -> None:
    assert sources_for(PipConfiguration(cert=str(tmp_path)), {}).variables == {"SSL_CERT_DIR": str(tmp_path)}


def test_local_folders_of_all_spellings(tmp_path: Path) -> None:
    folder = tmp_path / "my wheels 轮子"
    folder.mkdir()
    assert local_folders((str(folder), folder.as_uri(), "https://page/", "/none")) == (folder, folder)


def test_credentials_are_never_shown() -> None:
    assert without_credentials("https://me:secret@host:8/simple") == "https://****@host:8/simple"
    assert without_credentials("https://host/simple") == "https://host/simple"
