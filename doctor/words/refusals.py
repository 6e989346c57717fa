"""Words for files that the system keeps from being changed."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "refusals.held_by": ("`{file}` is open in {programs}", "`{file}` 正被 {programs} 占用"),
    "refusals.held": ("`{file}` is open in another program", "`{file}` 正被其他程序占用"),
    "refusals.denied": (
        "Windows denies access to `{file}`: it is open in another program, or you may not change it",
        "Windows 拒绝访问 `{file}`：它正被其他程序占用，或者您没有修改它的权限",
    ),
    "refusals.hint": (
        "close the program that uses it, or let the antivirus finish, then run the same command again",
        "请关闭正在使用它的程序，或等杀毒软件扫描完，再运行同一条命令",
    ),
}
