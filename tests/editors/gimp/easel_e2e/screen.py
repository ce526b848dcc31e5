"""Uses GIMP's screen as a person does: windows, keys and the mouse through xdotool, pictures of
what is seen through ImageMagick. The batch runs in a process of its own, so GIMP goes on
meanwhile.
"""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from typing import Any

from gi.repository import Gimp

from .report import Report

#: The letters of the entries in Filters > Easel.
TRANSFORM, REPEAT, COMPARE, RECIPE, HISTORY = "t", "r", "c", "i", "h"
EASEL = "^Easel$"
#: What the plug-in answers while its window is open.
_FRONT = "plug-in-easel-front"


def run(*words: str) -> str:
    """Runs a program and gives what it prints."""
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    return done.stdout.strip()


def windows(name: str) -> list[str]:
    """The windows on the screen whose title matches."""
    return run("xdotool", "search", "--onlyvisible", "--name", name).split()


def window(report: Report, name: str) -> str:
    """A window, once it is there."""
    return report.until(f"there is a window {name}", lambda: windows(name))[-1]


def activate(report: Report, name: str) -> str:
    """Brings a window to the front, for the keyboard."""
    found = window(report, name)
    run("xdotool", "windowactivate", "--sync", found)
    time.sleep(0.15)
    return found


def keys(*names: str, pause: float = 0.12) -> None:
    """Presses keys in the window at the front."""
    for name in names:
        run("xdotool", "key", "--clearmodifiers", name)
        time.sleep(pause)


def write(text: str) -> None:
    """Types a text."""
    run("xdotool", "type", "--delay", "8", text)
    time.sleep(0.2)


def menu(report: Report, image: str, entry: str) -> None:
    """Filters > Easel and an entry, by the keyboard, in the window of an image."""
    activate(report, image)
    # Easel is the last of the filters, and Up goes there from the top.
    keys("alt+r", "Up", "Right", entry)


def open_window(report: Report, image: str, entry: str = TRANSFORM) -> str:
    """Opens Easel's window, or brings it to the front."""
    menu(report, image, entry)
    found = window(report, EASEL)
    report.until("the window answers", is_open)
    run("xdotool", "windowactivate", "--sync", found)
    time.sleep(0.3)
    return found


def close_window(report: Report) -> None:
    """Closes Easel's window by its key."""
    activate(report, EASEL)
    keys("ctrl+w")
    report.until("the window is closed", lambda: not windows(EASEL) and not is_open())


def close_image(report: Report, name: str) -> None:
    """Closes an image by its key, whether it was changed or not."""
    activate(report, name)
    keys("ctrl+w", pause=0.6)
    if windows("^Close "):
        keys("ctrl+d")


def is_open() -> bool:
    """Whether the plug-in's window is open, as GIMP knows it."""
    # Looking one up remembers it for ever.
    return Gimp.get_pdb().procedure_exists(_FRONT)


def settings(**changes: Any) -> None:
    """Writes what the window finds when it is opened next, in place of what it kept."""
    path = Path(Gimp.directory()) / "easel.json"
    kept = json.loads(path.read_bytes()) if path.exists() else {}
    kept["settings"] = changes
    path.write_text(json.dumps(kept), encoding="utf-8")


def kept(name: str) -> Any:
    """What the window has written down of a setting."""
    path = Path(Gimp.directory()) / "easel.json"
    return json.loads(path.read_bytes())["settings"].get(name) if path.exists() else None


def resize(found: str, width: int, height: int) -> None:
    """Gives a window a size."""
    run("xdotool", "windowsize", "--sync", found, str(width), str(height))
    time.sleep(0.5)


def shot(report: Report, name: str, found: str = "root") -> None:
    """Takes a picture of a window, or of the screen."""
    run("import", "-window", found, str(report.out / f"gimp-{name}.png"))


class Pulse:
    """Asks GIMP something small every 20 ms, and notes how long it took to answer: what GIMP's own
    event loop needs until it looks at anything new.
    """

    def __init__(self) -> None:
        self.gaps: list[float] = []

    def beat(self, holds: Any, seconds: float = 30.0) -> Any:
        """Beats until something is so."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            began = time.perf_counter()
            Gimp.get_images()
            self.gaps.append(time.perf_counter() - began)
            found = holds()
            if found:
                return found
            time.sleep(0.02)
        raise AssertionError("waited in vain")


def click(x: int, y: int) -> None:
    """Clicks on the screen."""
    run("xdotool", "mousemove", str(x), str(y))
    time.sleep(0.1)
    run("xdotool", "click", "1")


def place(found: str) -> tuple[int, int, int, int]:
    """Where a window is on the screen."""
    parts = dict(
        line.split("=", 1)
        for line in run("xdotool", "getwindowgeometry", "--shell", found).splitlines()
        if "=" in line
    )
    return int(parts["X"]), int(parts["Y"]), int(parts["WIDTH"]), int(parts["HEIGHT"])
