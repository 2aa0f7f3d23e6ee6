"""Neighbouring layers of one state, told together: a deep network has too many layers for a chip each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from gui.text import words
from gui.text.language import translate
from gui.text.words import LayerState, Wording

RUN_WORDINGS = (Wording.SHORT, Wording.BRIEF)
"""How fully runs are worded: these say which layers they are."""


@dataclass(frozen=True)
class Run:
    """Layers that are told together in a few words, `text`, and in sentences, `told`."""

    text: str
    told: str
    layers: int
    is_stuck: bool


def runs(states: Sequence[LayerState], wording: Wording) -> list[Run]:
    """Return the neighbours that are worded alike."""
    alike = groupby(states, key=lambda state: (words.chip(state, wording, layers="–"), state.is_stuck))
    return [_run(list(neighbours), wording) for _, neighbours in alike]


def _run(states: list[LayerState], wording: Wording) -> Run:
    text = words.chip(states[0], wording, layers=_layers(states))
    return Run(text, told(states), len(states), states[0].is_stuck)


def told(states: Sequence[LayerState]) -> str:
    """Return the state of layers in sentences, a line for all neighbours of which the same is said."""
    alike = groupby(states, key=lambda state: words.sentence(state, layers="–"))
    lines: list[str] = []
    for _, found in alike:
        neighbours = list(found)
        several = _layers(neighbours) if len(neighbours) > 1 else ""
        lines.append(words.sentence(neighbours[0], layers=several))
    return "\n".join(lines)


def _layers(states: Sequence[LayerState]) -> str:
    first, last = states[0].number, states[-1].number
    return str(first) if first == last else f"{first}–{last}"


def rest(left_out: Sequence[Run]) -> Run:
    """Return what stands for runs that have no room."""
    count = sum(run.layers for run in left_out)
    text = translate("status", "+ %n layer(s)", None, count)
    sentences = "\n".join(run.told for run in left_out)
    return Run(text, sentences, count, any(run.is_stuck for run in left_out))


def most_telling(found: Sequence[Run], count: int) -> list[Run]:
    """Return some of the runs, those of layers that are stuck first, and last what stands for all others."""
    places = sorted(range(len(found)), key=lambda place: not found[place].is_stuck)
    kept = set(places[:count])
    left_out = [run for place, run in enumerate(found) if place not in kept]
    return [
        *(run for place, run in enumerate(found) if place in kept),
        *([rest(left_out)] if left_out else []),
    ]
