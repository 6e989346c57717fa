"""The manifest with which winget installs tunedoc: four files of schema 1.10, made from the finished setup program."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA = "1.10.0"
IDENTIFIER = "tunedoc.tunedoc"
PRODUCT_CODE = "tunedoc"
"""The name of the key under Uninstall."""
_OLDEST_WINDOWS = "10.0.17763.0"
_COMMON = {"Publisher": "tunedoc", "PackageName": "tunedoc", "License": "Apache-2.0"}
_ENGLISH = {
    "ShortDescription": "Doctor, installer and trainer for fine-tuning a language model on your own GeForce cards",
    "Description": (
        "tunedoc checks your machine, builds a training environment that fits it, fine-tunes a language model on your "
        "data and exports a GGUF that runs locally."
    ),
}
_CHINESE = {
    "ShortDescription": "在自己的 GeForce 显卡上微调语言模型：检查电脑、安装环境、训练模型",
    "Description": "tunedoc 检查您的电脑，构建合适的训练环境，用您的数据微调语言模型，并导出可在本地运行的 GGUF。",
}
_TAGS = ["llm", "fine-tuning", "lora", "gguf", "cuda", "doctor"]


def manifests(version: str, *, url: str, sha256: str, date: str) -> dict[str, str]:
    """The files by name, as a repository of manifests wants them. `url` is that of the setup program."""
    parts: dict[str, dict[str, Any]] = {
        "": {"DefaultLocale": "en-US", "ManifestType": "version"},
        "installer": {
            "Platform": ["Windows.Desktop"],
            "MinimumOSVersion": _OLDEST_WINDOWS,
            "InstallerType": "nullsoft",
            "Scope": "user",
            "InstallModes": ["interactive", "silent", "silentWithProgress"],
            "InstallerSwitches": {
                "Silent": "/S",
                "SilentWithProgress": "/S",
                "InstallLocation": "/D=<INSTALLPATH>",
            },
            "ExpectedReturnCodes": [{"InstallerReturnCode": 1, "ReturnResponse": "cancelledByUser"}],
            "UpgradeBehavior": "install",
            "Commands": ["tunedoc"],
            "ProductCode": PRODUCT_CODE,
            "ReleaseDate": date,
            "UnsupportedArguments": ["log"],
            "AppsAndFeaturesEntries": [{"DisplayName": "tunedoc", "Publisher": "tunedoc", "ProductCode": PRODUCT_CODE}],
            "Installers": [{"Architecture": "x64", "InstallerUrl": url, "InstallerSha256": sha256.upper()}],
            "ManifestType": "installer",
        },
        "locale.en-US": {
            "PackageLocale": "en-US",
            **_COMMON,
            **_ENGLISH,
            "Moniker": "tunedoc",
            "Tags": _TAGS,
            "ManifestType": "defaultLocale",
        },
        "locale.zh-CN": {"PackageLocale": "zh-CN", **_COMMON, **_CHINESE, "Tags": _TAGS, "ManifestType": "locale"},
    }
    files = {}
    for part, content in parts.items():
        whole = {
            "PackageIdentifier": IDENTIFIER,
            "PackageVersion": version,
            **content,
            "ManifestVersion": SCHEMA,
        }
        schema = str(content["ManifestType"])
        head = f"# yaml-language-server: $schema=https://aka.ms/winget-manifest.{schema}.{SCHEMA}.schema.json\n\n"
        name = f"{IDENTIFIER}.{part}.yaml" if part else f"{IDENTIFIER}.yaml"
        files[name] = head + _yaml(whole)
    return files


def _yaml(content: Mapping[str, Any], indent: str = "") -> str:
    """YAML of the plain kind that these files are written in."""
    lines = []
    for name, value in content.items():
        if isinstance(value, dict):
            lines.append(f"{indent}{name}:\n{_yaml(value, indent + '  ')}")
        elif isinstance(value, list):
            lines.append(f"{indent}{name}:\n")
            for one in value:
                if isinstance(one, dict):
                    inner = _yaml(one, indent + "  ")
                    lines.append(f"{indent}- {inner.removeprefix(indent + '  ')}")
                else:
                    lines.append(f"{indent}- {_scalar(one)}\n")
        else:
            lines.append(f"{indent}{name}: {_scalar(value)}\n")
    return "".join(lines)


def _scalar(value: object) -> str:
    """A word in double quotes unless it cannot be taken for anything else."""
    words = str(value)
    if isinstance(value, int) or (words.replace("-", "").replace("/", "").isalpha() and words.isascii()):
        return words
    return json.dumps(words, ensure_ascii=False)
