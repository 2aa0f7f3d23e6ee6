"""Mistakes that a user can mend, as codes and values; the words are in `gui.text.error_words`."""

from __future__ import annotations

from typing import Any

from engine.core.problems import Problem


class InitscopeError(Exception):
    """The base of every error that is shown to a user in one sentence, without a traceback.

    `values` are what the sentence of its `problem` tells: numbers, names, text of the user's, lists of them, or the
    error that is the cause.
    """

    def __init__(self, problem: Problem, /, **values: object) -> None:
        super().__init__(problem, values)
        self.problem = problem
        self.values = values

    def __reduce__(self) -> tuple[Any, ...]:
        """Let another process get the same error."""
        return _again, (type(self), vars(self))

    @property
    def place(self) -> str:
        """Return where the mistake is, which the sentence begins with; nothing if it is nowhere in particular."""
        return ""

    def __str__(self) -> str:
        """Return code and values for logs and tracebacks; nobody else reads this."""
        values = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return (
            f"{self.place}: {self.problem.name}({values})" if self.place else f"{self.problem.name}({values})"
        )


class ExperimentError(InitscopeError):
    """An experiment that cannot be run as it is written.

    `path` is the dotted path of the field in the experiment file, such as `network.layers.0.units`;
    it is empty when the whole file is meant.
    """

    def __init__(self, path: str, problem: Problem, /, **values: object) -> None:
        super().__init__(problem, **values)
        self.path = path

    @property
    def place(self) -> str:
        """Return the path."""
        return self.path

    def within(self, path: str) -> ExperimentError:
        """Return the same mistake, made by what stands at another path: `variants.1.set: network.layers`."""
        return ExperimentError(f"{path}: {self.path}", self.problem, **self.values)


class FileError(InitscopeError):
    """A file that cannot be read or written; the sentence begins with `file`, its path."""

    def __init__(self, file: object, problem: Problem, /, **values: object) -> None:
        super().__init__(problem, **values)
        self.file = file

    @property
    def place(self) -> str:
        """Return the path of the file."""
        return str(self.file)


def _again(kind: type[InitscopeError], fields: dict[str, Any]) -> InitscopeError:
    """Return an error with all its fields."""
    error = kind.__new__(kind)
    vars(error).update(fields)
    return error
