"""What the health panel says: sentences for what is unusual, and names, figures and explanations of every row."""

from __future__ import annotations

from collections.abc import Sequence

from engine.report.condition import Alarm, AlarmKind, Health, LayerHealth
from engine.report.equality import PARTED, LayerSimilarity
from gui.text.language import translate
from gui.text.words import number


def sentence(alarm: Alarm, health: Health) -> str:
    """Return what an alarm says, with its layers and the step."""
    count = len(alarm.layers)
    texts = _of_all(count) if health.samples == health.all_samples else _of_all(count) | _of_some(count)
    return texts[alarm.kind].format(
        layers=", ".join(map(str, alarm.layers)),
        step=f"{health.step:,}",
        figures=_figures(alarm, health),
        samples=f"{health.samples:,}",
    )


def _of_all(count: int) -> dict[AlarmKind, str]:
    """Return the sentence of every alarm for a number of layers, where all samples were looked at."""
    return {
        AlarmKind.NOT_FINITE: translate(
            "health", "Layer(s) {layers}, step {step}: numbers are no longer finite.", None, count
        ),
        AlarmKind.RAW_PIXELS: translate(
            "health", "Layer(s) {layers}, step {step}: raw pixels, inputs range from {figures}.", None, count
        ),
        AlarmKind.LARGE_INPUTS: translate(
            "health",
            "Layer(s) {layers}, step {step}: inputs are not scaled, they range from {figures}.",
            None,
            count,
        ),
        AlarmKind.ZERO_GRADIENT: translate(
            "health", "Layer(s) {layers}, step {step}: the gradient of W is exactly 0.", None, count
        ),
        AlarmKind.VANISHING: translate(
            "health",
            "Layer(s) {layers}, step {step}: vanishing, the gradient is {figures} of a later layer's.",
            None,
            count,
        ),
        AlarmKind.EXPLODING: translate(
            "health",
            "Layer(s) {layers}, step {step}: exploding, the gradient is {figures} times the output layer's.",
            None,
            count,
        ),
        AlarmKind.SATURATED: translate(
            "health", "Layer(s) {layers}, step {step}: {figures} of the outputs are saturated.", None, count
        ),
        AlarmKind.DEAD: translate(
            "health", "Layer(s) {layers}, step {step}: dead ReLU neurons, {figures}.", None, count
        ),
        AlarmKind.LARGE_UPDATE: translate(
            "health",
            "Layer(s) {layers}, step {step}: large step, the next update is {figures} of the size of W.",
            None,
            count,
        ),
        AlarmKind.SMALL_UPDATE: translate(
            "health",
            "Layer(s) {layers}, step {step}: it hardly moves, the next update is {figures} of the size of W.",
            None,
            count,
        ),
    }


def _of_some(count: int) -> dict[AlarmKind, str]:
    """Return the sentences that are true of the samples that were looked at only, and say so."""
    return {
        AlarmKind.ZERO_GRADIENT: translate(
            "health",
            "Layer(s) {layers}, step {step}: the gradient of W is exactly 0 for the {samples} samples looked at.",
            None,
            count,
        ),
        AlarmKind.DEAD: translate(
            "health",
            "Layer(s) {layers}, step {step}: dead ReLU neurons, {figures} for the {samples} samples looked at.",
            None,
            count,
        ),
    }


def _figures(alarm: Alarm, health: Health) -> str:
    match alarm.kind:
        case AlarmKind.RAW_PIXELS | AlarmKind.LARGE_INPUTS:
            return translate("health", "{0} to {1}").format(*_range(health.layers[0]))
        case AlarmKind.SATURATED | AlarmKind.LARGE_UPDATE:
            return _from_to([_share(figure) for figure in sorted(alarm.figures)])
        case AlarmKind.DEAD:
            counts = zip(alarm.layers, alarm.figures, strict=True)
            return ", ".join(_of(round(dead), health.layers[layer - 1].units) for layer, dead in counts)
        case _:
            return _from_to([number(figure) for figure in sorted(alarm.figures)])


def _of(part: int, whole: int) -> str:
    return translate("health", "{0} of {1}").format(part, whole)


def _from_to(figures: Sequence[str]) -> str:
    """Return the first and the last of some figures in order."""
    low, high = figures[0], figures[-1]
    return low if low == high else translate("health", "{0} to {1}").format(low, high)


def basis(health: Health) -> str:
    """Return the step and the samples that the figures belong to."""
    samples, every = f"{health.samples:,}", f"{health.all_samples:,}"
    if health.samples == health.all_samples:
        return translate("health", "Step {0}, on all {1} training samples").format(f"{health.step:,}", every)
    return translate("health", "Step {0}, on {1} of {2} training samples").format(
        f"{health.step:,}", samples, every
    )


def _share(value: float) -> str:
    """Return a percentage that says 0 % and 100 % only where nothing and everything is meant."""
    percent = 100 * value
    if 0 < percent < 0.1:
        return translate("health", "under 0.1 %")
    if 99.9 < percent < 100:
        return translate("health", "over 99.9 %")
    text = f"{percent:.1f}" if 0 < percent < 1 or 99 < percent < 100 else f"{percent:,.0f}"
    return translate("health", "{0} %").format(text)


def _range(layer: LayerHealth) -> tuple[str, str]:
    low, high = layer.inputs
    return _plain(low), _plain(high)


def _plain(value: float) -> str:
    return f"{value:.0f}".replace("-", "−") if value == round(value) and abs(value) < 1e6 else number(value)


def rows() -> list[tuple[str, str, str]]:
    """Return key, name and explanation of every figure, in the order of the screen."""
    return [
        (
            "z",
            "z",
            translate("health", "Mean and standard deviation of z = X·W + b over all neurons and samples"),
        ),
        (
            "saturated",
            translate("health", "saturated"),
            translate(
                "health",
                "Share of outputs where the slope of the activation is below 0.001: little gradient gets through",
            ),
        ),
        (
            "dead",
            translate("health", "dead"),
            translate(
                "health",
                "ReLU neurons that give 0 for every sample, so no gradient reaches them; "
                "those with weights and bias 0 have not started and are not dead",
            ),
        ),
        (
            "gradient",
            translate("health", "gradient per weight"),
            translate("health", "Root mean square of the gradient of W, with weight decay if there is any"),
        ),
        (
            "update",
            translate("health", "update / weight"),
            translate("health", "Size of the next update of W over the size of W; about 0.001 is usual"),
        ),
        (
            "inputs",
            translate("health", "inputs"),
            translate("health", "Lowest and highest number that enters this layer"),
        ),
        (
            "cosine",
            translate("health", "mean |cos|"),
            translate(
                "health",
                "Mean |cosine| between two columns of W: 1 is the same direction; "
                "in few dimensions random columns are far from 0 too",
            ),
        ),
        (
            "correlation",
            translate("health", "outputs correlate"),
            translate(
                "health",
                "Mean |correlation| of the outputs of two neurons over the samples: 1 is one neuron, in effect",
            ),
        ),
        (
            "rank",
            translate("health", "effective rank"),
            translate(
                "health",
                "How many directions the columns of W span, weighted by their size (Roy and Vetterli 2007)",
            ),
        ),
        (
            "parted",
            translate("health", "spread above {0}").format(PARTED),
            translate(
                "health", "When the largest difference between two columns of W was first seen above {0}"
            ).format(PARTED),
        ),
    ]


def health_texts(layer: LayerHealth, update: float | None) -> dict[str, str]:
    """Return the figures of a layer by key; those that make no sense for it are missing."""
    texts = {
        "z": translate("health", "mean {0}, std {1}").format(number(layer.z_mean), number(layer.z_deviation)),
        "gradient": number(layer.gradient_per_weight),
        "update": translate("health", "W is 0") if update is None else number(update),
        "inputs": translate("health", "{0} … {1}").format(*_range(layer)),
    }
    if layer.saturated is not None:
        texts["saturated"] = _share(layer.saturated)
    if layer.dead is not None:
        texts["dead"] = _of(round(layer.dead * layer.units), layer.units)
    if layer.unstarted:
        texts["dead"] += translate("health", ", {0} not started").format(round(layer.unstarted * layer.units))
    return texts


def similarity_texts(similar: LayerSimilarity) -> dict[str, str]:
    """Return the figures by key of how alike the neurons of a layer are."""
    texts: dict[str, str] = {"parted": _parted(similar.parted_at)}
    if similar.mean_abs_cosine is not None:
        texts["cosine"] = translate("health", "{0} (random: {1})").format(
            f"{similar.mean_abs_cosine:.2f}", f"{similar.random_cosine:.2f}"
        )
    if similar.correlation is not None:
        texts["correlation"] = f"{similar.correlation:.3f}"
    if similar.effective_rank is not None:
        rank = f"{similar.effective_rank:.1f}" if similar.effective_rank else "0"
        texts["rank"] = translate("health", "{0} of {1}").format(rank, similar.largest_rank)
    return texts


def _parted(step: int | None) -> str:
    if step is None:
        return translate("health", "not so far")
    return (
        translate("health", "by step {0}").format(f"{step:,}")
        if step
        else translate("health", "from the start")
    )


def note(similar: LayerSimilarity) -> str:
    """Return what was left out of these figures."""
    notes: list[str] = []
    if similar.neurons < similar.units:
        notes.append(
            translate("health", "Compared: {0} of {1} neurons.").format(similar.neurons, similar.units)
        )
    constant = similar.constant
    if constant:
        notes.append(translate("health", "The output(s) of %n neuron(s) never var(ies|y).", None, constant))
    return " ".join(notes)
