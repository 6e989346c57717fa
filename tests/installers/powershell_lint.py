"""What our PowerShell must be so that Windows PowerShell 5.1 and PowerShell 7 both run it: read, never run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import tree_sitter_powershell
from tree_sitter import Language, Parser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

BOM = b"\xef\xbb\xbf"
CMDLETS = {
    "add-type", "convertfrom-json", "convertto-json", "copy-item", "expand-archive", "foreach-object", "get-childitem",
    "get-command", "get-content", "get-filehash", "get-item", "get-itemproperty", "get-location", "invoke-webrequest",
    "join-path", "move-item", "new-item", "new-object", "out-null", "read-host", "remove-item", "resolve-path",
    "select-object", "set-content", "set-itemproperty", "set-strictmode", "split-path", "start-process", "test-path",
    "where-object", "write-error", "write-host", "write-output", "write-verbose", "write-warning",
}  # fmt: skip
"""Part of Windows PowerShell 5.1. Anything else that is called by its bare name is an alias, a program or new."""
VERBS = {
    "add", "clear", "close", "convertfrom", "convertto", "copy", "enter", "exit", "find", "format", "get", "hide",
    "join", "lock", "move", "new", "open", "out", "pop", "push", "read", "remove", "rename", "reset", "resize",
    "search", "select", "set", "show", "skip", "split", "start", "step", "stop", "switch", "test", "undo", "unlock",
    "update", "use", "wait", "watch", "write", "install", "invoke", "register", "repair", "request", "resolve",
    "restart", "restore", "resume", "save", "send", "submit", "suspend", "uninstall", "unregister", "assert", "backup",
    "checkpoint", "compare", "complete", "confirm", "connect", "debug", "deny", "disable", "disconnect", "dismount",
    "edit", "enable", "expand", "export", "grant", "group", "import", "initialize", "limit", "measure", "merge",
    "mount", "optimize", "ping", "protect", "publish", "receive", "redo", "revoke", "sync", "trace", "unblock",
    "unprotect", "unpublish", "approve", "block", "build", "convert", "deploy",
}  # fmt: skip
"""As `Get-Verb` lists them."""
NEW_PARAMETERS = {"-asbytestream", "-ashashtable", "-parallel", "-additionalchildpath", "-skiphttperrorcheck"}
"""Of PowerShell 7 alone."""


def problems(content: bytes) -> list[str]:
    """What is wrong with a script, each with its line and a name in brackets."""
    found: list[str] = []
    if not content.startswith(BOM):
        found.append("1: [bom] Windows PowerShell 5.1 reads a script without a byte-order mark in the ANSI code page")
    source = content.removeprefix(BOM).replace(b"\r\n", b"\n")
    root = Parser(Language(tree_sitter_powershell.language())).parse(source).root_node
    defined = {_words(node).lower() for node in _all(root) if node.type == "function_name"}
    for node in _all(root):
        for name, message in _judge(node, defined):
            found.append(f"{node.start_point.row + 1}: [{name}] {message}")
    head = source.decode("utf-8")
    for name, needed in (
        ("help", ".SYNOPSIS"),
        ("binding", "[CmdletBinding("),
        ("stop", "\n$ErrorActionPreference = 'Stop'\n"),
        ("strict", "\nSet-StrictMode -Version "),
        ("tls", "-bor [Net.SecurityProtocolType]::Tls12"),
        ("confined", "LanguageMode -ne 'FullLanguage'"),
    ):
        if needed not in head:
            found.append(f"1: [{name}] there is no `{needed.strip()}`")
    return found


def _judge(node: Node, defined: set[str]) -> Iterator[tuple[str, str]]:
    words = _words(node)
    if node.is_error or node.is_missing:
        yield "syntax", f"not PowerShell 5.1: {words[:40]!r}"
    elif node.type == "pipeline_chain_tail":
        yield "chain", "&& and || are PowerShell 7's"
    elif node.type == "function_name" and words.partition("-")[0].lower() not in VERBS:
        yield "verb", f"{words}: not an approved verb"
    elif node.type == "command_parameter" and words.lower() in NEW_PARAMETERS:
        yield "parameter", f"{words} is PowerShell 7's"
    elif node.type == "command":
        yield from _judge_command(node, defined)


def _judge_command(node: Node, defined: set[str]) -> Iterator[tuple[str, str]]:
    first = node.children[0]
    if first.type != "command_invokation_operator":
        name = _words(first).lower()
        if name in {"invoke-expression", "iex"}:
            yield "expression", "Invoke-Expression runs whatever it is given"
        elif name not in CMDLETS | defined:
            yield "alias", f"{name}: neither a cmdlet of 5.1 nor a function of this script; a program wants `&`"
        return
    statement = node
    while statement.parent is not None and statement.parent.type not in {"statement_list", "program"}:
        statement = statement.parent
    after = statement.next_named_sibling
    if after is None or "$LASTEXITCODE" not in _words(after).partition("\n")[0]:
        yield "exit_code", f"nobody looks at the exit code of `{_words(node)}`"
    if any("2>" in _words(inner) for inner in _all(node) if inner.type == "redirection"):
        around: Node | None = node
        while around is not None and around.type != "function_statement":
            around = around.parent
        if around is None or "$ErrorActionPreference = 'Continue'" not in _words(around):
            yield "stderr", "5.1 makes a redirected line of stderr an error, which ends the script"


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _all(child)


def _words(node: Node) -> str:
    return (node.text or b"").decode("utf-8")
