"""The language of the window."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QCoreApplication

CONTEXT = "words"


@cache
def say(text: str) -> str:
    """Return a text in the language of the window, which stays the same: every frame says some hundred."""
    return QCoreApplication.translate(CONTEXT, text)
