"""Whether a window can be opened here. Asked before Qt is loaded for real, because Qt aborts the process if it cannot."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

from gui.text.language import translate

LIBRARIES = (
    "libgl1 libegl1 libglib2.0-0 libdbus-1-3 libfontconfig1 libxkbcommon0 libxkbcommon-x11-0 "
    "libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-xkb1"
)


def missing_library() -> str | None:
    """Return one sentence about a system library that Qt needs and that is not installed, or None."""
    try:
        import PySide6.QtGui
        import PySide6.QtSvg
        import PySide6.QtWidgets  # noqa: F401
    except ModuleNotFoundError:
        raise
    except ImportError as error:
        return _library_sentence(str(error))
    return None


def display_problem() -> str | None:
    """Return one sentence that says why no window can be opened and what to do, or None if it can."""
    problem = missing_library()
    if problem or not sys.platform.startswith("linux"):
        return problem
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if platform not in {"", "xcb", "wayland"}:
        return None
    if os.environ.get("WAYLAND_DISPLAY") and platform != "xcb":
        return None
    if not os.environ.get("DISPLAY"):
        return translate(
            "shell",
            "there is no display to open the window on; use main.py run TARGET to train without one, "
            "or main.py shot TARGET --out FILE.png to render the window into a picture",
        )
    return _plugin_problem() or _x_server_problem()


def _plugin_problem() -> str | None:
    import PySide6

    plugin = Path(PySide6.__file__).parent / "Qt" / "plugins" / "platforms" / "libqxcb.so"
    try:
        ctypes.CDLL(str(plugin))
    except OSError as error:
        return _library_sentence(str(error))
    return None


def _x_server_problem() -> str | None:
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connection_has_error.argtypes = [ctypes.c_void_p]
    xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(None, None)
    failed = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    if not failed:
        return None
    return translate(
        "shell",
        "the display {0} cannot be reached, and without one use main.py run TARGET to train without one, "
        "or main.py shot TARGET --out FILE.png to render the window into a picture",
    ).format(os.environ["DISPLAY"])


def _library_sentence(error: str) -> str:
    library = error.partition(":")[0]
    return translate(
        "shell", "the system library {0} is missing; on Debian or Ubuntu install: sudo apt install {1}"
    ).format(library, LIBRARIES)
