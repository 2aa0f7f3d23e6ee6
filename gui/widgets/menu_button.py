"""A button that opens a menu."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu, QStyleOptionToolButton, QToolButton


class MenuButton(QToolButton):
    """Opens its menu below itself, and looks like a button with a menu.

    A click on a QToolButton that has a menu returns only when the menu is closed, and whatever happens meanwhile happens
    inside that click; here the click ends at once.
    """

    def __init__(self, menu: QMenu) -> None:
        super().__init__()
        self.clicked.connect(lambda: menu.popup(self.mapToGlobal(self.rect().bottomLeft())))

    def initStyleOption(self, option: QStyleOptionToolButton) -> None:
        """Have the arrow of a button with a menu."""
        super().initStyleOption(option)
        option.features |= QStyleOptionToolButton.ToolButtonFeature.HasMenu
