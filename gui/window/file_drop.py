"""A file that is dropped on the window is to be opened."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget


class FileDrop(QObject):
    """Signals: `dropped(str)`, the path of one local file."""

    dropped = Signal(str)

    def __init__(self, target: QWidget) -> None:
        """Let files be dropped on a widget."""
        super().__init__(target)
        target.setAcceptDrops(True)
        target.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Accept one local file, and say which it is when it is dropped."""
        if isinstance(event, QDragEnterEvent):
            urls = event.mimeData().urls()
            if len(urls) == 1 and urls[0].isLocalFile():
                event.acceptProposedAction()
            return True
        if isinstance(event, QDropEvent) and event.type() is QEvent.Type.Drop:
            self.dropped.emit(event.mimeData().urls()[0].toLocalFile())
            return True
        return super().eventFilter(watched, event)
