"""What the health panel says beside its alarms: names, figures and explanations of every row."""

from __future__ import annotations

from engine.report.condition import Health, LayerHealth, OutputHealth
from engine.report.equality import VISIBLE_SPREAD, LayerLikeness, LayerSimilarity
from gui.findings.alarm_words import of, plain, share
from gui.text.language import translate
from gui.text.words import loss, number


def basis(health: Health) -> str:
    """Return the step and the samples that the figures belong to."""
    samples, every = f"{health.samples:,}", f"{health.all_samples:,}"
    if health.samples == health.all_samples:
        return translate("health", "Step {0}, on all {1} training samples").format(f"{health.step:,}", every)
    return translate("health", "Step {0}, on {1} of {2} training samples").format(
        f"{health.step:,}", samples, every
    )


def rows() -> list[tuple[str, str, str]]:
    """Return key, name and explanation of every figure, in the order of the screen."""
    return [
        (
            "z",
            "z",
            translate(
                "health",
                "Mean and standard deviation of z = X·W + b over all neurons and samples; "
                "in a normalized layer of what its activation gets",
            ),
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
                "Neurons where the slope of the activation is below 0.001 for every sample, so hardly any gradient gets "
                "through; those of ReLU with weights and bias 0 have not started and are not dead",
            ),
        ),
        (
            "outputs",
            translate("health", "outputs vary by"),
            translate(
                "health",
                "How much the outputs vary from sample to sample: root mean square over the neurons of their standard "
                "deviations",
            ),
        ),
        (
            "delta",
            translate("health", "dZ"),
            translate(
                "health", "Root mean square of the gradient with respect to z, over neurons and samples"
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
            "loss",
            translate("health", "loss / chance"),
            translate(
                "health",
                "The loss over the samples looked at, and the smallest one of outputs that ignore the inputs",
            ),
        ),
        (
            "targets",
            translate("health", "targets"),
            translate("health", "Lowest and highest target"),
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
            "acts",
            translate("health", "act like"),
            translate(
                "health",
                "As how many neurons they act: n²/Σr² with the correlations r of the outputs over the samples, the "
                "participation ratio (Gao and others 2017)",
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
            "spread",
            translate("health", "spread of columns"),
            translate("health", "The largest difference between two columns of W"),
        ),
        (
            "parted",
            translate("health", "first above {0}").format(VISIBLE_SPREAD),
            translate("health", "When the spread of the columns was first seen above {0}").format(
                VISIBLE_SPREAD
            ),
        ),
    ]


def health_texts(layer: LayerHealth, update: float | None) -> dict[str, str]:
    """Return the figures of a layer by key; those that make no sense for it are missing."""
    texts = {
        "z": translate("health", "mean {0}, std {1}").format(number(layer.z_mean), number(layer.z_deviation)),
        "outputs": number(layer.variation),
        "delta": number(layer.delta),
        "gradient": number(layer.gradient_per_weight),
        "update": translate("health", "W is 0") if update is None else number(update),
        "inputs": translate("health", "{0} … {1}").format(*map(plain, layer.inputs)),
    }
    if layer.saturated is not None:
        texts["saturated"] = share(layer.saturated)
    if layer.dead is not None:
        texts["dead"] = of(round(layer.dead * layer.units), layer.units)
    if layer.unstarted:
        texts["dead"] += translate("health", ", {0} not started").format(round(layer.unstarted * layer.units))
    return texts


def output_texts(output: OutputHealth) -> dict[str, str]:
    """Return the figures by key of what a network gives beside what it should give."""
    chance = translate("health", "none") if output.chance is None else loss(output.chance)
    return {
        "loss": translate("health", "{0} / {1}").format(loss(output.loss), chance),
        "targets": translate("health", "{0} … {1}").format(*map(plain, output.targets)),
    }


def likeness_texts(likeness: LayerLikeness) -> dict[str, str]:
    """Return the figure by key of as how many neurons those of a layer act."""
    if likeness.acts_like is None:
        return {}
    return {"acts": translate("health", "{0} of {1}").format(f"{likeness.acts_like:.1f}", likeness.units)}


def similarity_texts(similar: LayerSimilarity) -> dict[str, str]:
    """Return the figures by key of how alike the neurons of a layer are."""
    texts: dict[str, str] = {}
    if similar.units > 1:
        texts["spread"] = number(similar.spread)
    if similar.parted_at is not None:
        texts["parted"] = _parted(similar.parted_at)
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


def _parted(step: int) -> str:
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
