"""The sentences for mistakes in files: those that are read, the samples in them, and those that are written."""

from __future__ import annotations

from pathlib import Path

from engine.core.problems import Problem
from gui.text.language import QT_TRANSLATE_NOOP, translate

FILE_SENTENCES: dict[Problem, str] = {
    # formats: reading any file
    Problem.UNREADABLE: QT_TRANSLATE_NOOP("errors", "cannot be read ({reason})"),
    Problem.NO_ORDINARY_FILE: QT_TRANSLATE_NOOP("errors", "is not an ordinary file"),
    Problem.LARGER_THAN_READ: QT_TRANSLATE_NOOP(
        "errors", "is larger than the {megabytes} MB that are read at most"
    ),
    Problem.CUT_SHORT: QT_TRANSLATE_NOOP("errors", "is cut short"),
    Problem.CUT_SHORT_NUMBERS: QT_TRANSLATE_NOOP(
        "errors", "is cut short: {size:,} byte(s) of numbers announced, {there:,} there"
    ),
    Problem.GOES_ON: QT_TRANSLATE_NOOP(
        "errors", "goes on after the {size:,} byte(s) of numbers that it announces"
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
        "errors", "row {row} must have {width} cell(s) like the rows before it, got {got}"
    ),
    Problem.CELL_NOT_NUMBER: QT_TRANSLATE_NOOP(
        "errors", "row {row}, column {column!r} must be a number, got {got!r}"
    ),
    Problem.CELL_NOT_NUMBER_WITHOUT_HEADER: QT_TRANSLATE_NOOP(
        "errors", "row {row}, column {column} (counted from 0) must be a number, got {got!r}"
    ),
    Problem.CELL_DECIMAL_COMMA: QT_TRANSLATE_NOOP(
        "errors",
        "row {row}, column {column!r} must be a number, got {got!r}; numbers have a decimal point: 0.5, not 0,5",
    ),
    Problem.CELL_DECIMAL_COMMA_WITHOUT_HEADER: QT_TRANSLATE_NOOP(
        "errors",
        "row {row}, column {column} (counted from 0) must be a number, got {got!r}; "
        "numbers have a decimal point: 0.5, not 0,5",
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
        "errors", "must hold labels, unsigned bytes (type 8) in 1 dimension, got type {type} in {dimensions}"
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
    Problem.TOO_MANY_ARRAYS: QT_TRANSLATE_NOOP("errors", "holds more than {most:,} arrays"),
    # archives: PyTorch, safetensors and what is not read
    Problem.NO_ARRAY_FILE: QT_TRANSLATE_NOOP(
        "errors", "is not a file of arrays that can be read (NPZ, NPY, safetensors, PyTorch)"
    ),
    Problem.NO_ARRAYS_NOR_TABLE: QT_TRANSLATE_NOOP(
        "errors",
        "is not a file of arrays that can be read (NPZ, NPY, safetensors, PyTorch), nor a table (CSV)",
    ),
    Problem.NO_ARCHIVE: QT_TRANSLATE_NOOP("errors", "is not an archive of arrays (NPZ, PyTorch), or damaged"),
    Problem.NO_TORCH: QT_TRANSLATE_NOOP("errors", "is not a file of PyTorch tensors, or damaged"),
    Problem.TORCH_REFUSED: QT_TRANSLATE_NOOP(
        "errors",
        "asks for {name}, and nothing in a file is ever run: only tensors are read, "
        "as torch.save(model.state_dict(), file) writes them",
    ),
    Problem.OLD_TORCH: QT_TRANSLATE_NOOP(
        "errors",
        "is in the format of PyTorch before 1.6, which is not read; "
        "torch.save(model.state_dict(), file) writes the present one",
    ),
    Problem.NO_SAFETENSORS: QT_TRANSLATE_NOOP("errors", "is not a safetensors file, or damaged"),
    Problem.IS_HDF5: QT_TRANSLATE_NOOP(
        "errors",
        "is an HDF5 file, as Keras writes, which is not read; "
        "np.savez(file, *model.get_weights()) writes one that is",
    ),
    Problem.IS_KERAS: QT_TRANSLATE_NOOP(
        "errors",
        "is a model of Keras with its weights in HDF5, which is not read; "
        "np.savez(file, *model.get_weights()) writes one that is",
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
        "array y_{part} must have {samples:,} row(s), one for each sample of x_{part}, got {got:,}",
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
        "errors", "must have {images:,} label(s), one for each image of {file}, got {got:,}"
    ),
    Problem.TOO_FEW_IMAGES: QT_TRANSLATE_NOOP(
        "errors", "must be at most {most:,}, the image(s) that (is|are) there, got {got:,}"
    ),
    Problem.TABLE_LENGTHS: QT_TRANSLATE_NOOP(
        "errors", "must have {rows} row(s), one for each row of data.x, got {got}"
    ),
    Problem.VALUES_TOO_LARGE: QT_TRANSLATE_NOOP(
        "errors", "gives numbers that are too large; choose other inputs or a smaller frequency or amplitude"
    ),
    Problem.TABLE_WIDTH: QT_TRANSLATE_NOOP(
        "errors", "must have {width} number(s) like the rows before it, got {got}"
    ),
    Problem.ARRAYS_LENGTHS: QT_TRANSLATE_NOOP(
        "errors",
        "array {targets} must have a row for each of the {samples:,} sample(s) of {inputs}, got {got:,}",
    ),
    Problem.ARRAY_ONE_COLUMN: QT_TRANSLATE_NOOP(
        "errors",
        "array {array} must be a table (n, columns) whose last column is the target, got shape {shape}; "
        "inputs and targets can also be two arrays, x and y",
    ),
    Problem.TEST_ARRAY_UNLIKE: QT_TRANSLATE_NOOP(
        "errors", "array {array} must have samples like the training samples {train}, got shape {shape}"
    ),
    Problem.TEST_TARGETS_MISSING: QT_TRANSLATE_NOOP(
        "errors", "is missing: test_inputs and test_targets go together"
    ),
    # importing: data and weights of people's own
    Problem.NAME_NOT_UTF8: QT_TRANSLATE_NOOP(
        "errors", "its name is not UTF-8, so no experiment file can tell it"
    ),
    Problem.NO_SAMPLES_TOLD: QT_TRANSLATE_NOOP(
        "errors",
        "does not say which arrays are inputs and targets of the same samples; it holds {present}; "
        "np.savez(file, x=…, y=…) says it",
    ),
    Problem.WEIGHTS_NOT_DATA: QT_TRANSLATE_NOOP(
        "errors",
        "is a file of PyTorch weights, not of samples; --start takes it as the weights to start from",
    ),
    Problem.IDX_LABELS_MISSING: QT_TRANSLATE_NOOP(
        "errors", "is an IDX file of images whose labels must lie beside it, there is no {labels}"
    ),
    Problem.DATA_OUTPUTS: QT_TRANSLATE_NOOP(
        "errors",
        "has targets for {outputs} output(s), and the network ends in {got}; "
        "--set network.layers.{layer}.units={outputs} makes them fit",
    ),
    Problem.NO_WEIGHTS: QT_TRANSLATE_NOOP(
        "errors", "holds no weights: there is no matrix of floating point numbers in it"
    ),
    Problem.WEIGHTS_NOT_DENSE: QT_TRANSLATE_NOOP(
        "errors",
        "array {array} of shape {shape} is no matrix: it belongs to another kind of layer, "
        "and networks here have layers of weighted sums only",
    ),
    Problem.START_ARCHITECTURE: QT_TRANSLATE_NOOP(
        "errors",
        "holds the weights of a network {found:-}, and the network of the experiment is {widths:-}; "
        "both must be the same",
    ),
    Problem.START_MATRICES: QT_TRANSLATE_NOOP(
        "errors",
        "holds matrices of {shapes}, which are no network; weights for one of {widths:-} are needed here",
    ),
    Problem.START_BIASES: QT_TRANSLATE_NOOP(
        "errors",
        "has biases for layer {layer}, which has none in the experiment; "
        "--set network.layers.{index}.biases='\"zeros\"' gives it some",
    ),
    Problem.START_SEVERAL: QT_TRANSLATE_NOOP(
        "errors",
        "holds the weights of several networks ({names}) and none for {lane}; "
        "run … --variant NAME --out DIR writes those of one alone",
    ),
    Problem.START_NO_CHAIN: QT_TRANSLATE_NOOP(
        "errors",
        "holds matrices of {shapes}, which are no network in this order: each must have as many rows as the one "
        "before it has columns",
    ),
    Problem.START_NO_DATA: QT_TRANSLATE_NOOP(
        "errors",
        "holds the weights of a network {found:-}, for which there are no data here; "
        "import data with as many inputs and outputs first",
    ),
    # files that are written
    Problem.NOT_WRITTEN: QT_TRANSLATE_NOOP("errors", "could not be written ({reason})"),
    Problem.NOT_SAVED: QT_TRANSLATE_NOOP(
        "errors", "could not be written; is the disk full or the file type unknown?"
    ),
    Problem.FOLDER_NOT_MADE: QT_TRANSLATE_NOOP("errors", "could not be made ({reason})"),
    Problem.QUOTIENT_DIVERGED: QT_TRANSLATE_NOOP(
        "errors", "cannot be written: the run diverged, and its weights are no numbers to start from"
    ),
    Problem.QUOTIENT_NORMALIZED: QT_TRANSLATE_NOOP(
        "errors",
        "cannot be written: an experiment has no place for the scales and shifts that normalized layers have learnt",
    ),
    Problem.NO_PNG_NAME: QT_TRANSLATE_NOOP("errors", "must end in .png"),
    Problem.NO_PICTURE_NAME: QT_TRANSLATE_NOOP("errors", "must end in .png, .svg or .pdf"),
}
"""What the values of an error are filled into by `gui.text.error_words`."""


def norms_not_read(path: Path) -> str:
    """Return what a network that starts from the weights in a file does not get."""
    return translate(
        "files", "{0}: scales, shifts and running averages of normalized layers are not read; they start anew"
    ).format(path)
