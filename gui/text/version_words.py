"""Which program this is, and how it computes the steps of training."""

from __future__ import annotations

from gui.text.language import translate

VERSION = "0.1.0"


def name_and_version() -> str:
    """Return the name of the program with its version."""
    return translate("help", "Initscope {0}").format(VERSION)


def way_of_training(*, is_compiled: bool) -> str:
    """Say whether the compiled driver computes the steps of training, or calls from Python."""
    if is_compiled:
        return translate("help", "Training: by the compiled driver")
    return translate(
        "help", "Training: by calls from Python, without the compiled driver (same numbers, but slower)"
    )
