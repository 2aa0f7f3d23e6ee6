"""The compiler: writes one training step of an experiment as a tape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import msgspec
import numpy as np

from engine.compile.array_maker import make_arrays, with_factors
from engine.compile.chunks import is_chunked, over_chunks
from engine.compile.low_rank import MAX_SAMPLES_PER_LOW_RANK_UPDATE, LowRankUpdate
from engine.compile.penalties import write_clipping, write_penalties
from engine.compile.step import Step
from engine.compile.step_arrays import (
    FACTORS,
    BatchSource,
    DropoutOnTape,
    ErrorOnTape,
    SamplesOnTape,
)
from engine.core.arrays import Floats, owner
from engine.experiments.experiment import Batch, Experiment
from engine.kinds.normalizations import NAMES_OF_LEARNT, Normalization
from engine.model.layout import Layout
from engine.tape.blas import limit_blas_to_one_thread
from engine.tape.formulas import renamed, with_factor
from engine.tape.instructions import Phase, Renumbering, Tape
from engine.tape.kernels import Product
from engine.tape.products import write_product
from engine.tape.rewriter import OtherFormError, Rewriter
from engine.tape.writer import TapeArray, TapeWriter

WHOLE = Batch()
"""A step that uses all samples."""


def compile_step(experiment: Experiment, layout: Layout, inputs: Floats, targets: Floats) -> Step:
    """Return the training step of `experiment` on the samples `inputs` (n, inputs) and `targets` (n, outputs).

    `layout` is that of the experiment for these inputs.
    """
    norms = [layer.normalization for layer in experiment.network.layers]
    return _compiled(experiment, layout, inputs, targets, norms)


def compile_measurement(
    experiment: Experiment, layout: Layout, inputs: Floats, targets: Floats, batch: Batch = WHOLE
) -> Step:
    """Return a step that measures what a network does on samples, all of them or some at a time.

    No outputs are left out, and layers are normalized by their running averages where they keep some.
    """
    measured = msgspec.structs.replace(over_all_samples(experiment), batch=batch)
    norms = [
        kind and kind.in_measurements for kind in (layer.normalization for layer in experiment.network.layers)
    ]
    return _compiled(measured, layout, inputs, targets, norms)


def _compiled(
    experiment: Experiment,
    layout: Layout,
    inputs: Floats,
    targets: Floats,
    norms: Sequence[Normalization | None],
) -> Step:
    limit_blas_to_one_thread()
    with np.errstate(all="ignore"):  # a number too large for float32 becomes infinite
        return _Compiler(experiment, layout, inputs, targets, norms).compile()


def over_all_samples(experiment: Experiment) -> Experiment:
    """Return the experiment in the form in which its gradient is looked at: all samples at once and no dropout.

    Measured values never enter the training. Plain BLAS products are therefore good enough for them, although they may
    round equal neurons differently.
    """
    layers = [msgspec.structs.replace(layer, dropout=0.0) for layer in experiment.network.layers]
    network = msgspec.structs.replace(experiment.network, layers=layers)
    return msgspec.structs.replace(experiment, network=network, batch=Batch(), arithmetic="blas")


class _Compiler:
    """Writes the instructions of a step in the order of its phases."""

    def __init__(
        self,
        experiment: Experiment,
        layout: Layout,
        inputs: Floats,
        targets: Floats,
        norms: Sequence[Normalization | None],
    ) -> None:
        self.experiment = experiment
        self.layout = layout
        self.layers = experiment.network.layers
        self.batched = experiment.batch.size != "full"
        columns = (targets.astype(experiment.float_type) + 0.0).T  # -0.0 equals 0.0
        self.has_equal_targets = len({column.tobytes() for column in columns}) < len(columns)
        self.writer = TapeWriter(experiment.float_type, targets, batched=self.batched)
        self.arrays = make_arrays(self.writer, experiment, layout, inputs, targets, norms)
        self.kernels: dict[Product, str] = {}
        self.given = {name: array for name, array in self.writer.arrays.items() if name not in FACTORS}

    def compile(self) -> Step:
        """Return the step."""
        self.write()
        writer = self.writer
        tape = Tape(
            writer.arrays, tuple(writer.instructions), tuple(writer.operations), tuple(writer.numbers)
        )
        decouples = self.experiment.optimizer.decouples_decay
        return Step(tape, self.layout, self.arrays, self.kernels, self.renumbered, decouples)

    def renumbered(self, experiment: Experiment) -> Renumbering | None:
        """Return the numbers of the step of an experiment that works on the same arrays; None where it does more."""
        try:
            with np.errstate(all="ignore"):
                return _CompilerAgain(self, experiment).numbers()
        except OtherFormError:
            return None

    @cached_property
    def constants(self) -> list[str]:
        """Return the names of the arrays that no instruction writes, without those that were given."""
        arrays = self.writer.arrays
        changing = [arrays[one.target] for one in self.writer.instructions]
        known = {id(owner(array)) for array in (*self.given.values(), *changing)}
        return [name for name, array in arrays.items() if id(owner(array)) not in known]

    def write(self) -> None:
        """Write the instructions of all phases."""
        samples = self.arrays.samples
        if samples.source is not None:
            self._write_batch(samples, samples.source)
        for number in range(1, len(self.layers) + 1):
            self._write_forward(number)
        self._write_loss()
        for number in range(len(self.layers), 0, -1):
            self._write_backward(number)
        self._write_penalties()
        self._write_update()

    def _write_batch(self, samples: SamplesOnTape, source: BatchSource) -> None:
        self.writer.at(Phase.FORWARD)
        chosen = source.chosen
        self.writer.finish(f"{chosen} = samples(step)")
        options = {"axis": 0, "mode": "'clip'"}  # in its default mode, take() buffers `out`
        formula = f"{samples.inputs} = {source.inputs}[{chosen}]"
        self.writer.emit("np.take", source.inputs, chosen, out=samples.feed, options=options, formula=formula)
        self.writer.finish(formula)
        parts = [(samples.targets, source.targets), (self.arrays.counts, self.arrays.all_counts)]
        for part, whole in parts:
            if part is not None and whole is not None:
                formula = f"{part} = {whole}[{chosen}]"
                self.writer.emit("np.take", whole, chosen, out=part, options=options, formula=formula)
                self.writer.finish(formula)

    def _write_forward(self, number: int) -> None:
        self.writer.at(Phase.FORWARD, number)
        layer, activation = self.arrays.layers[number - 1], self.layers[number - 1].activation
        bias = f" + b{number}" if self._has_bias(number) else ""
        formula = f"{layer.z} = {self._inputs(number)}·W{number}{bias}"
        self._write_product(
            Product(
                left=layer.parameters.T,
                right=layer.feed.T,
                out=layer.z.T,
                formula=formula,
                rows=self._alike(number),
            )
        )
        self.writer.finish(formula)
        if layer.norm is not None:
            layer.norm.kind.write_forward(self.writer, layer.norm.names)
        activation.write_forward(self.writer, layer.u.name, layer.f.name)
        self.writer.finish(f"{layer.f} = {activation.forward_formula(layer.u.name)}")
        if layer.own is not None:
            inputs = self._inputs(number)
            self.writer.emit("np.add", layer.own, inputs, out=layer.a)
            self.writer.finish(f"{layer.a} = {layer.own} + {inputs}")
        if layer.dropout is not None:
            self._write_dropout(layer.a, layer.dropout)

    def _write_dropout(self, a: TapeArray, dropout: DropoutOnTape) -> None:
        self.writer.finish(f"{dropout.mask} = dropout({dropout.share:g})")
        self.writer.emit("np.multiply", a, dropout.mask, out=dropout.kept)
        self.writer.finish(f"{dropout.kept} = {a} ⊙ {dropout.mask}")

    def _write_loss(self) -> None:
        self.writer.at(Phase.LOSS)
        output, targets, loss = self.arrays.layers[-1], self.arrays.samples.targets, self.arrays.loss
        activation, names = self.layers[-1].activation, (output.z.name, output.a.name, targets.name)
        self.experiment.loss.write_loss(self.writer, activation, *names, loss.name)
        self.writer.finish(f"{loss} = {self.experiment.loss.formula_of(activation, *names)}")

    def _write_backward(self, number: int) -> None:
        self.writer.at(Phase.BACKWARD, number)
        error = self.arrays.layers[number - 1].error
        if error is None:
            self._write_delta_of_output()
        else:
            self._write_delta(number, error)
        self._write_gradient(number)

    def _write_delta_of_output(self) -> None:
        layer, activation = self.arrays.layers[-1], self.layers[-1].activation
        z, a, delta, y = layer.z.name, layer.a.name, layer.delta.name, self.arrays.samples.targets.name
        self.experiment.loss.write_backward(self.writer, activation, z, a, y, delta)
        if not self.writer.is_finished:
            self.writer.finish(f"{delta} = ∂{self.arrays.loss}/∂{z}")

    def _write_delta(self, number: int, error: ErrorOnTape) -> None:
        layer, following = self.arrays.layers[number - 1 : number + 1]
        activation = self.layers[number - 1].activation
        formula = f"{error.of_outputs} = {following.delta}·W{number + 1}ᵀ"
        self._write_product(
            Product(
                # All of P, because np.dot copies operands with gaps; nobody reads the result for the bias row.
                left=following.parameters,
                right=following.delta.T,
                out=error.of_feed.T,
                formula=formula,
                rows=self._alike(number),
            )
        )
        self.writer.finish(formula)
        da = error.of_outputs.name
        if following.own is not None and following.error is not None:
            passed = following.error.of_outputs
            self.writer.emit("np.add", da, passed, out=da)
            self.writer.finish(f"{da} ← {da} + {passed}")
        if layer.dropout is not None:
            self.writer.emit("np.multiply", da, layer.dropout.mask, out=da)
            self.writer.finish(f"{da} ← {da} ⊙ {layer.dropout.mask}")
        if layer.own_error is not None:  # what the layer before gets of dA stays as it is
            self.writer.emit("np.copyto", da, out=layer.own_error)
            self.writer.finish(f"{layer.own_error} = {da}")
            da = layer.own_error.name
        u, f, delta = layer.u.name, layer.f.name, layer.u_delta.name
        activation.write_backward(self.writer, u, f, da, delta)
        self.writer.finish(f"{delta} = {activation.backward_formula(u, f, da)}")
        if layer.norm is not None:
            layer.norm.kind.write_backward(self.writer, layer.norm.names)

    def _write_gradient(self, number: int) -> None:
        layer = self.arrays.layers[number - 1]
        self.writer.for_show = self._is_low_rank
        of_weights = f"dW{number} = {self._inputs(number)}ᵀ·{layer.delta}"
        bias = f", db{number} = Σ {layer.delta}" if self._has_bias(number) else ""
        self._write_product(
            Product(
                left=layer.delta.T,
                right=layer.feed,
                out=layer.gradient.T,
                formula=f"{of_weights}{bias}",
                rows=self._alike(number),
                columns=self._alike(number - 1),
            )
        )
        self.writer.for_show = False
        self.writer.finish(of_weights)
        if bias:
            self.writer.finish(f"db{number} = Σᵢ({layer.delta})")

    def _write_penalties(self) -> None:
        parts = self.writer, self.experiment, self.layout, self.arrays
        if self.arrays.averages is not None:  # what follows may make NaN of it, where others are infinite
            self.writer.emit("np.copyto", 0.0, out=self.arrays.averages)
        write_clipping(*parts)
        self.writer.for_show = self._is_low_rank
        write_penalties(*parts, self._over_chunks)
        self.writer.for_show = False

    def _write_update(self) -> None:
        self.writer.at(Phase.UPDATE)
        optimizer = self.experiment.optimizer
        rate = optimizer.low_rank_rate
        if self._is_low_rank and rate is not None:
            ways = self._write_product, self._alike, self._inputs
            LowRankUpdate(self.writer, self.layout, self.arrays, *ways).write(
                rate, self.experiment.weight_decay
            )
            return
        optimizer.write_preparation(self.writer)
        for _ in self._over_chunks():
            optimizer.write_update(self.writer)
        for number in range(1, len(self.layers) + 1):
            self._finish_update(number)
        for number, layer in enumerate(self.arrays.layers, start=1):
            if layer.norm is not None:
                self.writer.at(Phase.UPDATE, number)
                layer.norm.kind.write_averages(self.writer, layer.norm.names)

    def _finish_update(self, number: int) -> None:
        """Finish what the optimizer has done with the weights of a layer, and with its biases."""
        self.writer.at(Phase.UPDATE, number)
        optimizer, rate = self.experiment.optimizer, self.layers[number - 1].rate
        parts = {f"W{number}": optimizer.update_formulas}
        if self._has_bias(number):
            parts[f"b{number}"] = optimizer.bias_formulas
        if self.arrays.layers[number - 1].norm is not None:
            parts |= {f"{name}{number}": optimizer.bias_formulas for name in NAMES_OF_LEARNT}
        for name, formulas in parts.items():
            letters = {letter: f"{letter}{name}" for letter in optimizer.memory_letters}
            for formula in formulas:
                scaled = with_factor(formula, rate) if formula.startswith("θ") else formula
                self.writer.finish(renamed(scaled, {"θ": name, "g": f"d{name}", **letters}))

    def _has_bias(self, number: int) -> bool:
        return self.layout.blocks[number - 1].has_bias

    def _over_chunks(self) -> Iterator[None]:
        """Take one chunk of the flat vectors after another in place of them."""
        arrays = self.arrays
        others = [one for one in (arrays.decay, arrays.lasso, arrays.rates) if one is not None]
        vectors = [arrays.theta, arrays.gradient, *others, *arrays.states]
        return over_chunks(self.writer, vectors, arrays.update)

    @property
    def _is_low_rank(self) -> bool:
        """Return whether plain SGD updates W from the samples of a batch, without the gradient matrix.

        With several samples this is faster only on large networks, and it rounds differently from the textbook formula;
        the `blas` arithmetic, which exists to show rounding, therefore does without.
        """
        if not self.batched or self.experiment.optimizer.low_rank_rate is None:
            return False
        if self.experiment.clip is not None or self.arrays.lasso is not None or self.arrays.rates is not None:
            return False
        if any(self.layout.norms):
            return False
        large = self.experiment.arithmetic == "exact" and is_chunked(self.layout.size)
        return self.arrays.sample_count <= (MAX_SAMPLES_PER_LOW_RANK_UPDATE if large else 1)

    def _write_product(self, product: Product) -> None:
        self.kernels[product] = write_product(self.writer, product, self.experiment.arithmetic)

    def _alike(self, number: int) -> int:
        """Return how many units of a layer must be treated alike: all neurons of a hidden layer, otherwise 0.

        Outputs are treated alike, too, where two of them have the same targets: equal columns of theirs stay equal.
        """
        has_equals = 0 < number < len(self.layers) or (number == len(self.layers) and self.has_equal_targets)
        return self.layout.widths[number] if has_equals else 0

    def _inputs(self, number: int) -> str:
        """Return what a formula for people calls the inputs of layer `number`."""
        if number == 1:
            return self.arrays.samples.inputs.name
        before = self.arrays.layers[number - 2]
        return before.a.name if before.dropout is None else before.dropout.kept.name


class _CompilerAgain(_Compiler):
    """Writes the step of another experiment on the arrays that another compiler, the `first` one, has made."""

    def __init__(self, first: _Compiler, experiment: Experiment) -> None:
        vars(self).update(vars(first))
        self._first = first
        self.experiment, self.layers = experiment, experiment.network.layers
        self._rewriter = self.writer = Rewriter(first.writer, first.given)
        self.arrays = with_factors(self.writer, experiment, self.layout, first.arrays)

    def numbers(self) -> Renumbering:
        """Return the numbers of the step; raise OtherFormError where it is another one."""
        self.write()
        return self._rewriter.found(self._first.constants)

    def _write_product(self, product: Product) -> None:
        self._rewriter.repeat_product(product.formula)
