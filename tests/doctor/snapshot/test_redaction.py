"""A snapshot is safe to attach to a bug report."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from doctor.snapshot.codec import from_json, to_json
from doctor.snapshot.model import Setting, Unknown
from doctor.snapshot.redaction import HIDDEN, Identity, redact, redact_words

LINUX = Identity(user="zhangsan", home_folder="/home/zhangsan", host_name="workbench")
WINDOWS = Identity(user="张三", home_folder="C:\\Users\\张三", host_name="DESKTOP-4F2K9")
GOOD = Path(__file__).parent.parent.parent / "machines" / "win11-two-5060ti.json"


@pytest.mark.parametrize(
    ("identity", "words", "redacted"),
    [
        (LINUX, "/home/zhangsan/.local/share/tunedoc", "~/.local/share/tunedoc"),
        (LINUX, "/home/zhangsan", "~"),
        (LINUX, "/home/zhangsan2/x", "/home/<user>/x"),
        (LINUX, "/mnt/data/zhangsan/models", "/mnt/data/<user>/models"),
        (LINUX, "/a:/home/zhangsan/lib:/b", "/a:~/lib:/b"),
        (LINUX, "cannot reach workbench: refused", "cannot reach <host>: refused"),
        (WINDOWS, "C:\\Users\\张三\\AppData\\Local", "~\\AppData\\Local"),
        (WINDOWS, "c:/users/张三/AppData", "~/AppData"),
        (WINDOWS, "C:\\Users\\ZHANGS~1\\AppData\\Local\\Temp", "C:\\Users\\<user>\\AppData\\Local\\Temp"),
        (WINDOWS, "C:\\Users\\Public\\models", "C:\\Users\\Public\\models"),
        (LINUX, "/mnt/c/Users/someone/x", "/mnt/c/Users/<user>/x"),
        (WINDOWS, "D:\\数据\\张三", "D:\\数据\\<user>"),
        (WINDOWS, "\\\\nas01\\models\\x", "\\\\<host>\\models\\x"),
        (LINUX, "https://me:secret@pkgs.corp.example/simple", "https://<host>/simple"),
        (LINUX, "https://user@10.0.0.7:8080/simple", "https://<host>:8080/simple"),
        (LINUX, "https://download.pytorch.org/whl/cpu", "https://download.pytorch.org/whl/cpu"),
        (LINUX, "http://localhost:8000/simple", "http://localhost:8000/simple"),
        (LINUX, "http://localhost.evil.example/x", "http://<host>/x"),
        (LINUX, "file:///srv/wheels", "file:///srv/wheels"),
        (LINUX, "https://hub.example/x?token=abc&a=1", f"https://<host>/x?token={HIDDEN}&a=1"),
        (LINUX, "hf_abcdefghijklmnop", HIDDEN),
    ],
)
def test_traces_of_a_person_are_taken_out(identity: Identity, words: str, redacted: str) -> None:
    assert redact_words(words, identity) == redacted
    assert redact_words(redacted, identity) == redacted


@pytest.mark.parametrize("user", ["root", "user", "admin"])
def test_a_common_account_name_is_left_as_the_word_it_is(user: str) -> None:
    assert redact_words("/srv/root and /srv/user", Identity(user=user)) == "/srv/root and /srv/user"


def test_a_short_name_is_replaced_in_paths_only() -> None:
    assert redact_words("/data/li/models or li", Identity(user="li")) == "/data/<user>/models or li"


@pytest.mark.parametrize("name", ["HF_TOKEN", "HUGGINGFACE_API_KEY", "UV_INDEX_CORP_PASSWORD", "PIP_CLIENT_SECRET"])
def test_settings_that_hold_secrets_lose_their_value(name: str) -> None:
    snapshot = dataclasses.replace(
        from_json(GOOD.read_text(encoding="utf-8"), "x"),
        settings=(Setting(name=name, value="my-precious", origin="environment"),),
    )
    assert "my-precious" not in to_json(snapshot)
    assert name in to_json(snapshot)


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "no_proxy", "PIP_TRUSTED_HOST", "pip.trusted-host", "pip.proxy"])
def test_settings_that_are_hosts_do_not_name_them(name: str) -> None:
    snapshot = dataclasses.replace(
        from_json(GOOD.read_text(encoding="utf-8"), "x"),
        settings=(Setting(name=name, value="me:pw@gate.corp.example:3128", origin="environment"),),
    )
    assert "corp" not in to_json(snapshot)


def test_product_names_are_left_alone() -> None:
    snapshot = from_json(GOOD.read_text(encoding="utf-8"), "x")
    assert redact(snapshot, Identity(user="nvidia", host_name="windows")).nvidia == snapshot.nvidia
    assert redact(snapshot, Identity(host_name="windows")).os == snapshot.os


def test_reasons_deep_inside_are_redacted_too() -> None:
    snapshot = from_json(GOOD.read_text(encoding="utf-8"), "x")
    failed = dataclasses.replace(snapshot, memory=Unknown("PermissionError: /home/zhangsan/x"))
    assert redact(failed, LINUX).memory == Unknown("PermissionError: ~/x")
