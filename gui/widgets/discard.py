"""Taking a widget out of its window for good."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def discard(widget: QWidget) -> None:
    """Take a widget out of its window now, and delete it when the event loop gets to it.

    It is hidden first: a layout shows what was just added to it a moment later, and what has lost its parent by then
    would be shown as a window of its own.
    """
    widget.hide()
    widget.setParent(None)
    widget.deleteLater()
