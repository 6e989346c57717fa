"""Names, tokens, keys and addresses are planted in every string of a snapshot, and in logs; none comes out."""

from __future__ import annotations

import dataclasses
import types
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest

from doctor.catalogue.load import load_catalogue
from doctor.checks.registry import ALL_CHECKS
from doctor.cli.findings import finding_record
from doctor.diagnosis import diagnose
from doctor.reporting import Log, build_report, to_json, to_markdown
from doctor.snapshot import codec
from doctor.snapshot.model import Absent, Gpu, Setting, Snapshot, Unknown
from doctor.snapshot.redaction import Identity, redact, redact_words

CATALOGUE = load_catalogue(Path(__file__).parent.parent.parent.parent / "wheels.toml")
IDENTITY = Identity(user="zhangsan", home_folder="C:\\Users\\张三 丰", host_name="WORKBENCH7")

HEX = "0123456789abcdef0123456789abcdef01234567"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"
KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmU\n-----END OPENSSH PRIVATE KEY-----"
SECRETS: dict[str, tuple[str, str]] = {
    "user name": ("D:\\work\\zhangsan\\models", "zhangsan"),
    "user name as a word": ("no access for zhangsan here", "zhangsan"),
    "home folder": ("C:\\Users\\张三 丰\\AppData\\Local\\x", "张三"),
    "home folder with slashes": ("c:/users/张三 丰/x", "张三"),
    "home folder in JSON": ("C:\\\\Users\\\\张三 丰\\\\x", "张三"),
    "somebody else": ("C:\\Users\\Li Lei\\x\\y", "Lei"),
    "somebody at the end": ("it lies in C:\\Users\\Han Meimei", "Meimei"),
    "short form": ("C:\\Users\\HANMEI~1\\AppData", "HANMEI"),
    "Linux home": ("/home/xiaoming/lib/x.so", "xiaoming"),
    "mac home": ("/Users/wanglaoshi/x", "wanglaoshi"),
    "learnt from a path": ("/home/ouyangfeng/x belongs to ouyangfeng", "ouyangfeng"),
    "Chinese without spaces": ("/home/欧阳锋/x，用户欧阳锋无权限", "欧阳锋"),
    "host name": ("connect to WORKBENCH7 failed", "WORKBENCH7"),
    "Windows host name": ("DESKTOP-4F2K9AB refused", "4F2K9AB"),
    "share": ("\\\\nas-of-zs\\share\\x", "nas-of-zs"),
    "prompt": ("me@lab-of-zs:~/x$ ls", "lab-of-zs"),
    "hub token": ("got hf_abcdefghijklmnopqrstuvwxyz", "hf_abc"),
    "GitHub token": ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "ghp_abc"),
    "GitHub fine token": ("github_pat_11ABCDEFG0123456789_abcdefghij", "github_pat"),
    "OpenAI key": ("sk-proj-abcdefghijklmnop-0123456789", "sk-proj"),
    "AWS id": ("AKIAIOSFODNN7EXAMPLE", "AKIA"),
    "AWS key": ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalr"),
    "bearer": ("Authorization: Bearer abcdef.ghijkl-mnop", "abcdef.ghi"),
    "bearer alone": ("curl with Bearer abcdefghijklmnop", "abcdefghijklm"),
    "JWT": (JWT, "eyJ"),
    "private key": (KEY, "b3Blbn"),
    "private key on one line": (KEY.replace("\n", "\\n"), "b3Blbn"),
    "password in address": ("https://zs:p4ssw0rd@mirror.zs.example/simple", "p4ssw0rd"),
    "host in address": ("https://mirror.zs.example/simple", "mirror.zs"),
    "token in address": ("https://huggingface.co/x?access_token=abcd1234efgh", "abcd1234"),
    "password": ("password: tr0ub4dor&3", "tr0ub4dor"),
    "mail": ("mail zhang.san+x@corp.example.cn about it", "zhang.san"),
    "public IPv4": ("no answer of 203.0.113.77:29500", "203.0.113"),
    "private IPv4": ("no answer of 192.168.31.5:29500", "192.168"),
    "IPv6": ("no answer of [2001:db8:85a3::8a2e:370:7334]:443", "85a3"),
    "whole IPv6": ("from 2001:0db8:85a3:0000:0000:8a2e:0370:7334", "85a3"),
    "MAC": ("eth0 3c:52:82:aa:bb:cc up", "3c:52"),
    "MAC with hyphens": ("3C-52-82-AA-BB-CC", "3C-52"),
    "wandb key": (HEX, "0123456789abcdef0"),
    "wandb login": (f'wandb.login(key="{HEX}")', "0123456789abcdef0"),
    "GPU": ("GPU-5ea3f1c2-8c11-4e22-9a33-aabbccddeeff", "5ea3f1c2"),
    "SID": ("S-1-5-21-1111111111-2222222222-333333333-1001", "1111111111"),
    "cookie": ("Cookie: session=abcdef123456; x=y", "abcdef123456"),
}
"""What is planted, and what of it must never be seen."""


def samples(hint: Any, word: str) -> list[Any]:
    """Values of a type with the word in every string of them; enough that every kind in a union is there."""
    origin = get_origin(hint)
    if origin is Literal:
        return [get_args(hint)[0]]
    if origin in (Union, types.UnionType):
        return [value for part in get_args(hint) for value in samples(part, word)]
    if origin is tuple:
        return [tuple(samples(get_args(hint)[0], word))]
    if dataclasses.is_dataclass(hint):
        hints = get_type_hints(hint)
        choices = {field.name: samples(hints[field.name], word) for field in dataclasses.fields(hint)}
        count = max(map(len, choices.values()), default=1)
        build: Any = hint
        made = [build(**{name: each[n % len(each)] for name, each in choices.items()}) for n in range(count)]
        if hint is Gpu:
            # Where a GPU is named the machine's own identifier stands; files get a stand-in for it.
            return [dataclasses.replace(gpu, uuid=SECRETS["GPU"][0], index=n) for n, gpu in enumerate(made)]
        return made
    return {str: [word], int: [7], bool: [True]}[hint]


def strings_of(hint: Any, seen: set[Any]) -> set[tuple[str, str]]:
    """Every field of the model that holds text of no fixed choice, by the name of its class."""
    found: set[tuple[str, str]] = set()
    for part in get_args(hint) if get_origin(hint) is not Literal else ():
        found |= strings_of(part, seen)
    if dataclasses.is_dataclass(hint) and hint not in seen:
        seen.add(hint)
        for field, kind in get_type_hints(hint).items():
            if kind is str or str in get_args(kind) or any(str in get_args(part) for part in get_args(kind)):
                found.add((hint.__name__, field))  # type: ignore[union-attr]
            found |= strings_of(kind, seen)
    return found


def planted(word: str) -> list[Snapshot]:
    return [snapshot for snapshot in samples(Snapshot, word) if isinstance(snapshot, Snapshot)]


def test_samples_reach_every_field_that_holds_text() -> None:
    reached: set[tuple[str, str]] = set()

    def walk(value: Any) -> None:
        if isinstance(value, tuple):
            for item in value:
                walk(item)
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            for field in dataclasses.fields(value):
                item = getattr(value, field.name)
                if item == "WORD" or (isinstance(item, tuple) and "WORD" in item):
                    reached.add((type(value).__name__, field.name))
                walk(item)

    for snapshot in planted("WORD"):
        walk(snapshot)
    wanted = strings_of(Snapshot, set()) | {("Snapshot", name) for name in ("tunedoc", "taken_at")}
    assert wanted - reached == {("Gpu", "uuid")}
    assert len(wanted) > 60


@pytest.mark.parametrize("first", range(0, len(SECRETS), 8))
def test_nothing_planted_comes_out_of_a_snapshot_a_check_or_a_report(first: int) -> None:
    chosen = list(SECRETS.values())[first : first + 8]
    words = "\n".join(("sm_120", *(word for word, _ in chosen)))
    for raw in planted(words):
        snapshot = redact(raw, IDENTITY)
        diagnosis = diagnose(snapshot, CATALOGUE)
        log = Log(name=f"{chosen[0][0]}.log", words=f"step 1\n{words}\nstep 2\n")
        report = build_report(
            raw, diagnosis, catalogue="2026-01-01", titles={}, identity=IDENTITY, language="en", logs=[log]
        )
        check = str([finding_record(finding, "en") for finding in diagnosis.findings])
        outputs = [codec.to_json(snapshot), to_json(report), to_markdown(report)]
        for word, never in chosen:
            # Advice of `check` on this very machine names its GPU, so that it can be followed.
            for output in outputs if word == SECRETS["GPU"][0] else [*outputs, check]:
                assert never not in output
                assert never.encode("unicode_escape").decode() not in output
        assert "sm_120" in outputs[0]


@pytest.mark.parametrize("what", SECRETS)
def test_redaction_is_stable(what: str) -> None:
    once = redact_words(SECRETS[what][0], IDENTITY)
    assert redact_words(once, IDENTITY) == once


@pytest.mark.parametrize("what", SECRETS)
def test_nothing_planted_comes_out_of_a_long_log(what: str) -> None:
    word, never = SECRETS[what]
    filler = "2026-11-21 12:00:01 INFO step 17 loss 0.1234 tokens/s 812.5 torch/nn/modules/module.py:1511\n"
    log = filler * 800 + word + "\n" + filler * 800
    redacted = redact_words(log, IDENTITY)
    assert never not in redacted
    assert redacted.count(filler) == 1600


@pytest.mark.parametrize(
    "words",
    [
        "nvidia-cuda-nvrtc-cu12==12.8.93.1",
        "nvidia-cublas-cu12       12.8.4.1",
        "Driver Version: 31.0.15.8195",
        "cudnn 9.1.0.70",
        "vcruntime140_1.dll 14.44.35.1",
        "version 10.0.26100.1",
        "sm_120 compute_90 cu128 cp312 win_amd64 2.13.0+cu130",
        "torch-2.13.0+cu130-cp312-cp312-win_amd64.whl",
        "~\\AppData\\Local\\tunedoc\\environments\\windows-cu128-torch2.11-1\\venv\\Scripts\\python.exe",
        "C:\\Program Files\\NVIDIA GPU Computing Toolkit\\CUDA\\v12.8\\bin\\cudart64_12.dll",
        "/usr/lib/wsl/lib/libcuda.so.1",
        "pad_token='<|endoftext|>', bos_token_id=1, max_new_tokens=512, tokens/s: 45.2, eos_token=</s>",
        "TOKENIZERS_PARALLELISM=false",
        "tokenizer: Qwen2TokenizerFast",
        "12:34:56 01:02:03.456 00000000:01:00.0 c10::Error std::vector at::Tensor",
        "models--a--b/snapshots/0123456789abcdef0123456789abcdef01234567/config.json",
        "git_version = '0123456789abcdef0123456789abcdef01234567'",
        "failed to connect to [kubernetes.docker.internal]:29500, 127.0.0.1:29500 and [::1]:29500",
        "https://huggingface.co/Qwen/Qwen3-8B https://download.pytorch.org/whl/cu128",
        "OSError: [WinError 126] The specified module could not be found. Error loading \"c10.dll\"",
        "RuntimeError: CUDA error: no kernel image is available for execution on the device",
        "C:\\Users\\Public\\models",
        "key: value, keys=3, monkey=1, secretary: none",
        "显存不足：需要 16.0 GiB",
    ],
)  # fmt: skip
def test_innocent_words_survive(words: str) -> None:
    assert redact_words(words, Identity()) == words
    assert redact_words(words, Identity(user="torch", host_name="windows")) == words


@pytest.mark.parametrize("name", ["TOKENIZERS_PARALLELISM", "USE_LIBUV", "CUDA_VISIBLE_DEVICES", "HF_HUB_OFFLINE"])
def test_settings_that_are_no_secrets_keep_their_value(name: str) -> None:
    snapshot = dataclasses.replace(
        planted("x")[0], settings=(Setting(name=name, value="1 ", origin="user"),), nvidia=Absent()
    )
    assert redact(snapshot, IDENTITY).settings == snapshot.settings


def test_a_gpu_named_in_a_variable_still_names_it_after_its_identifier_is_hidden() -> None:
    raw = planted("x")[0]
    shown = Setting(name="CUDA_VISIBLE_DEVICES", value="GPU-5ea3f1c2", origin="environment")
    record = codec.to_record(dataclasses.replace(raw, settings=(shown,)))
    uuids = [gpu["uuid"] for gpu in record["nvidia"]["gpus"]]
    assert record["settings"][0]["value"] in uuids or len(set(uuids)) > 1
    assert "5ea3f1c2" not in str(record)


def test_findings_of_every_check_are_named() -> None:
    report = build_report(
        planted("x")[0],
        diagnose(planted("x")[0], CATALOGUE),
        catalogue="2026-01-01",
        titles={check.id: check.title for check in ALL_CHECKS},
        identity=Identity(),
        language="zh",
    )
    assert {finding["check"] for finding in report.record["findings"]} <= {check.id for check in ALL_CHECKS}


def test_why_something_is_unknown_is_redacted() -> None:
    raw = dataclasses.replace(planted("x")[0], memory=Unknown("PermissionError: C:\\Users\\张三 丰\\x"))
    assert redact(raw, IDENTITY).memory == Unknown("PermissionError: ~\\x")
