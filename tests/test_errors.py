"""Errors carry codes and values; every sentence for people stands in one table and tells exactly these values."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from engine.core.errors import ExperimentError, FileError, InitscopeError
from engine.core.problems import Form, Problem
from gui.text.error_words import COUNTS, FORMS, SENTENCES, sentence
from gui.text.language import use_translator

ROOT = Path(__file__).resolve().parents[1]
WITH_PLACE = {"InitscopeError": 0, "ExperimentError": 1, "FileError": 1}
"""The errors, and how many arguments say where before the code says what."""


@dataclass(frozen=True)
class Site:
    """A place in the sources where an error is made."""

    where: str
    call: ast.Call
    codes: list[str]


def codes_in(node: ast.expr) -> list[str]:
    """Return the names of the codes that an argument may be; none if it cannot be told from the source."""
    match node:
        case ast.Attribute(value=ast.Name(id="Problem")):
            return [node.attr]
        case ast.IfExp():
            return [*codes_in(node.body), *codes_in(node.orelse)]
    return []


def sites() -> Iterator[Site]:
    paths = [ROOT / "main.py", *(ROOT / "engine").rglob("*.py"), *(ROOT / "gui").rglob("*.py")]
    for path in paths:
        if path == ROOT / "engine" / "core" / "errors.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in WITH_PLACE:
                where = f"{path.relative_to(ROOT)}:{node.lineno}"
                code = node.args[WITH_PLACE[node.func.id] :]
                yield Site(where, node, codes_in(code[0]) if len(code) == 1 else [])


SITES = list(sites())


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_code_has_a_sentence_and_is_used() -> None:
    assert set(SENTENCES) == set(Problem)
    assert set(FORMS) == set(Form)
    assert {code for site in SITES for code in site.codes} == {problem.name for problem in Problem}


def test_no_two_codes_have_the_same_sentence() -> None:
    assert len(set(SENTENCES.values())) == len(SENTENCES)


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.where)
def test_an_error_gives_exactly_the_values_that_its_sentence_tells(site: Site) -> None:
    assert site.codes, "the code has to stand where the error is made"
    given = {keyword.arg for keyword in site.call.keywords}
    for code in site.codes:
        assert given == placeholders(SENTENCES[Problem[code]]), code


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.where)
def test_no_error_is_given_words(site: Site) -> None:
    texts = [node.value for node in ast.walk(site.call) if isinstance(node, ast.Constant)]
    assert not [text for text in texts if isinstance(text, str) and " " in text]


def test_no_other_error_of_the_engine_is_raised_with_words() -> None:
    """What Python raises by itself is foreign text; what the engine raises is a code."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (ROOT / "engine").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Raise) and node.exc is not None
        for inner in ast.walk(node.exc)
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str) and " " in inner.value
    ]
    assert not found


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (InitscopeError(Problem.NO_LAYER, layer=4, layers=3), "there is no layer 4, there are 3 layers"),
        (
            ExperimentError("steps", Problem.MISSING_FIELD),
            "steps: is missing, and nothing can be assumed for it",
        ),
        (ExperimentError("", Problem.NO_EXPERIMENT), "is no experiment"),
        (
            FileError(Path("x.csv"), Problem.GOES_ON, size=12_000),
            "x.csv: goes on after the 12,000 bytes of …",
        ),
        (
            FileError(
                "x.json", Problem.EXPERIMENT_MISTAKE, cause=ExperimentError("steps", Problem.MISSING_FIELD)
            ),
            "x.json: steps: is missing, and nothing can be assumed for it",
        ),
        (FileError("a\nb", Problem.EMPTY), r"a\nb: is empty"),
        (
            FileError("x", Problem.NO_ARRAY, array="W", present=["a", "b"]),
            "x: has no array W; it holds: 'a', 'b'",
        ),
        (
            FileError("x", Problem.IMAGES_SIZE, size=(28, 28), got=(1000, 2)),
            "x: must have images of 28 x 28 like the training file, got 1000 x 2",
        ),
        (
            FileError("x", Problem.IDX_SIZE, sizes=(1000, 2), most=5000),
            "x: announces 1,000 x 2 numbers, must be from 1 to 5,000 altogether",
        ),
        (
            FileError("x", Problem.INPUTS_UNLIKE_TRAINING, array="x_test", train=(6,), shape=(6, 2)),
            "x: array x_test must have samples like those of x_train (6,), got shape (6, 2)",
        ),
        (
            ExperimentError("size", Problem.WRONG_FORM, forms=[Form.WHOLE, ("full", "none")], got="null"),
            "size: must be a whole number or one of full, none, got null",
        ),
    ],
)
def test_a_mistake_is_one_line_with_the_place_in_front(error: InitscopeError, line: str) -> None:
    said = sentence(error)
    assert said == line or (line.endswith("…") and said.startswith(line[:-1]))


def test_every_sentence_is_asked_for_in_the_language_of_the_reader() -> None:
    use_translator(lambda _context, text, _comment, _n: f"⟦{text}⟧")
    try:
        said = sentence(ExperimentError("size", Problem.WRONG_FORM_OF_MANY, forms=[Form.LIST]))
        assert said == "size: ⟦must be ⟦a list⟧⟧"
    finally:
        use_translator(None)


def test_logs_show_the_code_with_its_values() -> None:
    error = ExperimentError("network.layers", Problem.LIST_TOO_LONG, most=20, got=21)
    assert str(error) == "network.layers: LIST_TOO_LONG(most=20, got=21)"
    assert str(InitscopeError(Problem.NO_HIDDEN_LAYER)) == "NO_HIDDEN_LAYER()"


def test_the_command_line_tells_errors_without_qt() -> None:
    script = "import gui.text.error_words, sys; sys.exit(any('PySide6' in name for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


def test_a_sentence_that_counts_says_what_and_no_other_is_marked() -> None:
    marked = {problem for problem, said in SENTENCES.items() if re.search(r"\(s\)|\(\w+\|\w+\)", said)}
    assert marked == set(COUNTS)
    for problem, counted in COUNTS.items():
        assert counted in placeholders(SENTENCES[problem])


@pytest.mark.parametrize(
    ("problem", "one", "two", "values"),
    [
        ("TABLE_LENGTHS", "must have 1 row, one for", "must have 2 rows, one for", {"got": 3}),
        ("TABLE_WIDTH", "must have 1 number like", "must have 2 numbers like", {"got": 3}),
        ("ROW_WIDTH", "must have 1 cell like", "must have 2 cells like", {"row": 4, "got": 3}),
        ("TARGETS_COUNT", "must have 1 row, one", "must have 2 rows, one", {"part": "train", "got": 3}),
        ("LABELS_COUNT", "must have 1 label, one", "must have 2 labels, one", {"file": "a", "got": 3}),
        ("TOO_FEW_IMAGES", "the image that is there", "the images that are there", {"got": 3}),
        ("CUT_SHORT_NUMBERS", "1 byte of numbers", "2 bytes of numbers", {"there": 0}),
        ("GOES_ON", "after the 1 byte of", "after the 2 bytes of", {}),
        (
            "BATCH_TOO_LARGE",
            "at most 1, the training sample, got",
            "at most 2, the training samples",
            {"got": 3},
        ),
        ("NO_LAYER", "there is 1 layer", "there are 2 layers", {"layer": 4}),
        ("COPY_NEURONS", "has 1 neuron, and", "has 2 neurons, and", {"layer": 1, "source": 1, "target": 2}),
    ],
)
def test_one_is_singular_and_two_plural(problem: str, one: str, two: str, values: dict[str, Any]) -> None:
    code = Problem[problem]
    for count, expected in ((1, one), (2, two)):
        assert expected in sentence(InitscopeError(code, **{COUNTS[code]: count}, **values))
