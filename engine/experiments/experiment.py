"""An experiment: everything that determines a training run. Immutable; equal experiments give equal runs, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
import numpy as np
from msgspec import Meta

from engine.core.errors import ExperimentError
from engine.core.problems import Form, Problem
from engine.core.randomness import StreamName
from engine.core.registry import named
from engine.datasets import AnyData, Dataset
from engine.datasets.kinds import Seed
from engine.kinds.clips import AnyClip
from engine.kinds.initializer import Initializer
from engine.kinds.normalizations import NORMALIZATIONS, Normalization, Normalize
from engine.model.activations import AnyActivation, Identity
from engine.model.initializers import BiasInitializer, Constant, GlorotNormal, WeightInitializer
from engine.model.layout import LayerForm, Layout, layout_of_layers
from engine.model.losses import AnyLoss
from engine.model.optimizers import AnyOptimizer, Sgd
from engine.tape.products import Mode

FORMAT = "initscope-experiment"
VERSION = 1
MAX_PARAMETERS = 20_000_000
MAX_VARIANTS = 100
Name: TypeAlias = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=80,
        pattern=r"^[^\x00-\x1f/\\]+$",
        extra={"form": Form.LINE},
    ),
]


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of an experiment file; unknown fields are errors."""


class Layer(Part, frozen=True):
    """`units` neurons with an activation, and how their weights and biases start (`biases: null`: none).

    `dropout` is the share of the outputs of a hidden layer that each step leaves out; the others are scaled up by
    1/(1 - dropout) in training, and none is left out in measurements (Srivastava et al. 2014, inverted). `normalize`
    says how z of a hidden layer is normalized before the activation gets it. A layer with `residual` adds what it gets to
    what its activation gives (He et al. 2016); dropout leaves out of the sum.
    """

    units: Annotated[int, Meta(ge=1, le=10_000), named("width", "How many neurons the layer has.")]
    activation: Annotated[
        AnyActivation, named("activation", "What each neuron makes of its weighted sum z.")
    ] = Identity()
    weights: Annotated[WeightInitializer, named("weights", "How the weights of the layer start.")] = (
        GlorotNormal()
    )
    biases: Annotated[
        BiasInitializer | None,
        named("biases", "How the biases of the layer start; without them, z is the weighted sum alone."),
    ] = Constant()
    dropout: Annotated[
        float,
        Meta(ge=0, lt=1),
        named("dropout", "Share of the outputs that each training step leaves out at random."),
    ] = 0.0
    rate: Annotated[
        float,
        Meta(ge=0, le=1e6),
        named(
            "rate", "Factor on the learning rate of the weights and biases of the layer; with 0 they stay."
        ),
    ] = 1.0
    normalize: Annotated[
        Normalize | None,
        named(
            "normalize",
            "Whether z gets mean 0 and variance 1, then a learnt scale and shift: over the samples of a step, or over "
            "the neurons of the layer.",
        ),
    ] = None

    residual: Annotated[
        bool,
        named("residual", "Whether the inputs of the layer are added to what its activation gives."),
    ] = False

    @property
    def normalization(self) -> Normalization | None:
        """Return how z is normalized, or None."""
        return None if self.normalize is None else NORMALIZATIONS[self.normalize]

    @property
    def form(self) -> LayerForm:
        """Return what decides how many parameters the layer has."""
        kind = self.normalization
        averages = kind is not None and kind.keeps_averages
        return LayerForm(self.units, self.biases is not None, kind is not None, averages, self.residual)


class Network(Part, frozen=True):
    """The layers of weights, from the first hidden layer to the output layer."""

    layers: Annotated[
        list[Layer],
        Meta(min_length=1, max_length=100),
        named("layers", "The layers of weights, from the first hidden layer to the output layer."),
    ]


class Batch(Part, frozen=True):
    """How many samples one step uses: `full` is all of them. `shuffle` draws another order for every epoch."""

    size: Annotated[
        Annotated[int, Meta(ge=1, le=10_000_000)] | Literal["full"],
        named("batch size", "How many samples one step uses; full is all of them."),
    ] = "full"
    shuffle: Annotated[bool, named("shuffle", "Whether every epoch has an order of its own.")] = True


class Variant(Part, frozen=True):
    """A named set of changes to an experiment: dotted paths and the values put there."""

    name: Annotated[Name, named("name", "What the variant is called.")]
    set: Annotated[dict[str, Any], named("changes", "The values that the variant puts at dotted paths.")] = {}


class Experiment(Part, frozen=True, kw_only=True):
    """An experiment as it stands in a file. The file's field names are the names here."""

    format: Annotated[Literal["initscope-experiment"], named("format", "Which kind of file this is.")] = (
        FORMAT
    )
    version: Annotated[Literal[1], named("version", "Which version of the file format this is.")] = VERSION
    name: Annotated[Name, named("name", "What the experiment is called, in files and in the window.")]
    title: Annotated[str, named("title", "The question of the experiment, in a line.")] = ""
    notes: Annotated[str, named("notes", "What there is to see in it.")] = ""
    data: Annotated[AnyData, named("data", "What the network learns.")]
    network: Annotated[Network, named("network", "The layers of the network.")]
    loss: Annotated[AnyLoss, named("loss", "What training makes small.")]
    optimizer: Annotated[AnyOptimizer, named("optimizer", "How gradients change the parameters.")] = Sgd()
    batch: Annotated[Batch, named("batches", "Which samples a step uses.")] = Batch()
    weight_decay: Annotated[
        float, Meta(ge=0), named("weight decay", "The share λ of each weight that is added to its gradient.")
    ] = 0.0
    l1: Annotated[
        float,
        Meta(ge=0),
        named("l1", "What is added to the gradient of each weight that is above 0, and taken off below 0."),
    ] = 0.0
    clip: Annotated[
        AnyClip | None,
        named("clipping", "How a gradient that is too large is made smaller before it is used."),
    ] = None
    seed: Annotated[Seed, named("seed", "The number that everything random is drawn from.")] = 0
    stream: Annotated[
        StreamName,
        named("random numbers", "The generator of random numbers: mt19937 is that of old NumPy programs."),
    ] = "pcg64"
    draw: Annotated[
        Literal["fan_in_first", "fan_out_first"],
        named("order of drawing", "Whether a matrix is drawn as inputs × neurons or as neurons × inputs."),
    ] = "fan_in_first"
    dtype: Annotated[
        Literal["float64", "float32"], named("precision", "The type of every number of the run.")
    ] = "float64"
    arithmetic: Annotated[
        Mode,
        named(
            "arithmetic",
            "Whether equal neurons are kept equal bit for bit, or products are left to plain BLAS.",
        ),
    ] = "exact"
    steps: Annotated[
        int, Meta(ge=1, le=1_000_000_000), named("steps", "After how many updates training is finished.")
    ] = 1000
    on_divergence: Annotated[
        Literal["continue", "stop"],
        named("on divergence", "Whether training stops once a number is no longer finite."),
    ] = "continue"
    variants: Annotated[
        list[Variant],
        Meta(max_length=MAX_VARIANTS),
        named("variants", "The versions of the experiment that train side by side."),
    ] = []

    @property
    def output_layer(self) -> Layer:
        """Return the last layer of weights."""
        return self.network.layers[-1]

    @property
    def float_type(self) -> np.dtype[Any]:
        """Return the NumPy type of every number of the run."""
        return np.dtype(self.dtype)

    def layout(self, inputs: int) -> Layout:
        """Return where the parameters of the network lie, for data with `inputs` numbers per sample."""
        return layout_of_layers(inputs, [layer.form for layer in self.network.layers])

    def widths(self, dataset: Dataset) -> tuple[int, ...]:
        """Return the number of units of every layer, the inputs first: (2, 10, 5, 1)."""
        return (dataset.inputs, *(layer.units for layer in self.network.layers))

    def check(self) -> None:
        """Raise ExperimentError for combinations that make no sense, whatever the data."""
        for path, initializer in self._initializers():
            initializer.check(path)
        if self.output_layer.dropout:
            path = f"network.layers.{len(self.network.layers) - 1}.dropout"
            raise ExperimentError(path, Problem.DROPOUT_OF_OUTPUTS)
        if self.output_layer.normalize:
            path = f"network.layers.{len(self.network.layers) - 1}.normalize"
            raise ExperimentError(path, Problem.NORMALIZED_OUTPUTS)
        if self.batch.size == 1:
            self._check_several_samples()
        if self.output_layer.residual:
            path = f"network.layers.{len(self.network.layers) - 1}.residual"
            raise ExperimentError(path, Problem.RESIDUAL_OUTPUTS)
        self._check_residuals([layer.units for layer in self.network.layers], 1)
        self.loss.check(self.output_layer.units)
        self.optimizer.check()

    def settled(self, dataset: Dataset) -> Experiment:
        """Return the experiment with numbers for what it leaves to the training samples."""
        loss = self.loss.settled(dataset.y_train)
        return self if loss is self.loss else msgspec.structs.replace(self, loss=loss)

    def _check_residuals(self, widths: Sequence[int], first: int) -> None:
        """Raise ExperimentError if a layer adds inputs to as many neurons as there are not.

        `widths` are what feeds layer `first` (from 0), and the widths of the layers from there on.
        """
        for index, (inputs, units) in enumerate(pairwise(widths), start=first):
            if self.network.layers[index].residual and inputs != units:
                path = f"network.layers.{index}.residual"
                raise ExperimentError(path, Problem.RESIDUAL_WIDTHS, inputs=inputs, units=units)

    def _check_several_samples(self) -> None:
        """Raise ExperimentError if a layer is normalized over samples: a single one has no variance."""
        for index, layer in enumerate(self.network.layers):
            if layer.normalization is not None and layer.normalization.crosses_samples:
                path = f"network.layers.{index}.normalize"
                raise ExperimentError(path, Problem.NORMALIZED_OVER_ONE_SAMPLE)

    def _initializers(self) -> Iterator[tuple[str, Initializer]]:
        for index, layer in enumerate(self.network.layers):
            yield f"network.layers.{index}.weights", layer.weights
            if layer.biases is not None:
                yield f"network.layers.{index}.biases", layer.biases

    def _check_fixed_values(self, dataset: Dataset) -> None:
        shapes = list(pairwise(self.widths(dataset)))
        for path, initializer in self._initializers():
            _, _, index, place = path.split(".")
            shape = shapes[int(index)] if place == "weights" else shapes[int(index)][1:]
            if initializer.fixed_shape not in {None, shape}:
                raise ExperimentError(
                    f"{path}.values", Problem.VALUES_SHAPE, shape=shape, got=initializer.fixed_shape
                )

    def check_data(self, dataset: Dataset) -> None:
        """Raise ExperimentError where the network or the loss does not fit the data."""
        if self.output_layer.units != dataset.outputs:
            path = f"network.layers.{len(self.network.layers) - 1}.units"
            raise ExperimentError(
                path, Problem.OUTPUT_UNITS, outputs=dataset.outputs, got=self.output_layer.units
            )
        self._check_fixed_values(dataset)
        if self.batch.size != "full" and self.batch.size > dataset.samples:
            raise ExperimentError(
                "batch.size", Problem.BATCH_TOO_LARGE, samples=dataset.samples, got=self.batch.size
            )
        if self.batch.size == "full" and dataset.samples == 1:
            self._check_several_samples()
        widths = self.widths(dataset)
        self._check_residuals(widths, 0)
        parameters = sum((a + 1) * b for a, b in pairwise(widths))
        if parameters > MAX_PARAMETERS:
            raise ExperimentError(
                "network.layers", Problem.TOO_MANY_WEIGHTS, most=MAX_PARAMETERS, got=parameters
            )
