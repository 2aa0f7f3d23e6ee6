"""The sentences for mistakes that a user can mend: where, what is wrong, what to do. The engine gives only codes."""

from __future__ import annotations

from string import Formatter
from typing import Any

from engine.core.errors import InitscopeError
from engine.core.problems import Form, Problem
from gui.text.language import QT_TRANSLATE_NOOP, translate

FORMS: dict[Form, str] = {
    Form.NULL: QT_TRANSLATE_NOOP("errors", "null"),
    Form.BOOLEAN: QT_TRANSLATE_NOOP("errors", "true or false"),
    Form.WHOLE: QT_TRANSLATE_NOOP("errors", "a whole number"),
    Form.NUMBER: QT_TRANSLATE_NOOP("errors", "a number"),
    Form.TEXT: QT_TRANSLATE_NOOP("errors", "text"),
    Form.LINE: QT_TRANSLATE_NOOP("errors", "one line of text without slashes"),
    Form.PATH: QT_TRANSLATE_NOOP("errors", "a path without NUL characters"),
    Form.LIST: QT_TRANSLATE_NOOP("errors", "a list"),
    Form.OBJECT: QT_TRANSLATE_NOOP("errors", "an object in braces"),
}

SENTENCES: dict[Problem, str] = {
    # formats: reading any file
    Problem.UNREADABLE: QT_TRANSLATE_NOOP("errors", "cannot be read ({reason})"),
    Problem.NO_ORDINARY_FILE: QT_TRANSLATE_NOOP("errors", "is not an ordinary file"),
    Problem.LARGER_THAN_READ: QT_TRANSLATE_NOOP(
        "errors", "is larger than the {megabytes} MB that are read at most"
    ),
    Problem.CUT_SHORT: QT_TRANSLATE_NOOP("errors", "is cut short"),
    Problem.CUT_SHORT_NUMBERS: QT_TRANSLATE_NOOP(
        "errors", "is cut short: {size:,} bytes of numbers announced, {there:,} there"
    ),
    Problem.GOES_ON: QT_TRANSLATE_NOOP(
        "errors", "goes on after the {size:,} bytes of numbers that it announces"
    ),
    Problem.DAMAGED_COMPRESSION: QT_TRANSLATE_NOOP(
        "errors", "is damaged: its compressed part makes no sense"
    ),
    Problem.NOT_UTF8: QT_TRANSLATE_NOOP("errors", "is not text in UTF-8"),
    # formats: CSV
    Problem.EMPTY: QT_TRANSLATE_NOOP("errors", "is empty"),
    Problem.ONE_COLUMN: QT_TRANSLATE_NOOP(
        "errors", "must have at least two columns, inputs and a target, got 1"
    ),
    Problem.NO_SAMPLES: QT_TRANSLATE_NOOP("errors", "has a header but no samples"),
    Problem.TOO_MANY_ROWS: QT_TRANSLATE_NOOP(
        "errors", "has more than {rows:,} rows, or more than {characters:,} characters in one"
    ),
    Problem.ROW_NOT_CSV: QT_TRANSLATE_NOOP("errors", "row {row} is not a row of CSV ({reason})"),
    Problem.ROW_WIDTH: QT_TRANSLATE_NOOP(
        "errors", "row {row} must have {width} cells like the rows before it, got {got}"
    ),
    Problem.CELL_NOT_NUMBER: QT_TRANSLATE_NOOP(
        "errors", "row {row}, column {column!r} must be a number, got {got!r}"
    ),
    Problem.CELL_NOT_NUMBER_WITHOUT_HEADER: QT_TRANSLATE_NOOP(
        "errors", "row {row}, column {column} (counted from 0) must be a number, got {got!r}"
    ),
    Problem.CELL_NO_CLASS: QT_TRANSLATE_NOOP(
        "errors", "row {row}, column {column!r} must be a class, but is empty"
    ),
    Problem.CELL_NO_CLASS_WITHOUT_HEADER: QT_TRANSLATE_NOOP(
        "errors", "row {row}, column {column} (counted from 0) must be a class, but is empty"
    ),
    Problem.TARGET_COLUMN_NUMBER: QT_TRANSLATE_NOOP(
        "errors", "must be a column from 0 to {last}, or -1 (the last) to {first}, got {got}"
    ),
    Problem.TARGET_COLUMN_WITHOUT_HEADER: QT_TRANSLATE_NOOP(
        "errors", "must be a column number, because the file has no header"
    ),
    Problem.TARGET_COLUMN_NAME: QT_TRANSLATE_NOOP(
        "errors", "must be the name of one column, got {got!r}; the columns begin with {columns!r}"
    ),
    # formats: IDX
    Problem.NO_IDX_LABELS: QT_TRANSLATE_NOOP("errors", "is not an IDX file of labels"),
    Problem.NO_IDX_IMAGES: QT_TRANSLATE_NOOP("errors", "is not an IDX file of images"),
    Problem.IDX_HOLDS_NO_LABELS: QT_TRANSLATE_NOOP(
        "errors", "must hold labels, unsigned bytes (type 8) in 1 dimensions, got type {type} in {dimensions}"
    ),
    Problem.IDX_HOLDS_NO_IMAGES: QT_TRANSLATE_NOOP(
        "errors", "must hold images, unsigned bytes (type 8) in 3 dimensions, got type {type} in {dimensions}"
    ),
    Problem.IDX_HEADER: QT_TRANSLATE_NOOP("errors", "is cut short: its header is not complete"),
    Problem.IDX_SIZE: QT_TRANSLATE_NOOP(
        "errors", "announces {sizes:, x } numbers, must be from 1 to {most:,} altogether"
    ),
    # formats: NPZ
    Problem.NO_NPZ: QT_TRANSLATE_NOOP("errors", "is not an NPZ file, or damaged ({reason})"),
    Problem.NPZ_CONTENTS: QT_TRANSLATE_NOOP(
        "errors", "is not an NPZ file, or damaged (its table of contents is too large)"
    ),
    Problem.NO_ARRAY: QT_TRANSLATE_NOOP("errors", "has no array {array}; it holds: {present!r}"),
    Problem.NO_ARRAY_AT_ALL: QT_TRANSLATE_NOOP("errors", "has no array {array}; it holds: nothing"),
    Problem.ARRAY_PACKING: QT_TRANSLATE_NOOP(
        "errors", "array {array} is packed in a way that NumPy does not use"
    ),
    Problem.ARRAY_VERSION: QT_TRANSLATE_NOOP(
        "errors", "array {array} is in a version of the format that numbers do not need"
    ),
    Problem.ARRAY_HEADER: QT_TRANSLATE_NOOP("errors", "array {array} has a header that makes no sense"),
    Problem.ARRAY_OF_OBJECTS: QT_TRANSLATE_NOOP(
        "errors",
        "array {array} must hold numbers of at most 64 bits, got Python objects, which are never loaded",
    ),
    Problem.ARRAY_OF_COMPLEX: QT_TRANSLATE_NOOP(
        "errors", "array {array} must hold numbers of at most 64 bits, got complex numbers"
    ),
    Problem.ARRAY_OF_TEXT: QT_TRANSLATE_NOOP(
        "errors", "array {array} must hold numbers of at most 64 bits, got text"
    ),
    Problem.ARRAY_OF_OTHERS: QT_TRANSLATE_NOOP(
        "errors", "array {array} must hold numbers of at most 64 bits, got values of type {type}"
    ),
    Problem.ARRAY_SIZE: QT_TRANSLATE_NOOP(
        "errors", "array {array} must have from 1 to {most:,} numbers, got shape {shape}"
    ),
    Problem.ARRAY_NOT_FINITE: QT_TRANSLATE_NOOP(
        "errors", "array {array} must hold finite numbers, got {got} at [{place}]"
    ),
    # datasets
    Problem.TEST_ARRAY_ALONE: QT_TRANSLATE_NOOP(
        "errors", "has an array {array} alone: x_test and y_test go together"
    ),
    Problem.INPUTS_SHAPE: QT_TRANSLATE_NOOP(
        "errors",
        "array {array} must be samples (n, inputs) or images (n, height, width), got shape {shape}",
    ),
    Problem.INPUTS_UNLIKE_TRAINING: QT_TRANSLATE_NOOP(
        "errors", "array {array} must have samples like those of x_train {train}, got shape {shape}"
    ),
    Problem.TARGETS_COUNT: QT_TRANSLATE_NOOP(
        "errors",
        "array y_{part} must have one row for each of the {samples:,} samples of x_{part}, got {got:,}",
    ),
    Problem.TARGETS_SHAPE: QT_TRANSLATE_NOOP(
        "errors", "array {array} must be targets (n, outputs) or class numbers (n,), got shape {shape}"
    ),
    Problem.TARGETS_UNLIKE_TRAINING: QT_TRANSLATE_NOOP(
        "errors", "array {array} must have targets like those of y_train {train}, got shape {shape}"
    ),
    Problem.CLASSES_NOT_WHOLE: QT_TRANSLATE_NOOP(
        "errors",
        "array {array} must be whole class numbers, or have shape (n, outputs) for other targets",
    ),
    Problem.ONE_CLASS: QT_TRANSLATE_NOOP(
        "errors", "has samples of one class only, so there is nothing to tell apart"
    ),
    Problem.TOO_MANY_CLASSES: QT_TRANSLATE_NOOP(
        "errors",
        "has {classes:,} different classes, at most {most:,} are possible; "
        "targets that are not classes must be numbers of shape (n, outputs)",
    ),
    Problem.TOO_MANY_TARGETS: QT_TRANSLATE_NOOP(
        "errors", "is too large: {samples:,} samples of {classes:,} classes"
    ),
    Problem.TOO_FEW_DIGITS: QT_TRANSLATE_NOOP(
        "errors", "and data.test must be at most {most:,} together, got {got:,}"
    ),
    Problem.TEST_IMAGES_ALONE: QT_TRANSLATE_NOOP(
        "errors", "is missing: test images and test labels go together"
    ),
    Problem.IMAGES_SIZE: QT_TRANSLATE_NOOP(
        "errors", "must have images of {size: x } like the training file, got {got: x }"
    ),
    Problem.LABELS_COUNT: QT_TRANSLATE_NOOP(
        "errors", "must have one label for each of the {images:,} images of {file}, got {got:,}"
    ),
    Problem.TOO_FEW_IMAGES: QT_TRANSLATE_NOOP(
        "errors", "must be at most {most:,}, the images that are there, got {got:,}"
    ),
    Problem.TABLE_LENGTHS: QT_TRANSLATE_NOOP(
        "errors", "must have one row for each of the {rows} rows of data.x, got {got}"
    ),
    Problem.TABLE_WIDTH: QT_TRANSLATE_NOOP(
        "errors", "must have {width} numbers like the rows before it, got {got}"
    ),
    # model and the first weights
    Problem.NESTEROV_WITHOUT_MOMENTUM: QT_TRANSLATE_NOOP(
        "errors", "needs a momentum above 0, got momentum 0"
    ),
    Problem.INITIAL_SHAPE: QT_TRANSLATE_NOOP(
        "errors", "the array {array} must have shape {shape:×} here, got {got:×}"
    ),
    Problem.INITIAL_TYPE: QT_TRANSLATE_NOOP("errors", "the array {array} must hold floating point numbers"),
    Problem.INITIAL_NOT_FINITE: QT_TRANSLATE_NOOP(
        "errors", "must give finite numbers, these are too large for {dtype}"
    ),
    # experiments: the form of a file
    Problem.EXPERIMENT_NO_FILE: QT_TRANSLATE_NOOP("errors", "cannot be read (it is no regular file)"),
    Problem.EXPERIMENT_TOO_LARGE: QT_TRANSLATE_NOOP(
        "errors", "is larger than {megabytes} MB, which no experiment file needs"
    ),
    Problem.EXPERIMENT_MISTAKE: QT_TRANSLATE_NOOP("errors", "{cause}"),
    Problem.NO_FILE_NOR_PRESET: QT_TRANSLATE_NOOP(
        "errors", "is neither a file nor a shipped experiment ({presets})"
    ),
    Problem.NO_JSON: QT_TRANSLATE_NOOP("errors", "is not valid JSON ({reason})"),
    Problem.NO_JSON_OBJECT: QT_TRANSLATE_NOOP(
        "errors", "must be a JSON object with the fields of an experiment"
    ),
    Problem.NO_EXPERIMENT: QT_TRANSLATE_NOOP("errors", "is no experiment"),
    Problem.NEWER_VERSION: QT_TRANSLATE_NOOP(
        "errors", "{version} was written by a newer program, this one reads up to {newest}"
    ),
    Problem.WRONG_FORM: QT_TRANSLATE_NOOP("errors", "must be {forms}, got {got}"),
    Problem.WRONG_FORM_OF_MANY: QT_TRANSLATE_NOOP("errors", "must be {forms}"),
    Problem.UNKNOWN_FIELD: QT_TRANSLATE_NOOP(
        "errors", "is not a field that belongs here; allowed: {allowed}"
    ),
    Problem.UNKNOWN_FIELD_OF_NONE: QT_TRANSLATE_NOOP(
        "errors", "is not a field that belongs here; allowed: nothing more"
    ),
    Problem.MISSING_FIELD: QT_TRANSLATE_NOOP("errors", "is missing, and nothing can be assumed for it"),
    Problem.UNKNOWN_KIND: QT_TRANSLATE_NOOP("errors", "'{kind}' is not known; allowed: {allowed}"),
    Problem.LIST_TOO_SHORT: QT_TRANSLATE_NOOP(
        "errors", "must be a list of length {least} or more, got {got}"
    ),
    Problem.LIST_TOO_LONG: QT_TRANSLATE_NOOP("errors", "must be a list of length {most} or less, got {got}"),
    Problem.NUMBER_NOT_ABOVE: QT_TRANSLATE_NOOP("errors", "must be a number above {limit}, got {got}"),
    Problem.NUMBER_TOO_SMALL: QT_TRANSLATE_NOOP("errors", "must be a number of at least {least}, got {got}"),
    Problem.NUMBER_NOT_BELOW: QT_TRANSLATE_NOOP("errors", "must be a number below {limit}, got {got}"),
    Problem.NUMBER_TOO_LARGE: QT_TRANSLATE_NOOP("errors", "must be a number of at most {most}, got {got}"),
    Problem.NUMBER_TOO_LONG: QT_TRANSLATE_NOOP("errors", "must be a number of at most 19 digits, got {got}"),
    Problem.WHOLE_NOT_ABOVE: QT_TRANSLATE_NOOP("errors", "must be a whole number above {limit}, got {got}"),
    Problem.WHOLE_TOO_SMALL: QT_TRANSLATE_NOOP(
        "errors", "must be a whole number of at least {least}, got {got}"
    ),
    Problem.WHOLE_TOO_LARGE: QT_TRANSLATE_NOOP(
        "errors", "must be a whole number of at most {most}, got {got}"
    ),
    Problem.WHOLE_TOO_LONG: QT_TRANSLATE_NOOP(
        "errors", "must be a whole number of at most 19 digits, got {got}"
    ),
    Problem.TEXT_TOO_SHORT: QT_TRANSLATE_NOOP("errors", "must be text of length {least} or more, got {got}"),
    Problem.TEXT_TOO_LONG: QT_TRANSLATE_NOOP("errors", "must be text of length {most} or less, got {got}"),
    Problem.TEXT_PATTERN: QT_TRANSLATE_NOOP("errors", "must be text of the form {pattern}, got {got}"),
    # experiments: changes and variants
    Problem.NOTHING_TO_CHANGE: QT_TRANSLATE_NOOP("errors", "is not there, so nothing can be put at {target}"),
    Problem.NO_LIST_POSITION: QT_TRANSLATE_NOOP(
        "errors", "must be a list position from 0 to {last}, or * for every one"
    ),
    Problem.NO_VARIANT: QT_TRANSLATE_NOOP("errors", "there is no variant {name}; there are: {names}"),
    Problem.VARIANT_NAME_TWICE: QT_TRANSLATE_NOOP(
        "errors", "must differ from the other names, got {name} again"
    ),
    Problem.VARIANT_CHANGES_VARIANTS: QT_TRANSLATE_NOOP(
        "errors", "cannot change variants, format or version"
    ),
    # experiments: parts that do not go together
    Problem.ONLY_FOR_OUTPUTS: QT_TRANSLATE_NOOP("errors", "{kind} is for the output layer only"),
    Problem.DROPOUT_OF_OUTPUTS: QT_TRANSLATE_NOOP(
        "errors", "must be 0, outputs cannot be left out; allowed on hidden layers"
    ),
    Problem.LOSS_NEEDS_ACTIVATION: QT_TRANSLATE_NOOP(
        "errors", "the loss {loss} needs {needed} here, got {got}"
    ),
    Problem.OUTPUT_UNITS: QT_TRANSLATE_NOOP(
        "errors", "must be {outputs}, one for each target of a sample, got {got}"
    ),
    Problem.TARGETS_NOT_SHARES: QT_TRANSLATE_NOOP(
        "errors", "{loss} needs targets from 0 to 1, the data has {least:g} to {most:g}"
    ),
    Problem.TARGETS_NO_DISTRIBUTION: QT_TRANSLATE_NOOP(
        "errors", "{loss} needs targets that sum to 1 in every sample, one number for each class"
    ),
    Problem.BATCH_TOO_LARGE: QT_TRANSLATE_NOOP(
        "errors", "must be at most {samples}, the training samples, got {got}"
    ),
    Problem.TOO_MANY_WEIGHTS: QT_TRANSLATE_NOOP(
        "errors", "must have at most {most:,} weights altogether, got {got:,}"
    ),
    # training: edits of weights
    Problem.NO_LAYER: QT_TRANSLATE_NOOP("errors", "there is no layer {layer}, the layers are 1 to {layers}"),
    Problem.NO_WEIGHT: QT_TRANSLATE_NOOP(
        "errors", "layer {layer} has no weight in row {row} of neuron {neuron}"
    ),
    Problem.WEIGHT_NOT_FINITE: QT_TRANSLATE_NOOP("errors", "a weight must be a finite number, got {got}"),
    Problem.COPY_OF_OUTPUT: QT_TRANSLATE_NOOP(
        "errors", "only neurons of a hidden layer can be copied, layer {layer} is the output"
    ),
    Problem.COPY_NEURONS: QT_TRANSLATE_NOOP(
        "errors",
        "layer {layer} has neurons 1 to {neurons}, and one can be copied onto another one; "
        "got {source} and {target}",
    ),
    Problem.NO_HIDDEN_LAYER: QT_TRANSLATE_NOOP(
        "errors", "there is no hidden layer, so there is no symmetry to break"
    ),
    Problem.NOISE_NOT_POSITIVE: QT_TRANSLATE_NOOP(
        "errors", "the noise must be a number above 0, got {got:g}"
    ),
    # session
    Problem.NO_LANE: QT_TRANSLATE_NOOP("errors", "there is no lane {name}; there are: {names}"),
    Problem.NO_LANE_NAMED: QT_TRANSLATE_NOOP("errors", "remove: give the name of a lane"),
    Problem.TOO_MANY_LANES: QT_TRANSLATE_NOOP(
        "errors", "there are {lanes} lanes already, at most {most} are possible"
    ),
    Problem.LANE_IS_VARIANT: QT_TRANSLATE_NOOP(
        "errors", "{name} is a variant of the experiment; only lanes made by touching can be removed"
    ),
    Problem.LANE_DIVERGED: QT_TRANSLATE_NOOP(
        "errors", "{name} has diverged, at step {step} it has weights that are not finite"
    ),
    Problem.EDIT_TOO_LARGE: QT_TRANSLATE_NOOP("errors", "the changed weights are too large for {dtype}"),
    Problem.TRAINING_STOPPED: QT_TRANSLATE_NOOP("errors", "Training stopped: {reason}"),
    # files that are written
    Problem.NOT_WRITTEN: QT_TRANSLATE_NOOP("errors", "could not be written ({reason})"),
    Problem.NOT_SAVED: QT_TRANSLATE_NOOP(
        "errors", "could not be written; is the disk full or the file type unknown?"
    ),
    Problem.FOLDER_NOT_MADE: QT_TRANSLATE_NOOP("errors", "could not be made ({reason})"),
    Problem.QUOTIENT_DIVERGED: QT_TRANSLATE_NOOP(
        "errors", "cannot be written: the run diverged, and its weights are no numbers to start from"
    ),
    Problem.NO_PNG_NAME: QT_TRANSLATE_NOOP("errors", "must end in .png"),
    Problem.NO_PICTURE_NAME: QT_TRANSLATE_NOOP("errors", "must end in .png or .svg"),
    Problem.NOT_DRAWN: QT_TRANSLATE_NOOP("errors", "could not be drawn"),
}
"""What the values of an error are filled into, behind the path that the mistake is at."""


def sentence(error: InitscopeError) -> str:
    """Return what a mistake is called on one line: where, what is wrong, what to do."""
    said = _Filler().vformat(translate("errors", SENTENCES[error.problem]), (), error.values)
    line = f"{error.place}: {said}" if error.place else said
    return "".join(map(_visible, line))


def _visible(character: str) -> str:
    """Return a character, or what it is written as in Python if it would break or hide the line."""
    return character if character.isprintable() else character.encode("unicode_escape").decode()


class _Filler(Formatter):
    """Fills values into a sentence as `str.format` does, and lists, causes and forms in words.

    `{names}` is a list with commas between, `{names!r}` one whose texts stand in quotes. The spec of numbers in a tuple
    is what stands between them, `{shape: x }`, or without one the tuple as NumPy writes it. A comma before it groups
    the digits of each: `{sizes:, x }`.
    """

    def convert_field(self, value: Any, conversion: Any) -> Any:
        """Return a value, or what is written in quotes if the sentence says so; each of a list by itself."""
        if isinstance(value, list) and conversion == "r":
            return [repr(item) for item in value]
        return super().convert_field(value, conversion)

    def format_field(self, value: Any, format_spec: str) -> str:
        """Return the text that stands for a value."""
        if isinstance(value, InitscopeError):
            return sentence(value)
        if isinstance(value, list):
            return _listed(value)
        if isinstance(value, tuple) and format_spec:
            digits, between = ("," if format_spec[0] == "," else ""), format_spec.removeprefix(",")
            return between.join(format(item, digits) for item in value)
        return str(super().format_field(value, format_spec))


def _listed(values: list[Any]) -> str:
    """Return names with commas between; of what a value may be, which differs in form, one or the other."""
    if any(isinstance(value, Form | tuple) for value in values):
        return translate("errors", " or ").join(map(_form, values))
    return ", ".join(map(str, values))


def _form(form: Form | tuple[str, ...]) -> str:
    if isinstance(form, Form):
        return translate("errors", FORMS[form])
    return translate("errors", "one of {names}").format(names=", ".join(form))
