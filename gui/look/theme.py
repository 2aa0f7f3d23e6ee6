"""Colours, palette and style of the two themes. Views ask for a Theme and never name a colour themselves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QWidget

RESOURCES = Path(__file__).resolve().parents[2] / "resources"


@dataclass(frozen=True)
class Theme:
    """The colours of one theme as #rrggbb.

    `signs` go from the most negative number over zero in the middle to the most positive one; `exactly_zero` is none of
    them, and has lines in the colour `hatch` on it where there is room. `stuck` is the ground of what does not move or
    does not part, `on_stuck` the text on it. `classes` tell the classes of samples apart, `lanes` variants, `groups`
    groups of equal neurons: red and blue are signs only.
    """

    name: str
    window: str
    surface: str
    raised: str
    border: str
    text: str
    muted: str
    faint: str
    accent: str
    warning: str
    stuck: str
    on_stuck: str
    signs: tuple[str, ...]
    exactly_zero: str
    hatch: str
    classes: tuple[str, ...]
    lanes: tuple[str, ...]
    groups: tuple[str, ...]


LIGHT = Theme(
    name="light",
    window="#eef0f3",
    surface="#ffffff",
    raised="#f7f8fa",
    border="#d5d9e0",
    text="#1c2330",
    muted="#5b6575",
    faint="#aab2bf",
    accent="#2459c4",
    warning="#b3261e",
    stuck="#fde7b4",
    on_stuck="#5c3d00",
    signs=("#8a0f1c", "#cf3b33", "#f0957b", "#fbdccf", "#fcfcfd", "#d5e4f5", "#86b3e4", "#2f6cc4", "#12347f"),
    exactly_zero="#e1e5eb",
    hatch="#b4bcc8",
    classes=("#d97a1e", "#128577"),
    lanes=("#7c3aed", "#b5217f", "#5f7a12", "#334155", "#8a5a2b", "#0e7490", "#a16207", "#a855f7"),
    groups=("#f2b134", "#62b6a0", "#b79be0", "#c9b458", "#e895b4", "#a9c36b", "#d7a27a", "#9fb0c3"),
)
DARK = Theme(
    name="dark",
    window="#14171c",
    surface="#1c2027",
    raised="#252a33",
    border="#343b47",
    text="#e8ebf0",
    muted="#a2acbb",
    faint="#5d6777",
    accent="#7aa7ff",
    warning="#ff8a80",
    stuck="#4d3a10",
    on_stuck="#ffd98a",
    signs=("#ffc2b3", "#ff8069", "#c9432f", "#5c2620", "#1d2026", "#1f3657", "#2f6cc9", "#74acff", "#c3dcff"),
    exactly_zero="#333a45",
    hatch="#566172",
    classes=("#f0a04b", "#35c4b0"),
    lanes=("#b794f6", "#f472b6", "#a3e635", "#cbd5e1", "#d6a77a", "#22d3ee", "#facc15", "#d8b4fe"),
    groups=("#c98a12", "#3a8f7a", "#7f63b8", "#8f7d2a", "#b65580", "#6f8f2f", "#a06a40", "#64788f"),
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK)}


@cache
def load_fonts() -> str:
    """Load the bundled typeface once and return its family name."""
    for path in sorted((RESOURCES / "fonts").glob("*.otf")):
        QFontDatabase.addApplicationFont(str(path))
    return "Inter"


@cache
def prepare(application: QApplication) -> None:
    """Give the application, once, what all themes share: the typeface and the style."""
    font = QFont(load_fonts())
    font.setPixelSize(13)
    application.setFont(font)
    application.setStyle("Fusion")


def apply_theme(target: QWidget | QApplication, theme: Theme) -> None:
    """Give a window, and all that opens from it, the colours of a theme.

    The whole application can have them, too, but takes four times as long to change its style sheet.
    """
    QApplication.setPalette(_palette(theme))
    style = Template((RESOURCES / "style" / "window.qss").read_text("utf-8"))
    target.setStyleSheet(style.substitute(vars(theme), icons=(RESOURCES / "icons").as_posix()))


def _palette(theme: Theme) -> QPalette:
    role = QPalette.ColorRole
    colours = {
        role.Window: theme.window,
        role.WindowText: theme.text,
        role.Base: theme.surface,
        role.AlternateBase: theme.raised,
        role.Text: theme.text,
        role.PlaceholderText: theme.faint,
        role.Button: theme.raised,
        role.ButtonText: theme.text,
        role.ToolTipBase: theme.raised,
        role.ToolTipText: theme.text,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.surface,
        role.Link: theme.accent,
        role.Mid: theme.border,
    }
    palette = QPalette()
    for name, colour in colours.items():
        palette.setColor(name, QColor(colour))
    for name in (role.Text, role.ButtonText, role.WindowText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(theme.faint))
    return palette
