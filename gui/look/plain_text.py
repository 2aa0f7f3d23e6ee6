"""Texts that come from files: shown as they are written, never taken for markup, and never endless."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import Qt as Rich
from PySide6.QtWidgets import QLabel, QWidget

LONGEST_TEXT = 2_000
"""Characters of a text that are shown: more than a screen of them helps nobody, and takes seconds to lay out."""
LONGEST_NAME = 80


def shortened(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return a text, its end left out where it is too long to be read."""
    return text if len(text) <= longest else text[:longest] + " …"


def tip(text: str) -> str:
    """Return a text for a tooltip; Qt takes some texts for markup, which could name any picture of the computer."""
    text = shortened(text)
    return Rich.convertFromPlainText(text) if Rich.mightBeRichText(text) else text


def entry(text: str) -> str:
    """Return a text for an entry of a menu, where & marks a key and a tab what stands at the right."""
    return shortened(text.replace("\t", " "), LONGEST_NAME).replace("&", "&&")


def make_plain(widget: QWidget) -> None:
    """Let the labels in a widget show texts as they are, those apart that say that theirs is markup."""
    for label in widget.findChildren(QLabel):
        if label.textFormat() is Qt.TextFormat.AutoText:
            label.setTextFormat(Qt.TextFormat.PlainText)
