"""Read a YAML or JSON file of settings as nodes that know their line. Raises BadInput with file and line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from doctor.errors import BadInput
from doctor.words.text import text

if TYPE_CHECKING:
    from pathlib import Path

HIGHEST_BYTES = 1 << 20
"""A file of settings is a page of text; anything larger is some other file."""
_HIGHEST_DEPTH = 60
"""Nested deeper than this, a file is no settings, and taking it apart would exhaust Python's own stack."""


def read_text(path: Path) -> str:
    """A small UTF-8 file, without its byte-order mark."""
    try:
        if path.is_dir():
            raise BadInput(text("jobs.is_folder"), hint=text("jobs.example_hint"), file=str(path))
        if path.stat().st_size > HIGHEST_BYTES:
            raise BadInput(text("jobs.too_large"), hint=text("jobs.example_hint"), file=str(path))
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as exc:
        raise BadInput(text("jobs.no_file"), hint=text("jobs.no_file_hint"), file=str(path)) from exc
    except UnicodeDecodeError as exc:
        raise BadInput(text("jobs.not_utf8"), hint=text("jobs.not_utf8_hint"), file=str(path)) from exc
    except (OSError, ValueError) as exc:
        raise BadInput(
            text("jobs.unreadable", detail=getattr(exc, "strerror", None) or str(exc)), file=str(path)
        ) from exc


def compose(path: Path) -> yaml.Node:
    """The root node of a file."""
    return compose_text(read_text(path), path)


def compose_text(source: str, path: Path, first_line: int = 1) -> yaml.Node:
    """The root node of a text that begins on `first_line` of a file."""
    try:
        node = yaml.compose(source, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        tab = "\t" in source and "\\t" in str(exc.problem)
        raise BadInput(
            text("jobs.bad_yaml", detail=exc.problem or "", column=mark.column + 1 if mark else 1),
            hint=text("jobs.tab_hint") if tab else text("jobs.bad_yaml_hint"),
            file=str(path),
            line=mark.line + first_line if mark else None,
        ) from exc
    except yaml.reader.ReaderError as exc:
        before = source[: exc.position] if isinstance(exc.position, int) else ""
        raise BadInput(
            text("jobs.bad_letter", code=f"U+{ord(source[len(before)]):04X}" if len(before) < len(source) else "?"),
            file=str(path),
            line=before.count("\n") + first_line,
        ) from exc
    except (yaml.YAMLError, RecursionError) as exc:
        detail = str(exc).splitlines()[0] if str(exc) else ""
        raise BadInput(text("jobs.bad_yaml", detail=detail, column=1), file=str(path)) from exc
    if node is None:
        raise BadInput(text("jobs.empty"), hint=text("jobs.example_hint"), file=str(path))
    _refuse_depth(node, path)
    return node


def plain(node: yaml.Node) -> object:
    """A scalar as YAML 1.2 readers and people mean it: `2e-4` is a number although PyYAML's rules call it a string.

    None for what is no scalar, and for what cannot be read.
    """
    if not isinstance(node, yaml.ScalarNode):
        return None
    loader = yaml.SafeLoader("")
    try:
        value: object = loader.construct_object(node)
    except (yaml.YAMLError, ValueError, OverflowError):
        return None
    finally:
        loader.dispose()
    if isinstance(value, str) and node.style is None:
        try:
            return float(value)
        except ValueError:
            return value
    return value


def whole(node: yaml.Node) -> object:
    """A node with everything in it: mappings become dicts with names as strings, sequences lists."""
    if isinstance(node, yaml.MappingNode):
        return {str(getattr(key, "value", "")): whole(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [whole(each) for each in node.value]
    return plain(node)


def shown(node: yaml.Node) -> str:
    """A value as a message can quote it."""
    if isinstance(node, yaml.ScalarNode):
        return str(node.value)[:60] or "''"
    return "[…]" if isinstance(node, yaml.SequenceNode) else "{…}"


def _refuse_depth(root: yaml.Node, path: Path) -> None:
    """Settings are flat: what nests deeper, or holds itself by an alias, is refused before anything walks it."""
    waiting: list[tuple[yaml.Node, int]] = [(root, 0)]
    met = 0
    while waiting:
        node, depth = waiting.pop()
        met += 1
        if depth > _HIGHEST_DEPTH or met > HIGHEST_BYTES:
            raise BadInput(text("jobs.too_deep"), file=str(path), line=node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            waiting += [(each, depth + 1) for pair in node.value for each in pair]
        elif isinstance(node, yaml.SequenceNode):
            waiting += [(each, depth + 1) for each in node.value]
