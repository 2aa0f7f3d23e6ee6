"""What `run` and `check` print for people: what came of each variant, and how well gradients agree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from engine.report.condition import Health
from gui.findings.alarm_words import all_clear, sentence
from gui.findings.score_words import accuracy
from gui.text.language import translate

if TYPE_CHECKING:
    from engine.output.result import VariantResult
    from engine.training.gradient_check import LayerCheck


def summary(document: dict[str, Any], results: Sequence[VariantResult]) -> list[str]:
    """Return the lines that say what came of the variants of a run; `document` is what `run --json` prints of them."""
    return [
        line
        for variant, result in zip(document["variants"], results, strict=True)
        for line in (_end_sentence(variant), *(f"    {line}" for line in _details(variant, result)))
    ]


def _details(variant: dict[str, Any], result: VariantResult) -> Iterator[str]:
    final = variant["final"]
    if "seeds_summary" in variant:
        yield from _seed_lines(variant["seeds_summary"])
    if "until" in variant and not variant["until"]["terms"]:
        yield translate("shell", "it never held: {0}").format(variant["until"]["condition"])
    if final["train_accuracy"] is not None:
        yield _accuracy_sentence(final["train_accuracy"], final["test_accuracy"])
    predictions = [*variant["prediction"], variant["output_prediction"]]
    for layer, prediction in zip(variant["layers"], predictions, strict=True):
        is_comparable = layer["units"] > 1 and variant["status"] != "diverged"
        yield _layer_sentence(layer, prediction if is_comparable else None)
    yield from _health_lines(result.health)


def _seed_lines(found: dict[str, Any]) -> Iterator[str]:
    """Return what came of all seeds: how many ran through, and where loss and accuracy lie."""
    loss, right, seeds = found["loss"], found["train_accuracy"], found["seeds"]
    said = translate("shell", "{0} seed(s): {1} finished, {2} diverged, {3} stopped", None, seeds)
    yield said.format(seeds, found["finished"], found["diverged"], found["stopped"])
    if loss is not None:
        said = translate("shell", "loss of all seeds: {0:.6g} to {1:.6g}, median {2:.6g}")
        yield said.format(loss["lowest"], loss["highest"], loss["median"])
    if right is not None:
        said = translate("shell", "accuracy of all seeds: {0} to {1}, median {2}")
        yield said.format(*(accuracy(right[name]) for name in ("lowest", "highest", "median")))


def _layer_sentence(layer: dict[str, Any], prediction: dict[str, Any] | None) -> str:
    units, different = layer["units"], layer["columns"]
    neurons = translate("shell", "%n neuron(s)", None, units)
    columns = translate("shell", "%n distinct column(s)", None, different)
    if prediction is None:
        line = translate("shell", "layer {0}: {1}, {2}, spread {3:.3g}")
    elif prediction["exact"]:
        line = translate("shell", "layer {0}: {1}, {2} (predicted: {4}), spread {3:.3g}")
    else:
        line = translate("shell", "layer {0}: {1}, {2} (predicted: at most {4}), spread {3:.3g}")
    predicted = None if prediction is None else prediction["columns"]
    return line.format(layer["layer"], neurons, columns, float(layer["spread"]), predicted)


def _end_sentence(variant: dict[str, Any]) -> str:
    name, steps, loss = variant["name"], variant["steps"], float(variant["final"]["loss"])
    where = variant["diverged"]
    if variant["status"] == "stopped" and variant.get("until", {}).get("terms"):
        said = translate("shell", "{0}: stopped after {1:,} step(s), loss {2:.6g}, because: {3}", None, steps)
        return said.format(name, steps, loss, ", ".join(variant["until"]["terms"]))
    if variant["status"] == "stopped":
        said = translate("shell", "{0}: stopped after {1:,} step(s), loss {2:.6g}", None, steps)
        return said.format(name, steps, loss)
    if where is None:
        said = translate("shell", "{0}: finished after {1:,} step(s), loss {2:.6g}", None, steps)
        return said.format(name, steps, loss)
    return translate(
        "shell", "{0}: diverged at step {1:,} ({2}), trained to step {3:,}, loss {4:.6g}"
    ).format(name, where["step"], where["formula"], steps, loss)


def _accuracy_sentence(train: float, test: float | None) -> str:
    if test is None:
        return translate("shell", "accuracy {0} on training samples").format(accuracy(train))
    return translate("shell", "accuracy {0} on training samples, {1} on test samples").format(
        accuracy(train), accuracy(test)
    )


def _health_lines(health: Health) -> list[str]:
    """Return the alarms at the end of a run, or what was looked at."""
    if not health.alarms:
        return [all_clear(health)]
    return [translate("shell", "alarm: {0}").format(sentence(alarm, health)) for alarm in health.alarms]


def check_sentence(layer: LayerCheck) -> str:
    """Return what the comparison of the gradients of a layer with central differences has found."""
    compared, skipped = layer.compared, layer.skipped  # lupdate finds no text whose number is an attribute
    if layer.parted:
        row, column = layer.worst
        found = translate(
            "shell",
            "{0} of {1} gradient(s) (parts|part), most at row {2}, column {3}: {4:.6g} against {5:.6g}",
            None,
            compared,
        )
        found = found.format(
            layer.parted, compared, row + 1, column + 1, layer.gradient, layer.difference_quotient
        )
    elif compared:
        found = translate("shell", "{0} gradient(s) (agrees|agree), {1}", None, compared)
        found = found.format(compared, _difference_text(layer))
    else:
        found = translate("shell", "none of {0} gradient(s) can be compared ({1})", None, skipped)
        return found.format(skipped, _why_skipped())
    if not skipped:
        return found
    return translate("shell", "{0}, {1} cannot be compared ({2})").format(found, skipped, _why_skipped())


def _why_skipped() -> str:
    return translate("shell", "kink, or loss not finite or too large")


def _difference_text(layer: LayerCheck) -> str:
    if not layer.largest_difference:
        return translate("shell", "with no difference at all")
    if not layer.largest_gradient:
        return translate("shell", "largest difference {0:.2g} from gradients of 0").format(
            layer.largest_difference
        )
    share = layer.largest_difference / layer.largest_gradient
    return translate("shell", "largest difference {0:.2g} times the largest gradient, {1:.3g}").format(
        share, layer.largest_gradient
    )
