"""A short code holds a whole experiment; it survives chats, and nothing that was altered is taken for an experiment."""

from __future__ import annotations

import base64
import textwrap
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.errors import InitscopeError
from engine.experiments.changes import with_changes
from engine.experiments.experiment_file import encode_code, encode_experiment, named_files, read_code
from engine.experiments.presets import open_target, preset_names
from engine.formats.short_code import DICTIONARY, LONGEST_CODE, START, code_of, content_of
from tests.builders import refused

COLUMNS = encode_code(open_target("columns"))


@pytest.mark.parametrize("name", preset_names())
def test_a_code_holds_the_whole_experiment_in_a_line(name: str) -> None:
    shown = open_target(name)
    code = encode_code(shown)
    assert encode_experiment(read_code(code)) == encode_experiment(shown)
    assert len(code) < 700
    assert code.split() == [code]


def test_a_code_is_a_target() -> None:
    assert open_target(COLUMNS) == open_target("columns")
    assert open_target(COLUMNS, [("seed", 5)]).seed == 5


@pytest.mark.parametrize(
    "passed_on",
    [
        textwrap.fill(COLUMNS, 40),
        textwrap.indent(textwrap.fill(COLUMNS, 60), "> "),
        f"\n  `{COLUMNS}` \r\n",
        "\u200b".join(textwrap.wrap(COLUMNS, 200)),
        COLUMNS.replace("+", "-").replace("/", "_") + "==",
        COLUMNS.replace("initscope", "Initscope"),
    ],
    ids=["wrapped", "quoted", "in backticks", "invisible breaks", "for addresses", "capital"],
)
def test_what_chats_and_mails_do_to_a_text_does_no_harm(passed_on: str) -> None:
    assert open_target(passed_on) == open_target("columns")


@given(st.integers(len(START), len(COLUMNS) - 1), st.sampled_from("Aa0+Zé!"))
def test_a_letter_that_is_altered_or_lost_is_noticed(place: int, letter: str) -> None:
    for altered in (COLUMNS[:place], COLUMNS[:place] + letter + COLUMNS[place + 1 :]):
        if altered != COLUMNS and _bits(altered) != _bits(COLUMNS):
            with refused("the short code is not complete or was altered; …"):
                read_code(altered)


def _bits(code: str) -> bytes | None:
    """Return what a code says: the last letter has bits that mean nothing."""
    letters = code.removeprefix(START)
    try:
        return base64.b64decode(letters + "=" * (-len(letters) % 4), validate=True)
    except ValueError:
        return None


def test_numbers_keep_every_bit() -> None:
    shown = with_changes(
        open_target("columns"), [("optimizer.learning_rate", 0.1 + 0.2), ("data.x.0.0", -0.0)]
    )
    assert encode_experiment(read_code(encode_code(shown))) == encode_experiment(shown)


def test_a_code_that_unpacks_to_more_than_any_experiment_is_refused_before_it_takes_memory() -> None:
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS, zdict=DICTIONARY)
    packed = packer.compress(bytes(50_000_000)) + packer.flush()
    assert len(packed) < LONGEST_CODE
    with refused("the short code is not complete or was altered; …"):
        content_of(START + base64.b64encode(packed).decode())


def test_too_large_and_newer_ones_are_told() -> None:
    with refused("is too large for a short code, …"):
        code_of(bytes(range(256)) * 4 + bytes(5_000_000))
    with refused("is too large for a short code, …"):
        content_of(START + "A" * 1_000_000)
    with refused("the short code was made by a newer program (version 7), this one reads up to 1"):
        open_target("initscope7:abc")


def test_a_code_of_something_else_is_told_like_a_file_of_it() -> None:
    with pytest.raises(InitscopeError):
        read_code(code_of(b'{"name": "nothing"}'))


def test_files_that_a_code_does_not_hold_can_be_named(tmp_path: Path) -> None:
    path = str(tmp_path / "table.csv")
    shown = with_changes(open_target("circles"), [("data", {"kind": "csv", "path": path})])
    assert named_files(shown) == [path]
    assert named_files(read_code(encode_code(shown))) == [path]
    assert not named_files(open_target("circles"))
