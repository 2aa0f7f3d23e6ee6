"""The sentences for mistakes that a user can mend: where, what is wrong, what to do. The engine gives only codes."""

from __future__ import annotations

from string import Formatter
from typing import Any

from engine.core.errors import InitscopeError
from engine.core.problems import Form, Problem
from gui.text.file_words import FILE_SENTENCES
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

LONGEST_PLACE, LONGEST_SENTENCE = 400, 1_500
"""Characters of the place of a mistake, and of a whole sentence."""

SENTENCES: dict[Problem, str] = {
    **FILE_SENTENCES,
    # model and the first weights
    Problem.NESTEROV_WITHOUT_MOMENTUM: QT_TRANSLATE_NOOP(
        "errors", "needs a momentum above 0, got momentum 0"
    ),
    Problem.INITIAL_SHAPE: QT_TRANSLATE_NOOP(
        "errors", "the array {array} must have shape {shape:×} here, got {got:×}"
    ),
    Problem.INITIAL_TYPE: QT_TRANSLATE_NOOP("errors", "the array {array} must hold floating point numbers"),
    Problem.VALUES_SHAPE: QT_TRANSLATE_NOOP("errors", "must have {shape:×} numbers here, got {got:×}"),
    Problem.INITIAL_NOT_FINITE: QT_TRANSLATE_NOOP(
        "errors", "must give finite numbers, these are too large for {dtype}"
    ),
    # experiments: the form of a file
    Problem.EXPERIMENT_NO_FILE: QT_TRANSLATE_NOOP("errors", "cannot be read (it is no regular file)"),
    Problem.EXPERIMENT_TOO_LARGE: QT_TRANSLATE_NOOP(
        "errors", "is larger than {megabytes} MB, which no experiment file needs"
    ),
    Problem.EXPERIMENT_MISTAKE: QT_TRANSLATE_NOOP("errors", "{cause}"),
    Problem.FOLDER_NOT_UTF8: QT_TRANSLATE_NOOP("errors", "the name of its folder is not UTF-8"),
    Problem.NO_FILE_NOR_PRESET: QT_TRANSLATE_NOOP(
        "errors", "is neither a file nor a shipped experiment ({presets})"
    ),
    Problem.NO_JSON: QT_TRANSLATE_NOOP("errors", "is not valid JSON ({reason})"),
    Problem.NO_JSON_DECIMAL_COMMA: QT_TRANSLATE_NOOP(
        "errors", "is not valid JSON ({reason}); numbers have a decimal point: 0.5, not 0,5"
    ),
    Problem.NESTED_TOO_DEEP: QT_TRANSLATE_NOOP(
        "errors", "is nested too deep: at most {most} lists or objects may lie in each other"
    ),
    Problem.IS_NPZ: QT_TRANSLATE_NOOP(
        "errors",
        "is an NPZ file of arrays, not an experiment; an experiment file takes its samples from the arrays "
        'x_train and y_train with "data": {data}; --data FILE puts them into any experiment, and --start FILE '
        "starts it from weights",
    ),
    Problem.IS_NPY: QT_TRANSLATE_NOOP(
        "errors",
        "is a single NumPy array, not an experiment; save inputs and targets together with "
        "np.savez(file, x_train=…, y_train=…), which an experiment file can name as its data",
    ),
    Problem.IS_IDX: QT_TRANSLATE_NOOP(
        "errors",
        "is an IDX file as MNIST has, or another compressed file, not an experiment; an experiment file "
        'takes images and labels with "data": {data}',
    ),
    Problem.IS_CSV: QT_TRANSLATE_NOOP(
        "errors",
        'is a table (CSV), not an experiment; an experiment file takes its rows with "data": {data}, '
        "where target is the column to be predicted (-1: the last); --data FILE puts them into any experiment",
    ),
    Problem.IS_TORCH: QT_TRANSLATE_NOOP(
        "errors",
        "is a file of PyTorch, not an experiment; --start FILE lets any experiment start from its weights",
    ),
    Problem.IS_SAFETENSORS: QT_TRANSLATE_NOOP(
        "errors",
        "is a safetensors file, not an experiment; --start FILE lets any experiment start from its weights, "
        "and --data FILE learn its samples",
    ),
    Problem.IS_ARCHIVE: QT_TRANSLATE_NOOP(
        "errors",
        "is a spreadsheet or an archive, not an experiment; a spreadsheet can be saved as CSV, "
        "which an experiment file can name as its data",
    ),
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
    Problem.UNKNOWN_KIND_NEAR: QT_TRANSLATE_NOOP(
        "errors", "'{kind}' is not known; allowed: {allowed}; the nearest is {nearest}"
    ),
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
    # experiments: short codes
    Problem.CODE_ALTERED: QT_TRANSLATE_NOOP(
        "errors",
        "the short code is not complete or was altered; copy all of it again, from {start} to its end",
    ),
    Problem.CODE_NEWER: QT_TRANSLATE_NOOP(
        "errors",
        "the short code was made by a newer program (version {version}), this one reads up to {newest}",
    ),
    Problem.CODE_TOO_LONG: QT_TRANSLATE_NOOP(
        "errors",
        "is too large for a short code, which has at most {most:,} characters; save the experiment as a file",
    ),
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
    Problem.DROPOUT_OF_OUTPUTS: QT_TRANSLATE_NOOP(
        "errors", "must be 0, outputs cannot be left out; allowed on hidden layers"
    ),
    Problem.NORMALIZED_OUTPUTS: QT_TRANSLATE_NOOP(
        "errors", "must be null, outputs are not normalized; allowed on hidden layers"
    ),
    Problem.NORMALIZED_OVER_ONE_SAMPLE: QT_TRANSLATE_NOOP(
        "errors", "must not be batch where a step uses one sample: a single one has no variance"
    ),
    Problem.RESIDUAL_OUTPUTS: QT_TRANSLATE_NOOP(
        "errors", "must be false, inputs are not added to outputs; allowed on hidden layers"
    ),
    Problem.RESIDUAL_WIDTHS: QT_TRANSLATE_NOOP(
        "errors", "must be false where widths differ: {inputs} inputs cannot be added to {units} neurons"
    ),
    Problem.OUTPUT_UNITS: QT_TRANSLATE_NOOP(
        "errors", "must be {outputs}, one for each target of a sample, got {got}"
    ),
    Problem.CLASS_WEIGHTS_COUNT: QT_TRANSLATE_NOOP(
        "errors", "must have {classes} numbers, one for each class, got {got}"
    ),
    Problem.BATCH_TOO_LARGE: QT_TRANSLATE_NOOP(
        "errors", "must be at most {samples}, the training sample(s), got {got}"
    ),
    Problem.TOO_MANY_WEIGHTS: QT_TRANSLATE_NOOP(
        "errors", "must have at most {most:,} weights altogether, got {got:,}"
    ),
    Problem.TOO_MUCH_MEMORY: QT_TRANSLATE_NOOP(
        "errors",
        "The experiment needs about {needed:,.1f} GB of memory, and {limit:,.1f} GB may be taken; "
        "it needs less with fewer samples, units, variants or points of a curve, and --memory allows more.",
    ),
    # training: edits of weights
    Problem.NO_LAYER: QT_TRANSLATE_NOOP(
        "errors", "there is no layer {layer}, there (is|are) {layers} layer(s)"
    ),
    Problem.NO_WEIGHT: QT_TRANSLATE_NOOP(
        "errors", "layer {layer} has no weight in row {row} of neuron {neuron}"
    ),
    Problem.WEIGHT_NOT_FINITE: QT_TRANSLATE_NOOP("errors", "a weight must be a finite number, got {got}"),
    Problem.COPY_OF_OUTPUT: QT_TRANSLATE_NOOP(
        "errors", "only neurons of a hidden layer can be copied, layer {layer} is the output"
    ),
    Problem.COPY_NEURONS: QT_TRANSLATE_NOOP(
        "errors",
        "layer {layer} has {neurons} neuron(s), and one can be copied onto another one; "
        "got {source} and {target}",
    ),
    Problem.NO_HIDDEN_LAYER: QT_TRANSLATE_NOOP("errors", "noise goes into hidden layers, and there is none"),
    Problem.NOISE_NOT_POSITIVE: QT_TRANSLATE_NOOP(
        "errors", "the noise must be a number above 0, got {got:g}"
    ),
    Problem.WEIGHT_AS_IT_IS: QT_TRANSLATE_NOOP(
        "errors", "this weight is {value:g} already: there is nothing to change"
    ),
    Problem.COPY_OF_EQUAL: QT_TRANSLATE_NOOP(
        "errors",
        "neurons {source} and {target} of layer {layer} are equal already, with all their weights: "
        "a copy changes nothing",
    ),
    Problem.NOISE_ROUNDED_AWAY: QT_TRANSLATE_NOOP(
        "errors", "noise of {std:g} is too small beside the weights: every one is rounded back to what it was"
    ),
    # conditions
    Problem.CONDITION_UNEXPECTED: QT_TRANSLATE_NOOP(
        "errors",
        "the condition {condition!r} goes wrong at character {place}, {got!r}; there could be: {expected}",
    ),
    Problem.CONDITION_ENDS: QT_TRANSLATE_NOOP(
        "errors", "the condition {condition!r} ends too early; there could follow: {expected}"
    ),
    Problem.CONDITION_TOO_LONG: QT_TRANSLATE_NOOP(
        "errors", "a condition has at most {most} characters, got {got}"
    ),
    Problem.CONDITION_TOO_DEEP: QT_TRANSLATE_NOOP(
        "errors", "at most {most} brackets of a condition may lie in each other"
    ),
    Problem.CONDITION_NO_CLASSES: QT_TRANSLATE_NOOP(
        "errors",
        "{term} can never hold: these targets stand for no classes; a condition can be about the loss",
    ),
    Problem.CONDITION_NO_HIDDEN_LAYER: QT_TRANSLATE_NOOP(
        "errors", "{term} is about hidden layers, and there is none; “of layer 1” is the output layer"
    ),
    Problem.UNTIL_ENDED: QT_TRANSLATE_NOOP(
        "errors", "playing has stopped, its condition does not fit any more: {cause}"
    ),
    # session
    Problem.NO_LANE: QT_TRANSLATE_NOOP("errors", "there is no lane {name}; there are: {names}"),
    Problem.NO_LANE_NAMED: QT_TRANSLATE_NOOP("errors", "give the name of a lane: this is done to one alone"),
    Problem.TOO_MANY_LANES: QT_TRANSLATE_NOOP(
        "errors", "there are {lanes} lanes already, at most {most} are possible"
    ),
    Problem.LAST_LANE: QT_TRANSLATE_NOOP("errors", "this would take the last lane away: one has to stay"),
    Problem.NO_PLACE: QT_TRANSLATE_NOOP("errors", "a lane can be moved to places 0 to {last}, got {got}"),
    Problem.NAME_FORM: QT_TRANSLATE_NOOP(
        "errors",
        "the name of a lane must be 1 to 80 characters in one line, without slashes and backslashes",
    ),
    Problem.NAME_TAKEN: QT_TRANSLATE_NOOP("errors", "another lane is called {name}: choose another name"),
    Problem.ONLY_FROM_START: QT_TRANSLATE_NOOP(
        "errors", "only numbers of the same training step can change on the way: change this from the start"
    ),
    Problem.SESSION_ACTION: QT_TRANSLATE_NOOP(
        "errors",
        "action {number} is none, or has a wrong field; an action is one of {names}, with its fields",
    ),
    Problem.SESSION_REFUSED: QT_TRANSLATE_NOOP("errors", "action {number}: {cause}"),
    Problem.SESSION_FIELDS: QT_TRANSLATE_NOOP(
        "errors", "a session has format, version, experiment, actions and view, and no other fields"
    ),
    Problem.SESSION_ALTERED: QT_TRANSLATE_NOOP(
        "errors", "the session was altered since it was saved: its checksum does not fit"
    ),
    Problem.SESSION_UNSEALED: QT_TRANSLATE_NOOP(
        "errors",
        "the session was altered since it was saved: its checksum was taken out; a session that is written by hand "
        "has no field written_by either",
    ),
    Problem.VIEW_ROOM: QT_TRANSLATE_NOOP(
        "errors", "must have a list of shares from 0 to 10000 for each splitter"
    ),
    Problem.NO_SCENE: QT_TRANSLATE_NOOP(
        "errors", "there is no scene {got}: there are {scenes}, and the first one is 0"
    ),
    Problem.TOO_MANY_SCENES: QT_TRANSLATE_NOOP("errors", "a session has at most {most} scenes"),
    Problem.TOO_MANY_ACTIONS: QT_TRANSLATE_NOOP("errors", "a session has at most {most} actions, got {got}"),
    Problem.LANE_DIVERGED: QT_TRANSLATE_NOOP(
        "errors", "{name} has diverged, at step {step} it has weights that are not finite"
    ),
    Problem.EDIT_TOO_LARGE: QT_TRANSLATE_NOOP("errors", "the changed weights are too large for {dtype}"),
    Problem.EDIT_LEFT_OUT: QT_TRANSLATE_NOOP(
        "errors", "{lane} goes on without what was done to it at step {step}: {cause}"
    ),
    Problem.PROCESS_GONE: QT_TRANSLATE_NOOP(
        "errors",
        "The process that works on this ended before it was done; the system may be short of memory: try it again.",
    ),
    Problem.TRAINING_STOPPED: QT_TRANSLATE_NOOP("errors", "Training stopped: {reason}"),
}
"""What the values of an error are filled into, behind the path that the mistake is at."""

COUNTS: dict[Problem, str] = {
    Problem.CUT_SHORT_NUMBERS: "size",
    Problem.GOES_ON: "size",
    Problem.ROW_WIDTH: "width",
    Problem.TARGETS_COUNT: "samples",
    Problem.LABELS_COUNT: "images",
    Problem.TOO_FEW_IMAGES: "most",
    Problem.TABLE_LENGTHS: "rows",
    Problem.TABLE_WIDTH: "width",
    Problem.ARRAYS_LENGTHS: "samples",
    Problem.DATA_OUTPUTS: "outputs",
    Problem.BATCH_TOO_LARGE: "samples",
    Problem.NO_LAYER: "layers",
    Problem.COPY_NEURONS: "neurons",
}
"""By which of its values a sentence has singular or plural, where that may be 1: `translate` tells how it is marked."""


def sentence(error: InitscopeError) -> str:
    """Return what a mistake is called on one line: where, what is wrong, what to do."""
    counted = COUNTS.get(error.problem)
    count = -1 if counted is None else int(str(error.values[counted]))
    said = _Filler().vformat(translate("errors", SENTENCES[error.problem], None, count), (), error.values)
    place = _cut(str(error.place), LONGEST_PLACE) if error.place else ""
    line = f"{place}: {said}" if place else said
    return one_line(line)


def one_line(text: str) -> str:
    """Return a text that fits into one line of a terminal or a notice and changes neither: all of it can be seen."""
    return _cut("".join(map(_visible, _cut(text, LONGEST_SENTENCE))), LONGEST_SENTENCE)


def _cut(text: str, longest: int) -> str:
    """Return a text without its middle where it is too long to be read: files can have names without an end."""
    return text if len(text) <= longest else f"{text[: longest // 2]} … {text[-longest // 2 :]}"


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
