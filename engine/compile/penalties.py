"""What becomes of the gradient of the loss before the optimizer gets it: it is clipped, and penalties are added."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.compile.step_arrays import StepArrays
from engine.experiments.experiment import Experiment
from engine.kinds.clips import ClipNorm
from engine.kinds.normalizations import NAMES_OF_LEARNT
from engine.model.layout import Layout
from engine.tape.formulas import number_text
from engine.tape.instructions import Phase
from engine.tape.writer import TapeWriter


def write_clipping(writer: TapeWriter, experiment: Experiment, layout: Layout, arrays: StepArrays) -> None:
    """Append the clipping of the gradient of the loss, if the experiment wants it; of the norm that of all layers."""
    clip = experiment.clip
    if clip is None:
        return
    writer.at(Phase.BACKWARD)
    clip.write(writer, arrays.gradient.name)
    names = _gradients(layout)
    if isinstance(clip, ClipNorm):
        writer.finish("N = √(" + " + ".join(f"Σ({name}²)" for names_of in names for name in names_of) + ")")
        writer.finish(f"C = min({number_text(clip.limit)} / (N + 0.000001), 1)")
    for number, of_layer in enumerate(names, start=1):
        writer.at(Phase.BACKWARD, number)
        for name in of_layer:
            writer.finish(f"{name} ← {clip.formula_of(name)}")


def write_penalties(
    writer: TapeWriter,
    experiment: Experiment,
    layout: Layout,
    arrays: StepArrays,
    over_chunks: Callable[[], Iterator[None]],
) -> None:
    """Append g = g + λ·W, unless the optimizer shrinks weights itself, and g = g + λ1·sign(W)."""
    decay = None if experiment.optimizer.decouples_decay else arrays.decay
    if decay is None and arrays.lasso is None:
        return
    writer.at(Phase.BACKWARD)
    gradient, update = arrays.gradient, arrays.update
    for _ in over_chunks():
        if decay is not None:
            writer.emit("np.multiply", decay, arrays.theta, out=update, formula="λ·W")
            writer.emit("np.add", gradient, update, out=gradient, formula="g = g + λ·W")
        if arrays.lasso is not None:
            writer.emit("np.sign", arrays.theta, out=update, formula="sign(W)")
            writer.emit("np.multiply", arrays.lasso, update, out=update, formula="λ1·sign(W)")
            writer.emit("np.add", gradient, update, out=gradient, formula="g = g + λ1·sign(W)")
    for number in range(1, len(layout.blocks) + 1):
        writer.at(Phase.BACKWARD, number)
        pull = [f"λ·W{number}"] if decay is not None else []
        pull += [f"λ1·sign(W{number})"] if arrays.lasso is not None else []
        writer.finish(f"dW{number} ← dW{number} + {' + '.join(pull)}")


def _gradients(layout: Layout) -> list[list[str]]:
    """Return what formulas call the gradients of every layer."""
    found: list[list[str]] = []
    for number, (block, norm) in enumerate(zip(layout.blocks, layout.norms, strict=True), start=1):
        names = ["W", *(["b"] if block.has_bias else []), *(NAMES_OF_LEARNT if norm else ())]
        found.append([f"d{name}{number}" for name in names])
    return found
