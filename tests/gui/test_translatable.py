"""Every text that people see can be translated: it passes through `translate`, in a call that Qt's tool finds."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from html import unescape
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QGraphicsSimpleTextItem,
    QGraphicsTextItem,
    QGraphicsView,
    QLabel,
    QLineEdit,
    QMenu,
    QTabBar,
    QTextBrowser,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.experiments.presets import open_target, preset_names
from gui.dialogs.until_dialog import EXAMPLES
from gui.text.language import translate, use_translator
from gui.widgets.elided_label import ElidedLabel
from gui.window.action_table import ACTIONS
from tests.gui.conftest import Build

ROOT = Path(__file__).resolve().parents[2]
TOOL = Path(sys.executable).parent / "pyside6-lupdate"
MARKS = {"translate", "QT_TRANSLATE_NOOP"}


@pytest.fixture
def pseudo() -> Iterator[set[tuple[str, str]]]:
    """Speak a language in which every text stands in brackets; give what was asked for."""
    asked: set[tuple[str, str]] = set()

    def bracketed(context: str, text: str, comment: str | None, n: int) -> str:
        asked.add((context, text))
        return f"⟦{text.replace('%n', str(n))}⟧"

    use_translator(bracketed)
    yield asked
    use_translator(None)


# What a translator finds


def sources() -> list[Path]:
    return [ROOT / "main.py", *sorted((ROOT / "gui").rglob("*.py"))]


def calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
            yield node


def literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def marked() -> set[tuple[str | None, str]]:
    """Return every context and text that stand literally in a call."""
    return {
        (literal(call.args[0]), text)
        for path in sources()
        for call in calls(path)
        if (text := literal(call.args[1])) is not None
    }


def test_every_literal_text_is_found_by_the_tool_of_qt(tmp_path: Path) -> None:
    if not TOOL.exists() and shutil.which("pyside6-lupdate") is None:
        pytest.skip("pyside6-lupdate is not installed")
    catalogue = tmp_path / "texts.ts"
    command = [str(TOOL if TOOL.exists() else "pyside6-lupdate"), *map(str, sources()), "-ts", str(catalogue)]
    subprocess.run(command, check=True, capture_output=True)
    found = {
        (context.findtext("name"), message.findtext("source"))
        for context in ET.parse(catalogue).getroot().iter("context")
        for message in context.iter("message")
    }
    written = marked()
    assert len(written) > 200
    assert written <= found, f"not found: {written - found}"


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_texts_are_whole_when_they_are_translated(path: Path) -> None:
    """A name may stand for a text that is marked in a table; an f-string or a sum can never be found."""
    for call in calls(path):
        assert literal(call.args[0]), f"{path.name}:{call.lineno}: the context has to be written out"
        assert isinstance(call.args[1], ast.Constant | ast.Name | ast.Attribute | ast.Subscript), call.lineno
        assert not call.keywords, f"{path.name}:{call.lineno}: lupdate does not find calls with keywords"


# What people see


def seen(root: QWidget) -> Iterator[tuple[str, str]]:
    """Return every visible text below a widget, with where it stands."""
    for widget in [root, *root.findChildren(QWidget)]:
        if isinstance(widget, QLineEdit) and isinstance(widget.parent(), QAbstractSpinBox | QComboBox):
            continue
        where = f"{type(widget).__name__} {widget.objectName()}"
        yield from ((where, text) for text in (widget.toolTip(), widget.accessibleName()))
        yield from ((where, text) for text in texts_of(widget))
    for action in root.findChildren(QAction):
        yield from ((f"action {action.objectName()}", text) for text in (action.text(), action.toolTip()))


def texts_of(widget: QWidget) -> list[str]:
    match widget:
        case ElidedLabel():
            return [widget.whole]
        case QLabel() | QAbstractButton():
            return [widget.text()]
        case QMenu():
            return [widget.title()]
        case QComboBox():
            return [widget.itemText(index) for index in range(widget.count())]
        case QTabBar():
            return [widget.tabText(index) for index in range(widget.count())]
        case QTextBrowser():
            keys = {spec.key for spec in ACTIONS}
            return ["\n".join(line for line in widget.toPlainText().splitlines() if line.strip() not in keys)]
        case QGraphicsView():
            items = widget.scene().items() if widget.scene() else []
            return [
                item.text() if isinstance(item, QGraphicsSimpleTextItem) else item.toPlainText()
                for item in items
                if isinstance(item, QGraphicsSimpleTextItem | QGraphicsTextItem)
            ]
    return []


DATA = re.compile(
    r"[dΔ]?[WbZAX]\d*|L\d+|NaN|\de[-−]?\d+|[⁰¹²³⁴-⁹⁻]"  # symbols and numbers
    r"|\((Ctrl\+|Shift\+)*[\w.,]+\)"  # keys
)
QT = {"Cancel", "Close", "Scroll Left", "Scroll Right"}
"""Texts of Qt's own buttons, for which Qt brings translations."""
KINDS = {"sigmoid", "relu", "squared-error", "binary-cross-entropy", "sgd"}
"""Names of kinds are those of the experiment's file."""


def untranslated(text: str) -> str:
    """Return what is left of a text without tags, translated parts and data, if that has letters."""
    text = unescape(re.sub(r"<[^>]*>", " ", text))
    while "⟦" in text:
        text, shorter = re.sub(r"⟦[^⟦⟧]*⟧", "", text), text
        if text == shorter:
            break
    left = DATA.sub("", text)
    return text if re.search(r"[^\W\d_]", left) else ""


def without(text: str, data: Iterable[str]) -> str:
    if text.endswith("…") and any(known.startswith(text[:-1]) for known in data):
        return ""  # a name for which there is little room
    for known in sorted(data, key=len, reverse=True):
        text = text.replace(known, "")
    return text


@pytest.mark.parametrize("target", ["columns", "circles"])
def test_no_text_of_the_window_is_without_translation(
    target: str, pseudo: set[tuple[str, str]], build: Build, qtbot: QtBot
) -> None:
    window = build(target).window
    for name in ("side", "data_space", "gradients", "last_change", "touch", "help"):
        window.actions_by_id[name].trigger()
    for _ in range(5):
        QApplication.processEvents()
    shown = [
        pair for root in QApplication.topLevelWidgets() if not isinstance(root, QMenu) for pair in seen(root)
    ]
    experiment = open_target(target)
    lanes = [variant.name for variant in experiment.variants]
    titles = {open_target(name).title for name in preset_names()}
    data = {experiment.notes, *titles, *lanes, *preset_names(), *EXAMPLES} | QT | KINDS
    missing = {(where, text) for where, text in shown if untranslated(without(text, data))}
    assert len(shown) > 200
    assert not missing, "\n".join(f"{where}: {text}" for where, text in sorted(missing))
    assert len(pseudo) > 150
    assert pseudo <= marked(), "translated on the way, but no translator can find them"


def test_a_text_that_was_forgotten_is_noticed(pseudo: set[tuple[str, str]]) -> None:
    assert untranslated("Nothing unusual at this step.")
    assert untranslated(translate("status", "Gradients equal.") + " And more")
    assert not untranslated(translate("status", "{0}, {1}").format(translate("why", "one"), "W1"))
    assert not untranslated("W1 3.5")


# Plural forms


@pytest.mark.parametrize(
    ("n", "text"), [(0, "0 neurons"), (1, "1 neuron"), (2, "2 neurons"), (10, "10 neurons")]
)
def test_english_counts_without_any_translation(n: int, text: str) -> None:
    use_translator(None)
    assert translate("status", "%n neuron(s)", None, n) == text


def test_english_verbs_follow_the_number() -> None:
    use_translator(None)
    text = "The output(s) of %n neuron(s) never var(ies|y)."
    assert translate("health", text, None, 1) == "The output of 1 neuron never varies."
    assert translate("health", text, None, 3) == "The outputs of 3 neurons never vary."


def test_qt_without_a_translation_counts_in_english_too(qapp: QApplication) -> None:
    use_translator(QApplication.translate)
    assert translate("status", "%n distinct column(s)", None, 1) == "1 distinct column"
    assert translate("status", "%n distinct column(s)", None, 4) == "4 distinct columns"
    assert translate("status", "Gradients equal.") == "Gradients equal."


def test_language_needs_no_qt() -> None:
    script = "import gui.text.language, sys; sys.exit(any('PySide6' in name for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0
