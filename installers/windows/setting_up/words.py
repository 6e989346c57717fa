"""What setting up says, in both languages. The doctor's own words are not there yet when setting up begins."""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

WORDS: dict[str, tuple[str, str]] = {
    "python_taken": ("Python {version} of this machine is used: {path}", "使用本机的 Python {version}：{path}"),
    "python_own": ("tunedoc's own Python {version} is used", "使用 tunedoc 自带的 Python {version}"),
    "python_unfit": ("  not used: {path} ({why})", "  不使用：{path}（{why}）"),
    "why_start": ("it does not start", "无法启动"),
    "why_version": ("version {version}", "版本为 {version}"),
    "why_bits": ("not for 64-bit x86 processors: {platform}", "不适用于 64 位 x86 处理器：{platform}"),
    "why_threads": ("a build without the GIL", "无 GIL 的构建"),
    "why_parts": ("it lacks {parts}", "缺少 {parts}"),
    "why_inner": ("it is itself a virtual environment", "它本身是虚拟环境"),
    "why_conda": ("it belongs to conda", "它属于 conda"),
    "building": ("making the environment {name} ...", "正在创建环境 {name} ……"),
    "proving": ("trying it out ...", "正在试运行 ……"),
    "older": (
        "this setup program brings tunedoc {new}, older than the {old} that is installed",
        "此安装程序带来的 tunedoc {new} 比已安装的 {old} 更旧",
    ),
    "installed": ("tunedoc {version} is installed in {folder}", "tunedoc {version} 已安装到 {folder}"),
    "kept_running": (
        "an earlier version is still running; it is removed after it has ended",
        "旧版本仍在运行；结束后会被清理",
    ),
    "failed": ("tunedoc {version} could not be installed: {why}", "tunedoc {version} 安装失败：{why}"),
    "still_there": (
        "tunedoc {version} is as it was before and works on",
        "原有的 tunedoc {version} 保持不变，可继续使用",
    ),
    "not_ours": (
        "the folder {folder} has other things in it: choose an empty or a new one",
        "文件夹 {folder} 中有其他内容：请选择空文件夹或新文件夹",
    ),
    "too_long": (
        "the folder's path is too long ({count} characters, at most {most}): choose a shorter one",
        "文件夹路径过长（{count} 个字符，最多 {most} 个）：请选择更短的路径",
    ),
    "elsewhere": (
        "tunedoc is installed in {other}: run the setup program without /D=, or uninstall that one first",
        "tunedoc 已安装在 {other}：请不带 /D= 运行安装程序，或先卸载它",
    ),
    "step_venv": ("the environment could not be made", "无法创建环境"),
    "step_packages": ("a package could not be installed", "无法安装软件包"),
    "step_version": ("it does not say its version", "无法显示版本"),
    "step_check": ("`tunedoc check` does not work", "`tunedoc check` 无法运行"),
    "step_refused": ("Windows refused: {detail}", "Windows 拒绝了操作：{detail}"),
    "see_log": ("details: {log}", "详情见：{log}"),
    "running": (
        "tunedoc is running: close it and uninstall again",
        "tunedoc 正在运行：请关闭后重新卸载",
    ),
    "data_refused": (
        "tunedoc's data could not be removed: {why}",
        "无法移除 tunedoc 的数据：{why}",
    ),
    "data_kept": ("kept: {folders}", "已保留：{folders}"),
}


def say(key: str, language: Language, **fields: object) -> str:
    """The words for a key."""
    return WORDS[key][LANGUAGES.index(language)].format(**fields)
