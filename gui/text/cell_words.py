"""What a cell of a heatmap holds, in words. Neurons are counted from 0; a `source` of None means the bias."""

from __future__ import annotations

from gui.text import words
from gui.text.language import translate


def weight_name(source: str | None, neuron: int) -> str:
    """Return what one number of W and b is called: weight from input 1 to neuron 2."""
    if source is None:
        return translate("heatmap", "bias of neuron {0}").format(neuron + 1)
    return translate("heatmap", "weight from {0} to neuron {1}").format(source, neuron + 1)


def cell_text(quantity: str, source: str | None, neuron: int, value: float, count: int) -> str:
    """Return what a cell of a quantity shows, exactly: the strongest of `count` values, or the only one."""
    exact = f"{value:.17g}"
    if source is None:
        text = translate("heatmap", "{0} of the bias of neuron {1} = {2}").format(quantity, neuron + 1, exact)
    else:
        text = translate("heatmap", "{0} from {1} to neuron {2} = {3}").format(
            quantity, source, neuron + 1, exact
        )
    if count == 1:
        return text
    return translate("heatmap", "{0}, the strongest of {1}").format(text, count)


def drag_text(name: str, before: float, after: float) -> str:
    """Return what stands beside the pointer while a weight is dragged from one value to another."""
    change = translate("heatmap", "{0}: {1} → {2}").format(
        name, words.number(before), f"{after:g}".replace("-", "−")
    )
    return change + "\n" + translate("heatmap", "Release: a new lane from here on. Esc: no change.")
