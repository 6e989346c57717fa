"""Patterns of what belongs to a person, in any text: names in paths, tokens, keys, addresses, serial numbers. Pure.

Every rule takes time in proportion to the text: repetitions are bounded or begin where a word begins, and rules look
only at lines that hold one of their triggers.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

from doctor.late_pattern import late_pattern
from doctor.snapshot.rewriting import Rule, apply_all, lower_in_place, put, put_after

HIDDEN = "<hidden>"
USER = "<user>"
HOST = "<host>"

_ORDINARY = """
root user users admin administrator system public default home localhost python owner guest test tester dev developer
ubuntu debian linux windows microsoft nvidia geforce intel cuda torch pytorch conda anaconda miniconda docker runner
work workspace data assistant model models train trainer training server local desktop laptop computer machine gpu ai
lab pc app apps jovyan kaggle colab content shared all opc azureuser ec2-user vscode student teacher max ti pro super
studio tunedoc doctor hidden host none true false null hub cache temp
"""
ORDINARY_NAMES = frozenset(_ORDINARY.split())
"""Account and host names that identify nobody and are also ordinary words."""

KNOWN_NAMES = frozenset({"localhost", "kubernetes.docker.internal", "host.docker.internal", "gateway.docker.internal"})
"""Host names that are the same on everybody's machine, and matter: gloo may take them for this computer's."""

_PUBLIC_HOSTS = late_pattern(
    r"localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?]|(kubernetes|host|gateway)\.docker\.internal"
    r"|([\w-]+\.){0,4}(pytorch\.org|huggingface\.co|hf-mirror\.com|hf\.co|modelscope\.cn|nvidia\.com|github\.com"
    r"|githubusercontent\.com|microsoft\.com|aka\.ms|anaconda\.(com|org)|python\.org)",
    re.IGNORECASE,
)
"""Public services that everybody uses: knowing that they are set helps, and they say nothing about the person."""

_NAME = r"[^\\/\s:;,\"'<>|*?]+"
_FOLDER = late_pattern(
    r"([\\/](?i:users|home)[\\/]{1,4})(?!(?:Public|Default|All Users|<user>)(?![^\\/]))"
    # Names of Windows accounts have spaces: they end at the next separator, or with the last capitalised word.
    rf"((?:[^\\/:*?\"'<>|\r\n,;(){{}}\[\]]{{1,40}}(?=[\\/]))|{_NAME}(?: (?![a-z\d(\[=-]){_NAME}){{0,3}})"
)
_FOLDERS = ("/users", "\\users", "/home", "\\home")
_TOKENS: dict[str, str] = {
    "hf_": r"[A-Za-z0-9]{8,}",
    **dict.fromkeys(("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"[A-Za-z0-9]{16,}"),
    **dict.fromkeys(("github_pat_", "r8_", "npm_", "dop_v1_", "wandb_v1_", "sk_live_", "sk_test_"), r"\w{12,}"),
    **dict.fromkeys(("glpat-", "pypi-", "sk-", "nvapi-", "xoxb-", "xoxp-", "xoxa-", "xoxs-", "ya29."), r"[\w-]{16,}"),
    **dict.fromkeys(("akia", "asia", "aroa", "aida"), r"[A-Z0-9]{16}(?![A-Za-z0-9])"),
    "aiza": r"[\w-]{30,}",
    "ltai": r"\w{12,}",
    "eyj": r"(?<![\w-]eyJ)[\w-]{8,}+\.[\w-]{4,}(?:\.[\w-]*)?",
}
"""How the services' tokens begin, and what follows. The last is a JSON web token."""
_TOKEN = late_pattern(
    "(?<![A-Za-z0-9])(?:"
    + "|".join(
        rf"{re.escape(head)}{rest}"
        if head.islower() and not head[-1].isalpha()
        else rf"{'eyJ' if head == 'eyj' else 'AIza' if head == 'aiza' else head.upper()}{rest}"
        for head, rest in _TOKENS.items()
    )
    + ")"
)
_ADDRESS = late_pattern(r"(://)(?:[^/\s@\"'<>]+@)?(\[[^]\s]{1,64}]|[^/\s:@,;\"'`<>()\\]+)?")
_HOST_ARGUMENT = late_pattern(r"((?i:host(?:name)?)['\"]?\s{0,2}[=:]\s{0,2}['\"])([^'\"\s<>]{1,255})(?=['\"])")
_HOST_BRACKET = late_pattern(r"(?<=\[)([A-Za-z0-9][\w.-]{0,200})(?=\]:\d{2,5})")
_WINDOWS_HOST = late_pattern(r"(?<![\w-])(?:DESKTOP|LAPTOP|WIN)-[A-Z0-9]{6,12}(?![\w-])")
_PROMPT = late_pattern(r"(?<![\w.@-])([\w.-]{1,32})@([\w.-]{1,63})(?=:[~/]| MINGW)")
_SHARE = late_pattern(
    r"(?<![\\\w:])\\\\(?!<host>)[^\\\s?.][^\\\s]*(?=\\)|(?<![\\\w:])\\\\(?!<host>)[^\\\s?.\"'][^\\\s\"']*$"
)
_QUERY = late_pattern(
    r"([?&][A-Za-z_-]{0,40}(?:token|key|secret|password|signature|credential|auth)[A-Za-z_-]{0,40}=)[^&\s\"'<>]+",
    re.IGNORECASE,
)
_ASSIGNMENT = late_pattern(
    r"(?<![A-Za-z0-9])((?:token|secret|password|passwd|passphrase|pwd|api[_-]?key|access[_-]?key(?:[_-]?id)?"
    r"|access[_-]?token|secret[_-]?(?:access[_-]?)?key|private[_-]?key|client[_-]?secret|credentials?|wandb[_-]key"
    r"|auth[_-]?key)[\"']?\s{0,4}(?:=|:|=>)\s{0,4}[\"']?)"
    r"(?!<|\$|%|\*|None\b|null\b|True\b|False\b|str\b|Optional\b|\d{1,7}\b)[^\s\"',;&<>]{4,}",
    re.IGNORECASE,
)
_SPECIAL = late_pattern(
    r"(?:bos|eos|pad|unk|mask|sep|cls|image|video|audio|stop|start|end|special|new|last|first|next|per|each|added|fim)"
    r"[_.-]$",
    re.IGNORECASE,
)
"""A tokenizer's tokens are nobody's secret."""
_WANDB_LOGIN = late_pattern(r"((?:wandb|login|key)[\w.]{0,20}\(\s{0,4}(?:key\s{0,2}=\s{0,2})?[\"'])[\w-]{20,}")
_NETRC = late_pattern(r"((?:password|passwd|login)\s{1,4})(?=[^\s<]{0,40}\d)[^\s<]{6,}", re.IGNORECASE)
_BEARER = late_pattern(r"(bearer\s{1,4})[\w.~+/=-]{6,}", re.IGNORECASE)
_HEADER = late_pattern(
    r"((?:authorization|proxy-authorization|set-cookie|cookie|x-api-key)[\"']?\s{0,4}[:=]\s{0,4}[\"']?)"
    r"(?![\"'\s<])[^\r\n\"']{1,2000}",
    re.IGNORECASE,
)
_HEX_KEY = late_pattern(r"(?<![0-9A-Za-z])[0-9a-f]{40}(?![0-9A-Za-z])")
_REVISION = late_pattern(
    r"(?:commit|revision|snapshots|blobs|refs|git|sha1?|hash|tree|raw|resolve|@|\+g)\W{0,6}\w{0,12}\W{0,6}$",
    re.IGNORECASE,
)
_MAC = late_pattern(r"(?<![\w:-])(?:[0-9A-Fa-f]{2}([:-]))(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![\w:-])")
_IPV6 = late_pattern(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{1,4})?(?![\w:])")
_IPV4 = late_pattern(r"[0-9](?<![\w.+-][0-9])[0-9]{0,2}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(?![\w+-]|\.\w)")
_EMAIL = late_pattern(r"(?<![\w.+%-])[\w.+%-]{1,64}@(?!<)(?:[\w-]{1,63}\.){1,8}[A-Za-z一-鿿]{2,24}(?![\w-])")
_SERIAL = late_pattern(
    r"(?<![\w-])(GPU|MIG|MIG-GPU)-[0-9A-Fa-f]{8}-[0-9A-Fa-f-]{4,27}(?:/\d+/\d+)?"
    r"|(?i:((?:serial number|serial|board part number)\s{0,40}:\s{0,4})(?!N/A|\[N/A|<|0\b)[\w.-]+)"
)
_SID = late_pattern(r"(?<![\w-])S-1-5-21(?:-\d{1,10}){3,4}")
_KEY_BEGINS = late_pattern(r"-----BEGIN [A-Z ]{0,40}(?:PRIVATE KEY|CERTIFICATE)[A-Z ]{0,10}-----")
_KEY_LINE = late_pattern(r"[A-Za-z0-9+/=:, -]{0,200}")
_VERSION_BEFORE = late_pattern(
    r"(?:version|release|driver|build|requires|needs|installed|(?:older|newer) than"
    r"|windows|kernel|msvc|visual c\+\+|\.dll|\.so|[=<>!~]=|\bv"
    r"|\b(?:nvidia|cuda|cudnn|cublas|curand|cufft|cusolver|cusparse|nccl|nvrtc|nvml|tensorrt|torch|triton|opencv|onnx"
    r"|vcruntime|msvcp|lib)[\w.-]*)[\s:=(\[\"',|]{0,32}$",
    re.IGNORECASE,
)
"""Words after which four numbers are a version."""


def hide_private(words: str, *, is_version: bool = False, serials: bool = True) -> str:
    """One text without anything of a person that can be told by its form.

    `is_version`: four numbers are a version there, not an address. `serials`: GPUs' identifiers are hidden too.
    """
    rules = (*_RULES, *((_SERIAL_RULE,) if serials else ()), *(() if is_version else (_IPV4_RULE,)))
    return apply_all(rules, _hide_keys(words))


def replace_name(words: str, name: str, stand_in: str) -> str:
    """The text with a name replaced: where a path has it, and, unless it is very short, as a word of its own."""
    return apply_all((_name_rule(name, stand_in),), words)


def replace_folder(words: str, folder: str) -> str:
    """The text with `~` for a home folder, in whichever way it is written."""
    return apply_all((_folder_rule(folder),), words)


@lru_cache(maxsize=32)
def _name_rule(name: str, stand_in: str) -> Rule:
    """Chinese is written without spaces between words. Windows shortens long names to `ZHANGS~1` and its like."""
    spelled = re.escape(name)
    patterns = [rf"(?<=[\\/]){spelled}(?=[\\/]|$)"]
    if not name.isascii():
        patterns = [spelled]
    elif len(name) > 2:
        patterns.append(rf"(?<![\w-]){spelled}(?![\w-])")
    anchors = [lower_in_place(name)]
    if len(name) > 8 and name.isascii():
        short = re.sub(r"[ .]", "", name)[:6]
        patterns.append(rf"(?<!\w){re.escape(short)}~\d")
        anchors.append(short.lower())
    return Rule(re.compile("|".join(patterns), re.IGNORECASE | re.MULTILINE), put(stand_in), anchors=tuple(anchors))


@lru_cache(maxsize=8)
def _folder_rule(folder: str) -> Rule:
    parts = re.split(r"[\\/]", folder)
    # Windows writes one path in several ways: either slash, any case, doubled in JSON-like settings.
    windows = "\\" in folder or ":" in folder[:2]
    pattern = r"[\\/]+".join(re.escape(part) for part in parts) + r"(?![^\\/\s:;,\"'<>|)\]}])"
    anchors = tuple(f"{parts[0]}{slash}".lower() for slash in "\\/") if windows else (f"/{parts[1]}".lower(),)
    return Rule(re.compile(pattern, re.IGNORECASE if windows else re.NOFLAG), put("~"), anchors=anchors)


def is_public_host(host: str) -> bool:
    """Whether everybody uses it, or it is this computer itself."""
    return host.lower() in KNOWN_NAMES or _PUBLIC_HOSTS.fullmatch(host) is not None


def folder_names(words: str) -> tuple[str, ...]:
    """Account names that stand in paths of a text; at most eight."""
    found: dict[str, None] = {}
    lowered = lower_in_place(words)
    for anchor in _FOLDERS:
        place = lowered.find(anchor)
        while place >= 0:
            match = _FOLDER.match(words, place)
            name = match[2].strip() if match is not None else ""
            if len(name) >= (4 if name.isascii() else 2) and name.lower() not in ORDINARY_NAMES:
                found[name] = None
                if len(found) == 8:
                    return tuple(found)
            place = lowered.find(anchor, place + 1)
    return tuple(found)


def _hide_keys(words: str) -> str:
    """Blocks such as `-----BEGIN PRIVATE KEY-----`, with or without their end."""
    begins = _KEY_BEGINS.search(words) if "-----BEGIN" in words else None
    if begins is None:
        return words
    parts: list[str] = []
    done = 0
    while begins is not None:
        parts += (words[done : begins.start()], HIDDEN)
        done = begins.end()
        while done < len(words):
            # Line by line while it looks like a key; `\n` may be written out, as in a JSON string.
            line_end = words.find("\n", done)
            line_end = len(words) if line_end < 0 else line_end
            line = words[done:line_end]
            if "-----END" in line:
                ending = line.find("-----", line.find("-----END") + 8)
                done += len(line) if ending < 0 else ending + 5
                break
            if not _KEY_LINE.fullmatch(line.strip().replace("\\n", "")) and not len(line) > 200:
                break
            done = min(line_end + 1, len(words))
        begins = _KEY_BEGINS.search(words, done)
    return "".join((*parts, words[done:]))


def _hide_address(found: re.Match[str]) -> str:
    """An address without its credentials, and without its host unless everybody uses it."""
    host = found[2] or ""
    return found[1] + (host if not host or _PUBLIC_HOSTS.fullmatch(host) else HOST)


def _hide_host(found: re.Match[str]) -> str:
    return found[0] if _PUBLIC_HOSTS.fullmatch(found[0]) else HOST


def _hide_host_argument(found: re.Match[str]) -> str:
    return found[0] if _PUBLIC_HOSTS.fullmatch(found[2]) else found[1] + HOST


def _hide_hex(found: re.Match[str]) -> str:
    """A key of 40 hexadecimal digits; after words of version control it is a revision."""
    before = found.string[max(0, found.start() - 24) : found.start()]
    return found[0] if _REVISION.search(before) else HIDDEN


def _hide_assignment(found: re.Match[str]) -> str:
    return found[0] if _SPECIAL.search(found.string[max(0, found.start() - 12) : found.start()]) else found[1] + HIDDEN


def _hide_ipv6(found: re.Match[str]) -> str:
    words = found[0]
    if "::" not in words and words.count(":") != 7:
        return words
    try:
        address = ipaddress.IPv6Address(words)
    except ValueError:
        return words
    return words if address.is_loopback or address.is_unspecified else HOST


def _hide_ipv4(found: re.Match[str]) -> str:
    words = found[0]
    parts = [int(part) for part in words.split(".")]
    if max(parts) > 255 or parts[0] in (0, 127, 255):
        return words
    before = found.string[max(0, found.start() - 40) : found.start()].rpartition("\n")[2]
    return words if parts[0] < 100 and _VERSION_BEFORE.search(before) else HOST


_MIDDLES = tuple(f".{'h' * first}.{'h' * second}.".encode() for first in (1, 2, 3) for second in (1, 2, 3))

_RULES = (
    Rule(_FOLDER, put_after(USER), anchors=_FOLDERS),
    Rule(_ADDRESS, _hide_address, anchors=("://",)),
    Rule(_EMAIL, put(HIDDEN), triggers=("@",)),
    Rule(_PROMPT, put(f"{USER}@{HOST}"), triggers=("@",)),
    Rule(_TOKEN, put(HIDDEN), anchors=tuple(_TOKENS)),
    Rule(_HEADER, put_after(HIDDEN), anchors=("authorization", "proxy-auth", "set-cookie", "cookie", "x-api-key")),
    Rule(_BEARER, put_after(HIDDEN), anchors=("bearer",)),
    Rule(_QUERY, put_after(HIDDEN), anchors=("?", "&")),
    Rule(
        _ASSIGNMENT,
        _hide_assignment,
        anchors=(
            "token", "secret", "passw", "passphrase", "pwd", "api", "access", "private", "client", "credential",
            "wandb", "auth",
        ),
    ),
    Rule(_WANDB_LOGIN, put_after(HIDDEN), triggers=("login(", "key(", "wandb")),
    Rule(_NETRC, put_after(HIDDEN), anchors=("password", "passwd", "login")),
    Rule(_SHARE, put(rf"\\{HOST}"), triggers=("\\\\",)),
    Rule(_HOST_ARGUMENT, _hide_host_argument, anchors=("host",)),
    Rule(_HOST_BRACKET, _hide_host, triggers=("]:",)),
    Rule(_WINDOWS_HOST, put(HOST), anchors=("desktop-", "laptop-", "win-")),
    Rule(_SID, put(HIDDEN), anchors=("s-1-5-21",)),
    Rule(_HEX_KEY, _hide_hex, shapes=(b"h" * 40,)),
    Rule(_MAC, put(HIDDEN), shapes=(b"hh:hh:hh:hh:hh:hh", b"hh-hh-hh-hh-hh-hh")),
    Rule(_IPV6, _hide_ipv6, shapes=(b"h::h", b"hhhh:hhhh", b"h::")),
)  # fmt: skip
_SERIAL_RULE = Rule(
    _SERIAL,
    lambda found: f"{found[1]}-{HIDDEN}" if found[1] else f"{found[2]}{HIDDEN}",
    anchors=("gpu-", "mig-", "serial", "board part"),
)
_IPV4_RULE = Rule(_IPV4, _hide_ipv4, shapes=_MIDDLES)
