"""Garbage is collected in the thread of the window only: a timer or widget that another thread frees is a crash.

Python collects by itself in whatever thread makes an object, and the training thread makes many.
"""

from __future__ import annotations

import gc


class _Owners:
    count = 0


def take_over() -> None:
    """End automatic collection; `collect` has to be called again and again now."""
    _Owners.count += 1
    gc.disable()


def hand_back() -> None:
    """Let Python collect by itself again, unless somebody else has taken over, too."""
    _Owners.count -= 1
    if not _Owners.count:
        gc.enable()


def collect() -> None:
    """Collect what Python would have collected by now."""
    due = [made > most for made, most in zip(gc.get_count(), gc.get_threshold(), strict=True)]
    if any(due):
        gc.collect(max(generation for generation, is_due in enumerate(due) if is_due))
