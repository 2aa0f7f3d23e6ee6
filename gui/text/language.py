"""The language of what people read. It knows no Qt, so that the command line can speak it too.

`pyside6-lupdate` finds a text only where `translate` or `QT_TRANSLATE_NOOP` is called with literals, by position:
no f-string, no constant, no keyword. Values are therefore filled in afterwards, with `.format`. The text of one
call is a whole sentence or a whole caption, because other languages put the words in another order.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

Translator = Callable[[str, str, "str | None", int], str]
"""Returns the translation of (context, text, comment, n), or the text itself with %n replaced if it has none."""


class _Language:
    translator: Translator | None = None


def use_translator(translator: Translator | None) -> None:
    """Take all translations from here on from `translator`; None speaks English."""
    _Language.translator = translator
    translate.cache_clear()


@lru_cache(maxsize=4096)  # every frame asks for some hundred
def translate(context: str, text: str, comment: str | None = None, n: int = -1) -> str:
    """Return a text in the language of the reader.

    The context is the part of the program that shows it. A text that counts holds %n and marks what English changes:
    "(s)" for the s of the plural, "var(ies|y)" for both endings of a verb.
    `translate("status", "%n neuron(s)", None, 2)` is "2 neurons".
    """
    english = text if n < 0 else text.replace("%n", str(n))
    translator = _Language.translator
    translated = english if translator is None else translator(context, text, comment, n)
    return _inflected(english, n) if translated == english and n >= 0 else translated


def _inflected(english: str, n: int) -> str:
    """Return an English text with the endings for one or for another number: "(s)" and "(ies|y)"."""
    endings = re.sub(r"\((\w+)\|(\w+)\)", r"\1" if n == 1 else r"\2", english)
    return endings.replace("(s)", "" if n == 1 else "s")


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:  # noqa: ARG001
    """Mark a text of a table for translation and return it as it is; `translate` is called where it is shown."""
    return text
