"""Names of lanes where there is no room for all of them: cut so that no two lanes look the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence

FEWEST = 3
"""Letters that a cut name has at least; one more than its beginning and its end around the …"""
SPARE = 3
"""Letters more than are expected to fit, with which trying begins."""


def told_apart(names: Sequence[str], letters: int) -> list[str]:
    """Return the names in about `letters` letters: their middles are left out, or where names then look the same,
    what these have in common at their beginning.
    """
    letters = max(letters, FEWEST)
    cut = [_without_middle(name, letters) for name in names]
    return [
        _without_beginning(name, alike, letters)
        if (alike := [other for place, other in enumerate(names) if cut[place] == short and other != name])
        else short
        for name, short in zip(names, cut, strict=True)
    ]


def fitting(names: Sequence[str], index: int, width: Callable[[str], float], room: float) -> str:
    """Return one of the names, as much of it as is at most `room` wide."""
    name = names[index]
    if width(name) <= room or not name:
        return name
    likely = int(room * len(name) / max(width(name), 1)) + SPARE
    texts = [
        told_apart(names, letters)[index]
        for letters in range(max(min(likely, len(name)), FEWEST), FEWEST - 1, -1)
    ]
    return next((text for text in texts if width(text) <= room), texts[-1])


def _without_middle(name: str, letters: int) -> str:
    """Return a name with … in place of its middle, where it is too long."""
    if len(name) <= letters:
        return name
    behind = (letters - 1) // 2
    return f"{name[: letters - 1 - behind].rstrip()}…{name[len(name) - behind :].lstrip()}"


def _without_beginning(name: str, alike: Sequence[str], letters: int) -> str:
    """Return the part of a name that starts a letter before what tells it apart from all that look like it."""
    start = max(_agreeing(name, other) for other in alike)
    start = max(0, min(start - 1, len(name) - letters + 1))
    return f"…{name[start : start + letters - 1]}"


def _agreeing(one: str, other: str) -> int:
    """Return with how many letters two different names begin alike."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (mine, theirs) in pairs if mine != theirs), min(len(one), len(other)))
