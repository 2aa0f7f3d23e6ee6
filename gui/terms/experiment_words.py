"""The words of the engine for fields and kinds of an experiment, marked for translation.

They are written where the kinds are; a kind that is missing here or in `kind_words` is shown in English.
"""

from __future__ import annotations

from gui.terms.kind_words import KIND_WORDS
from gui.text.language import QT_TRANSLATE_NOOP, translate

WORDS: frozenset[str] = KIND_WORDS | frozenset(
    (
        QT_TRANSLATE_NOOP("experiment", "format"),
        QT_TRANSLATE_NOOP("experiment", "Which kind of file this is."),
        QT_TRANSLATE_NOOP("experiment", "version"),
        QT_TRANSLATE_NOOP("experiment", "Which version of the file format this is."),
        QT_TRANSLATE_NOOP("experiment", "name"),
        QT_TRANSLATE_NOOP("experiment", "What the experiment is called, in files and in the window."),
        QT_TRANSLATE_NOOP("experiment", "title"),
        QT_TRANSLATE_NOOP("experiment", "The question of the experiment, in a line."),
        QT_TRANSLATE_NOOP("experiment", "notes"),
        QT_TRANSLATE_NOOP("experiment", "What there is to see in it."),
        QT_TRANSLATE_NOOP("experiment", "data"),
        QT_TRANSLATE_NOOP("experiment", "What the network learns."),
        QT_TRANSLATE_NOOP("experiment", "table"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "Samples written in the experiment file itself: `x` and `y`, one list per sample.",
        ),
        QT_TRANSLATE_NOOP("experiment", "inputs"),
        QT_TRANSLATE_NOOP("experiment", "One row of numbers for each sample."),
        QT_TRANSLATE_NOOP("experiment", "targets"),
        QT_TRANSLATE_NOOP("experiment", "scale"),
        QT_TRANSLATE_NOOP("experiment", "With unit, every input goes from 0 to 1 in the training samples."),
        QT_TRANSLATE_NOOP("experiment", "standardize"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "What is given the mean 0 and the deviation 1 over the training samples.",
        ),
        QT_TRANSLATE_NOOP("experiment", "shuffle labels"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "Whether training targets are dealt out anew at random: nothing but memory helps.",
        ),
        QT_TRANSLATE_NOOP("experiment", "two circles"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "Two circles, one inside the other, as scikit-learn draws them; `factor` is inner over outer radius.",
        ),
        QT_TRANSLATE_NOOP("experiment", "training samples"),
        QT_TRANSLATE_NOOP("experiment", "How many samples there are to learn from."),
        QT_TRANSLATE_NOOP("experiment", "test samples"),
        QT_TRANSLATE_NOOP("experiment", "How many other samples there are to test on."),
        QT_TRANSLATE_NOOP("experiment", "noise"),
        QT_TRANSLATE_NOOP("experiment", "The standard deviation of what is added to every input."),
        QT_TRANSLATE_NOOP("experiment", "data seed"),
        QT_TRANSLATE_NOOP("experiment", "The number that the samples are drawn from."),
        QT_TRANSLATE_NOOP("experiment", "test seed"),
        QT_TRANSLATE_NOOP("experiment", "The number that the test samples are drawn from."),
        QT_TRANSLATE_NOOP("experiment", "random numbers"),
        QT_TRANSLATE_NOOP("experiment", "The generator of random numbers."),
        QT_TRANSLATE_NOOP("experiment", "factor"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "The radius of the inner circle as a share of that of the outer one.",
        ),
        QT_TRANSLATE_NOOP("experiment", "two moons"),
        QT_TRANSLATE_NOOP("experiment", "Two interleaving half circles, as scikit-learn draws them."),
        QT_TRANSLATE_NOOP("experiment", "four squares (XOR)"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "The corners (±1, ±1) of a square with normal noise around them; opposite corners have one class.",
        ),
        QT_TRANSLATE_NOOP("experiment", "normal clouds"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "Normal clouds of standard deviation `noise`, one per class, centered evenly on a circle of `radius`.",
        ),
        QT_TRANSLATE_NOOP("experiment", "classes"),
        QT_TRANSLATE_NOOP("experiment", "How many classes there are."),
        QT_TRANSLATE_NOOP("experiment", "radius"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "How far the middles of the classes are from the middle of the plane.",
        ),
        QT_TRANSLATE_NOOP("experiment", "spirals"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "Arms of a spiral that make `turns` turns from the middle to radius 1, one per class.",
        ),
        QT_TRANSLATE_NOOP("experiment", "turns"),
        QT_TRANSLATE_NOOP("experiment", "How often each spiral winds around the middle."),
        QT_TRANSLATE_NOOP("experiment", "function"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "y = amplitude·f(frequency·u + phase) + offset + noise, u being the sum of the inputs.",
        ),
        QT_TRANSLATE_NOOP("experiment", "What is learnt: bump is exp(−u²), step is 1 above 0."),
        QT_TRANSLATE_NOOP("experiment", "How many inputs a sample has."),
        QT_TRANSLATE_NOOP("experiment", "drawn"),
        QT_TRANSLATE_NOOP("experiment", "Whether inputs are drawn evenly from a range, or from N(0, 1)."),
        QT_TRANSLATE_NOOP("experiment", "low"),
        QT_TRANSLATE_NOOP("experiment", "The lower end of the range of inputs."),
        QT_TRANSLATE_NOOP("experiment", "high"),
        QT_TRANSLATE_NOOP("experiment", "The upper end of the range of inputs."),
        QT_TRANSLATE_NOOP("experiment", "amplitude"),
        QT_TRANSLATE_NOOP("experiment", "What the function is multiplied by."),
        QT_TRANSLATE_NOOP("experiment", "frequency"),
        QT_TRANSLATE_NOOP("experiment", "What its input is multiplied by."),
        QT_TRANSLATE_NOOP("experiment", "phase"),
        QT_TRANSLATE_NOOP("experiment", "What is added to its input."),
        QT_TRANSLATE_NOOP("experiment", "offset"),
        QT_TRANSLATE_NOOP("experiment", "What is added to its value."),
        QT_TRANSLATE_NOOP("experiment", "noise of targets"),
        QT_TRANSLATE_NOOP("experiment", "The standard deviation of what is added to every target."),
        QT_TRANSLATE_NOOP("experiment", "linear teacher"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "y = U·S·Vᵀ·x + noise, with given singular values S and random U and V; x is white (Saxe 2014).",
        ),
        QT_TRANSLATE_NOOP("experiment", "outputs"),
        QT_TRANSLATE_NOOP("experiment", "How many targets a sample has."),
        QT_TRANSLATE_NOOP("experiment", "singular values"),
        QT_TRANSLATE_NOOP("experiment", "How strong each mode is that can be learnt; further ones are 0."),
        QT_TRANSLATE_NOOP("experiment", "iris"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "150 irises of three species: length and width of their sepals and petals in cm (Fisher 1936).",
        ),
        QT_TRANSLATE_NOOP("experiment", "test share"),
        QT_TRANSLATE_NOOP("experiment", "The share of the samples that is kept for the test."),
        QT_TRANSLATE_NOOP("experiment", "diabetes"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "442 patients: ten measurements as they are, and how far their diabetes has gone a year later (Efron 2004).",
        ),
        QT_TRANSLATE_NOOP("experiment", "MNIST"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "5,000 digits of MNIST, 500 of each, in 28 x 28 pixels from 0 to 255 (`scaled`: divided by 255).",
        ),
        QT_TRANSLATE_NOOP("experiment", "pixels"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "Whether pixels are divided by their largest value or left as they are.",
        ),
        QT_TRANSLATE_NOOP("experiment", "digits of 8×8 pixels"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "1,797 small digits in 8 x 8 pixels from 0 to 16 (`scaled`: divided by 16).",
        ),
        QT_TRANSLATE_NOOP("experiment", "IDX files"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "The four IDX files of MNIST and its relatives, gzipped or not; the test files may be left out.",
        ),
        QT_TRANSLATE_NOOP("experiment", "training images"),
        QT_TRANSLATE_NOOP("experiment", "The IDX file of the images to learn from."),
        QT_TRANSLATE_NOOP("experiment", "training labels"),
        QT_TRANSLATE_NOOP("experiment", "The IDX file of their labels."),
        QT_TRANSLATE_NOOP("experiment", "test images"),
        QT_TRANSLATE_NOOP("experiment", "The IDX file of the images to test on."),
        QT_TRANSLATE_NOOP("experiment", "test labels"),
        QT_TRANSLATE_NOOP("experiment", "NPZ file"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "Arrays of an NPZ file: x_train and y_train, and x_test and y_test where there are test samples.",
        ),
        QT_TRANSLATE_NOOP("experiment", "file"),
        QT_TRANSLATE_NOOP("experiment", "The file that holds the samples."),
        QT_TRANSLATE_NOOP("experiment", "CSV file"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "A CSV file: one row per sample, every column an input but the `target`.",
        ),
        QT_TRANSLATE_NOOP("experiment", "target"),
        QT_TRANSLATE_NOOP("experiment", "The column that is to be predicted, by name or by number."),
        QT_TRANSLATE_NOOP("experiment", "target as"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "Whether targets are numbers or classes; one-hot gives a column to each of two classes.",
        ),
        QT_TRANSLATE_NOOP("experiment", "The share of the rows that is kept for testing."),
        QT_TRANSLATE_NOOP("experiment", "header"),
        QT_TRANSLATE_NOOP("experiment", "Whether the first row holds the names of the columns."),
        QT_TRANSLATE_NOOP("experiment", "arrays of a file"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "Any two arrays (n, …) of an NPZ, NPY or safetensors file, by their names; one row for each sample.",
        ),
        QT_TRANSLATE_NOOP("experiment", "The array with the inputs of all samples."),
        QT_TRANSLATE_NOOP(
            "experiment",
            "The array with the targets; without it, they are the last column of the inputs.",
        ),
        QT_TRANSLATE_NOOP("experiment", "test inputs"),
        QT_TRANSLATE_NOOP("experiment", "The inputs of the test samples."),
        QT_TRANSLATE_NOOP("experiment", "test targets"),
        QT_TRANSLATE_NOOP("experiment", "The targets of the test samples."),
        QT_TRANSLATE_NOOP("experiment", "network"),
        QT_TRANSLATE_NOOP("experiment", "The layers of the network."),
        QT_TRANSLATE_NOOP("experiment", "layers"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "The layers of weights, from the first hidden layer to the output layer.",
        ),
        QT_TRANSLATE_NOOP("experiment", "width"),
        QT_TRANSLATE_NOOP("experiment", "How many neurons the layer has."),
        QT_TRANSLATE_NOOP("experiment", "activation"),
        QT_TRANSLATE_NOOP("experiment", "What each neuron makes of its weighted sum z."),
        QT_TRANSLATE_NOOP("experiment", "weights"),
        QT_TRANSLATE_NOOP("experiment", "How the weights of the layer start."),
        QT_TRANSLATE_NOOP("experiment", "biases"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "How the biases of the layer start; without them, z is the weighted sum alone.",
        ),
        QT_TRANSLATE_NOOP("experiment", "dropout"),
        QT_TRANSLATE_NOOP("experiment", "Share of the outputs that each training step leaves out at random."),
        QT_TRANSLATE_NOOP("experiment", "rate"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "Factor on the learning rate of the weights and biases of the layer; with 0 they stay.",
        ),
        QT_TRANSLATE_NOOP("experiment", "residual"),
        QT_TRANSLATE_NOOP(
            "experiment", "Whether the inputs of the layer are added to what its activation gives."
        ),
        QT_TRANSLATE_NOOP("experiment", "normalize"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "Whether z gets mean 0 and variance 1, then a learnt scale and shift: over the samples of a step, or over "
            "the neurons of the layer.",
        ),
        QT_TRANSLATE_NOOP("experiment", "loss"),
        QT_TRANSLATE_NOOP("experiment", "What training makes small."),
        QT_TRANSLATE_NOOP("experiment", "optimizer"),
        QT_TRANSLATE_NOOP("experiment", "How gradients change the parameters."),
        QT_TRANSLATE_NOOP("experiment", "batches"),
        QT_TRANSLATE_NOOP("experiment", "Which samples a step uses."),
        QT_TRANSLATE_NOOP("experiment", "batch size"),
        QT_TRANSLATE_NOOP("experiment", "How many samples one step uses; full is all of them."),
        QT_TRANSLATE_NOOP("experiment", "shuffle"),
        QT_TRANSLATE_NOOP("experiment", "Whether every epoch has an order of its own."),
        QT_TRANSLATE_NOOP("experiment", "weight decay"),
        QT_TRANSLATE_NOOP("experiment", "The share λ of each weight that is added to its gradient."),
        QT_TRANSLATE_NOOP("experiment", "l1"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "What is added to the gradient of each weight that is above 0, and taken off below 0.",
        ),
        QT_TRANSLATE_NOOP("experiment", "clipping"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "How a gradient that is too large is made smaller before it is used.",
        ),
        QT_TRANSLATE_NOOP("experiment", "seed"),
        QT_TRANSLATE_NOOP("experiment", "The number that everything random is drawn from."),
        QT_TRANSLATE_NOOP(
            "experiment",
            "The generator of random numbers: mt19937 is that of old NumPy programs.",
        ),
        QT_TRANSLATE_NOOP("experiment", "order of drawing"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "Whether a matrix is drawn as inputs × neurons or as neurons × inputs.",
        ),
        QT_TRANSLATE_NOOP("experiment", "precision"),
        QT_TRANSLATE_NOOP("experiment", "The type of every number of the run."),
        QT_TRANSLATE_NOOP("experiment", "arithmetic"),
        QT_TRANSLATE_NOOP(
            "experiment",
            "Whether equal neurons are kept equal bit for bit, or products are left to plain BLAS.",
        ),
        QT_TRANSLATE_NOOP("experiment", "After how many updates training is finished."),
        QT_TRANSLATE_NOOP("experiment", "on divergence"),
        QT_TRANSLATE_NOOP("experiment", "Whether training stops once a number is no longer finite."),
        QT_TRANSLATE_NOOP("experiment", "variants"),
        QT_TRANSLATE_NOOP("experiment", "The versions of the experiment that train side by side."),
        QT_TRANSLATE_NOOP("experiment", "What the variant is called."),
        QT_TRANSLATE_NOOP("experiment", "changes"),
        QT_TRANSLATE_NOOP("experiment", "The values that the variant puts at dotted paths."),
    )
)


def said(text: str) -> str:
    """Return what the engine calls something, in the language of the reader."""
    return translate("experiment", text)


def about(kind: type) -> str:
    """Return what a kind is, in a line: the beginning of its description where it is written."""
    return said(" ".join((kind.__doc__ or "").split("\n\n")[0].split())).replace("`", "")
