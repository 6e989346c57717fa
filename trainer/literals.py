"""Values as Python prints them: single quotes, None, True. Standard library only."""

from __future__ import annotations

import ast
import warnings
from typing import Any


def read_literal(words: str) -> Any:
    """The value that some words are in Python's notation. Raises ValueError for words that are none.

    Python's own reader warns of odd escapes and numbers on stderr, where nobody would know what is meant.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.literal_eval(words.strip())
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError) as error:
            raise ValueError("no literal") from error
