"""Mistakes that a user can mend. Each is one sentence: where, what is wrong, what to do."""

from __future__ import annotations


class InitscopeError(Exception):
    """The base of every error that is shown to a user as it stands, without a traceback, on one line."""

    def __init__(self, sentence: str) -> None:
        super().__init__("".join(map(_visible, sentence)))


def _visible(character: str) -> str:
    """Return a character, or what it is written as in Python if it would break or hide the line."""
    return character if character.isprintable() else character.encode("unicode_escape").decode()


class ExperimentError(InitscopeError):
    """An experiment that cannot be run as it is written.

    `path` is the dotted path of the field in the experiment file, such as `network.layers.0.units`;
    it is empty when the whole file is meant.
    """

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}" if path else problem)
        self.path = path
        self.problem = problem


class FileError(InitscopeError):
    """A file that cannot be read or written; the sentence begins with its path."""

    def __init__(self, path: object, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
