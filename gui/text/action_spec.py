"""What an action is, and the menus that actions stand in."""

from __future__ import annotations

from dataclasses import dataclass

from gui.text.language import QT_TRANSLATE_NOOP


@dataclass(frozen=True)
class ActionSpec:
    """One thing that can be done: where it stands in the menus, its key, its icon and what it does in a sentence.

    `also` is what the key is called on keyboards where another sign stands on it with Shift.
    """

    id: str
    menu: str
    text: str
    tip: str
    key: str = ""
    icon: str = ""
    checkable: bool = False
    also: str = ""


FILE, EDIT, RUN, VIEW, SCENES, HELP = (
    QT_TRANSLATE_NOOP("actions", "&File"),
    QT_TRANSLATE_NOOP("actions", "&Edit"),
    QT_TRANSLATE_NOOP("actions", "&Training"),
    QT_TRANSLATE_NOOP("actions", "&View"),
    QT_TRANSLATE_NOOP("actions", "S&cenes"),
    QT_TRANSLATE_NOOP("actions", "&Help"),
)
