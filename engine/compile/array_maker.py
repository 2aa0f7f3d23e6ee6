"""Makes the arrays of a step, before its instructions are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.compile.sample_rows import rows_with_ones
from engine.compile.step_arrays import (
    ALL_SAMPLE_WEIGHTS,
    LASSO,
    BatchSource,
    DropoutOnTape,
    ErrorOnTape,
    LayerOnTape,
    NormOnTape,
    SamplesOnTape,
    StepArrays,
)
from engine.core.arrays import AnyArray, Floats
from engine.experiments.experiment import Experiment
from engine.kinds.loss import SAMPLE_WEIGHTS
from engine.kinds.normalizations import NAMES_OF_AVERAGES, NAMES_OF_LEARNT, Normalization, NormNames
from engine.kinds.optimizer import DECAY, LAYER_RATES
from engine.model.layout import Layout
from engine.tape.blas import aligned_copy, aligned_like, aligned_zeros, up_to_block
from engine.tape.writer import TapeArray, TapeWriter


def make_arrays(
    writer: TapeWriter,
    experiment: Experiment,
    layout: Layout,
    inputs: Floats,
    targets: Floats,
    norms: Sequence[Normalization | None],
) -> StepArrays:
    """Put the arrays of a step of `experiment` on the tape and return them.

    The step is on the samples `inputs` (samples, inputs) and `targets` (samples, outputs), or on batches of them.
    `norms` says of each layer how the step normalizes it.
    """
    size = experiment.batch.size
    maker = _Maker(writer, experiment, layout, len(inputs) if size == "full" else size, norms)
    return maker.make(maker.all_of(inputs, targets) if size == "full" else maker.batch_of(inputs, targets))


def with_factors(
    writer: TapeWriter, experiment: Experiment, layout: Layout, arrays: StepArrays
) -> StepArrays:
    """Put only the vectors that hold numbers of an experiment on a tape, and return them with the other `arrays`."""
    return replace(arrays, **_Maker(writer, experiment, layout, arrays.sample_count).factors())


class _Maker:
    """Makes the arrays of a step on a number of `samples`."""

    def __init__(
        self,
        writer: TapeWriter,
        experiment: Experiment,
        layout: Layout,
        samples: int,
        norms: Sequence[Normalization | None] = (),
    ) -> None:
        self._writer = writer
        self._norms = norms
        self._experiment = experiment
        self._layout = layout
        self._samples = samples

    def all_of(self, inputs: Floats, targets: Floats) -> SamplesOnTape:
        block = self._layout.blocks[0]
        units, feed = self._units_with_ones("X", "H0", block.fan_in, ones=block.has_bias)
        units.array[...] = inputs
        return SamplesOnTape(
            units, self._writer.add("Y", aligned_copy(targets, self._writer.dtype)), feed, None
        )

    def batch_of(self, inputs: Floats, targets: Floats) -> SamplesOnTape:
        """Make also the arrays of all samples, with their column of ones, so that one `take` makes a batch."""
        add, dtype, block = self._writer.add, self._writer.dtype, self._layout.blocks[0]
        source = BatchSource(
            inputs=add("X_all", rows_with_ones(inputs, block.rows, dtype)),
            targets=add("Y_all", aligned_copy(targets, dtype)),
            chosen=add("batch", aligned_zeros((self._samples,), np.dtype(np.intp))),
        )
        feed = add("H0", aligned_zeros((self._samples, block.rows), dtype))
        units = add("X", feed.array[:, : block.fan_in])
        return SamplesOnTape(
            units, add("Y", aligned_zeros((self._samples, targets.shape[1]), dtype)), feed, source
        )

    def make(self, samples: SamplesOnTape) -> StepArrays:
        add, dtype = self._writer.add, self._writer.dtype
        theta, gradient = self._vector("theta"), self._vector("gradient")
        states = self._memory_vectors()
        layers: list[LayerOnTape] = []
        feed = samples.feed
        for number in range(1, len(self._layout.blocks) + 1):
            layers.append(self._layer(number, feed, theta, gradient))
            feed = layers[-1].next_feed
        return StepArrays(
            samples=samples,
            layers=tuple(layers),
            theta=theta,
            gradient=gradient,
            update=self._vector("update"),
            states=states,
            **self.factors(),
            averages=self._averages(gradient.array),
            update_number=add("update_number", np.zeros(())),  # float32 cannot count beyond 16,777,216
            loss=add("L", np.zeros((), dtype)),
        )

    def factors(self) -> dict[str, TapeArray | None]:
        """Make the vectors that hold numbers of the experiment, by what they are."""
        counts, all_counts = self._counts()
        return {
            "decay": self._of_weights(DECAY, self._experiment.weight_decay),
            "lasso": self._of_weights(LASSO, self._experiment.l1),
            "rates": self._rates(),
            "counts": counts,
            "all_counts": all_counts,
        }

    def _counts(self) -> tuple[TapeArray | None, TapeArray | None]:
        """Make the weights of the samples of a step, and of those that a batch is taken from."""
        add, arrays, dtype = self._writer.add, self._writer.arrays, self._writer.dtype
        is_batch = "Y_all" in arrays
        weights = self._experiment.loss.sample_weights(arrays["Y_all" if is_batch else "Y"])
        if weights is None:
            return None, None
        found = aligned_copy(weights, dtype)
        if not is_batch:
            return add(SAMPLE_WEIGHTS, found), None
        taken = add(SAMPLE_WEIGHTS, aligned_zeros((self._samples, 1), dtype))
        return taken, add(ALL_SAMPLE_WEIGHTS, found)

    def _vector(self, name: str) -> TapeArray:
        return self._writer.add(name, aligned_zeros((self._layout.size,), self._writer.dtype))

    def _memory_vectors(self) -> tuple[TapeArray, ...]:
        """Make what the optimizer remembers, and name the parts of it."""
        states: list[TapeArray] = []
        for index, letter in enumerate(self._experiment.optimizer.memory_letters):
            states.append(self._vector(f"state_{index}"))
            for number in range(1, len(self._layout.blocks) + 1):
                self._name_parts(letter, number, states[-1].array)
        return tuple(states)

    def _of_weights(self, name: str, number: float) -> TapeArray | None:
        """Make a vector that has a number for each weight and 0 for each bias; None for 0."""
        if not number:
            return None
        vector = self._vector(name)
        for block in self._layout.blocks:
            block.weights(vector.array)[...] = number
        return vector

    def _rates(self) -> TapeArray | None:
        """Make the vector of the factors of layers on the learning rate; None where all are 1."""
        layers = self._experiment.network.layers
        if all(layer.rate == 1.0 for layer in layers):
            return None
        rates = self._vector(LAYER_RATES)
        for block, norm, layer in zip(self._layout.blocks, self._layout.norms, layers, strict=True):
            block.of(rates.array)[...] = layer.rate
            if norm is not None:
                norm.learnt(rates.array)[...] = layer.rate
        return rates

    def _averages(self, gradient: AnyArray) -> TapeArray | None:
        """Name the part of the gradient that belongs to running averages, which is the end of it."""
        starts = [norm.averages for norm in self._layout.norms if norm and norm.averages is not None]
        return self._writer.add("averages_gradient", gradient[min(starts) :]) if starts else None

    def _layer(self, number: int, feed: TapeArray, theta: TapeArray, gradient: TapeArray) -> LayerOnTape:
        add, block = self._writer.add, self._layout.blocks[number - 1]
        is_last = number == len(self._layout.blocks)
        parameters = add(f"P{number}", block.of(theta.array))
        self._name_parts("", number, theta.array)
        self._name_parts("d", number, gradient.array)
        a, dropout, next_feed = self._outputs(number)
        return LayerOnTape(
            feed=feed,
            parameters=parameters,
            gradient=add(f"G{number}", block.of(gradient.array)),
            a=a,
            dropout=dropout,
            next_feed=next_feed,
            z=self._units(f"Z{number}", block.fan_out),
            norm=self._norm(number),
            own=self._units(f"F{number}", block.fan_out) if self._layout.residuals[number - 1] else None,
            own_error=self._units(f"dF{number}", block.fan_out)
            if self._layout.residuals[number - 1]
            else None,
            delta=self._units(f"dZ{number}", block.fan_out),
            error=None if is_last else self._error(number),
        )

    def _name_parts(self, letter: str, number: int, flat: AnyArray) -> None:
        """Give the weights and biases of a layer in a flat vector their names, with a letter in front of them."""
        block = self._layout.blocks[number - 1]
        self._writer.add(f"{letter}W{number}", block.weights(flat))
        if (biases := block.biases(flat)) is not None:
            self._writer.add(f"{letter}b{number}", biases)
        norm = self._layout.norms[number - 1]
        if norm is None:
            return
        for name, learnt in zip(NAMES_OF_LEARNT, norm.learnt(flat), strict=True):
            self._writer.add(f"{letter}{name}{number}", learnt)
        if not letter and (running := norm.running(flat)) is not None:
            for name, average in zip(NAMES_OF_AVERAGES, running, strict=True):
                self._writer.add(f"{name}{number}", average)

    def _norm(self, number: int) -> NormOnTape | None:
        """Make what a normalized layer has besides; its arrays lie in memory as Z does."""
        kind, units = self._norms[number - 1], self._layout.blocks[number - 1].fan_out
        if kind is None:
            return None
        letters = ("Z", "μ", "var", "σ", "N", "U", *NAMES_OF_LEARNT, *NAMES_OF_AVERAGES)
        names = NormNames(*(f"{letter}{number}" for letter in letters))
        normalized, u, delta, _ = (
            self._units(name, units)
            for name in (names.normalized, names.u, f"d{names.u}", f"d{names.normalized}")
        )
        return NormOnTape(kind, names, normalized, u, delta)

    def _outputs(self, number: int) -> tuple[TapeArray, DropoutOnTape | None, TapeArray]:
        """Make the outputs of a layer; with dropout, what the next layer gets of them is another array."""
        blocks, share = self._layout.blocks, self._experiment.network.layers[number - 1].dropout
        ones = number < len(blocks) and blocks[number].has_bias
        name = f"A{number}_masked" if share else f"A{number}"
        units, next_feed = self._units_with_ones(name, f"H{number}", blocks[number - 1].fan_out, ones=ones)
        if not share:
            return units, None, next_feed
        a = self._writer.add(f"A{number}", aligned_like(units.array))
        mask = self._writer.add(f"mask{number}", aligned_like(units.array))
        mask.array.fill(1.0)
        return a, DropoutOnTape(mask, units, share), next_feed

    def _error(self, number: int) -> ErrorOnTape:
        memory = aligned_zeros((self._layout.blocks[number].rows, self._samples), self._writer.dtype)
        of_feed = self._writer.add(f"dA{number}_whole", memory.T)
        fan_out = self._layout.blocks[number - 1].fan_out
        return ErrorOnTape(self._writer.add(f"dA{number}", of_feed.array[:, :fan_out]), of_feed)

    def _units(self, name: str, count: int) -> TapeArray:
        """Make an array (samples, count) in which the numbers of one neuron are contiguous in memory.

        It is surrounded by zeros up to whole blocks, so that padded products need no copy. A single neuron gets no zeros:
        it needs no padding, and its arrays on a batch axis are one contiguous array.
        """
        memory = self._memory(count)
        return self._writer.add(name, memory[:count].T, surrounded=memory.T)

    def _units_with_ones(
        self, name: str, whole: str, count: int, *, ones: bool
    ) -> tuple[TapeArray, TapeArray]:
        """Make an array as `_units` does, and the same array named `whole`, with a last column of ones if `ones`."""
        memory = self._memory(count + ones)
        memory[count : count + ones] = 1.0
        units = self._writer.add(name, memory[:count].T, surrounded=memory.T)
        return units, self._writer.add(whole, memory[: count + ones].T, surrounded=memory.T)

    def _memory(self, columns: int) -> AnyArray:
        dtype = self._writer.dtype
        return aligned_zeros((up_to_block(columns, dtype) if columns > 1 else 1, self._samples), dtype)
