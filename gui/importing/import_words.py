"""What the import says of a file and of what comes of it."""

from __future__ import annotations

from collections.abc import Sequence

from engine.importing.data_choice import Outlook, Scaling
from engine.importing.inspection import FileContents, SeenArray
from engine.importing.table_columns import SeenColumn, SeenTargets
from engine.kinds.activation import Activation
from engine.kinds.loss import Loss
from gui.look.plain_text import shortened
from gui.terms.experiment_words import said
from gui.text.language import translate
from gui.text.words import widths_text

LONGEST_OPTION = 40
"""Characters of a name in a box."""
MOST_NAMED = 6
"""Classes that are named."""


def shape_text(shape: Sequence[int]) -> str:
    """Return the shape of an array: 150 × 4."""
    return " × ".join(f"{size:,}" for size in shape) or "1"


def file_text(contents: FileContents) -> str:
    """Return what a file is."""
    table = contents.table
    if table is not None:
        rows, width = table.rows, table.width  # lupdate finds no number that is an attribute
        said_rows = translate("import", "%n row(s)", None, rows)
        said_columns = translate("import", "%n column(s)", None, width)
        return translate("import", "Table · {0} · {1}").format(said_rows, said_columns)
    arrays = len(contents.arrays)
    count = translate("import", "%n array(s)", None, arrays)
    if contents.idx is not None:
        return translate("import", "IDX images and their labels")
    if contents.holds == "weights" and contents.widths is not None:
        said = translate("import", "{0} · weights of a network {1}").format(
            count, widths_text(contents.widths)
        )
        if contents.has_norms:
            return translate("import", "{0} · its scales and shifts are not read").format(said)
        return said
    return count


def column_text(column: SeenColumn, place: int) -> str:
    """Return what a column is called; one without a name by its number, counted from 1."""
    if column.name:
        return shortened(column.name, LONGEST_OPTION)
    return translate("import", "column {0}").format(place + 1)


def range_text(seen: SeenTargets) -> str:
    """Return what is in a column: the range of its numbers, or how many words."""
    if seen.are_numbers:
        return numbers_text(seen.least, seen.most)
    different = seen.different
    if different is None:
        return translate("import", "many words")
    return translate("import", "%n word(s)", None, different)


def numbers_text(least: float | None, most: float | None) -> str:
    """Return a range of numbers; a dash where they are not known."""
    if least is None or most is None:
        return "–"
    if least == most:
        return _digits(least)
    return translate("import", "{0} … {1}").format(_digits(least), _digits(most))


def _digits(value: float) -> str:
    return f"{value:.4g}".replace("-", "−")


def last_column_text(array: SeenArray) -> str:
    """Return what the last column of an array is called."""
    return translate("import", "last column of {0}").format(shortened(array.name, LONGEST_OPTION))


def samples_text(outlook: Outlook) -> str:
    """Return how many samples there are, and how many numbers each has."""
    train, test, width = outlook.train, outlook.test, outlook.inputs
    inputs = translate("import", "%n input(s)", None, width)
    learned = translate("import", "%n sample(s) to learn from", None, train)
    if not test:
        return translate("import", "{0} with {1} each.").format(learned, inputs)
    tested = translate("import", "%n to test on", None, test)
    return translate("import", "{0}, {1}, with {2} each.").format(learned, tested, inputs)


def targets_text(seen: SeenTargets | None, form: str, outputs: int) -> str:
    """Return what is predicted."""
    if form == "numbers" or seen is None:
        if seen is not None and outputs == 1:
            return translate("import", "To predict: a number, {0}.").format(
                numbers_text(seen.least, seen.most)
            )
        return translate("import", "To predict: %n number(s).", None, outputs)
    nothing = translate("import", "(empty)")
    named = [shortened(name, LONGEST_OPTION) or nothing for name in seen.names[:MOST_NAMED]]
    if form == "classes" and len(seen.names) == 2 and seen.names != ("0", "1"):
        return translate("import", "To predict: 0 for {0}, 1 for {1}.").format(*named)
    number = seen.different or outputs
    classes = translate("import", "%n (class|classes)", None, number)
    if not named:
        return translate("import", "To predict: one of {0}.").format(classes)
    if len(seen.names) > MOST_NAMED:
        return translate("import", "To predict: one of {0}: {1}, …").format(classes, ", ".join(named))
    return translate("import", "To predict: one of {0}: {1}.").format(classes, ", ".join(named))


def scaling_text(scaling: Scaling) -> str:
    """Return what is done to inputs."""
    texts: dict[Scaling, str] = {
        "none": translate("import", "inputs as they are"),
        "unit": translate("import", "inputs from 0 to 1"),
        "standardize": translate("import", "inputs standardized"),
        "both": translate("import", "inputs and targets standardized"),
    }
    return texts[scaling]


def form_text(form: str) -> str:
    """Return what targets are taken for."""
    texts = {
        "numbers": translate("import", "numbers"),
        "classes": translate("import", "classes"),
        "one-hot": translate("import", "classes, an output for each"),
    }
    return texts[form]


def network_option(*, fits: bool) -> str:
    """Return what becomes of the network."""
    return translate("import", "with outputs that fit") if fits else translate("import", "as it is")


def network_text(widths: Sequence[int]) -> str:
    """Return which network learns, as it is."""
    return translate("import", "The network is {0}, as it was.").format(widths_text(widths))


def fitted_text(widths: Sequence[int], activation: type[Activation], loss: type[Loss]) -> str:
    """Return which network learns, with outputs that were changed."""
    return translate("import", "The network becomes {0} · outputs: {1} · loss: {2}.").format(
        widths_text(widths), said(activation.label), said(loss.label)
    )


def start_text(widths: Sequence[int], lane: str | None, *, is_new: bool) -> str:
    """Return what starts from the weights of a file."""
    who = translate("import", "All lanes") if lane is None else shortened(lane, LONGEST_OPTION)
    if is_new:
        return translate("import", "{0}: the network becomes {1} and starts from these weights.").format(
            who, widths_text(widths)
        )
    return translate("import", "{0}: the network {1} starts from these weights.").format(
        who, widths_text(widths)
    )


def other_data_text(name: str) -> str:
    """Return that data of the program take the place of the present ones, which do not fit."""
    return translate("import", "The present data do not fit it; it learns other data: {0}.").format(
        said(name)
    )
