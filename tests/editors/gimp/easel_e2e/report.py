"""What a case saw in GIMP, and waiting for it to see something."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Callable, TypeVar

import easel_report
from gi.repository import Gimp

#: How long anything may take that should not take long, in seconds.
PATIENCE = 20.0
T = TypeVar("T")


class Report(easel_report.Report):
    """The steps and figures of a case."""

    def __init__(self, case: str, out: Path) -> None:
        super().__init__(case, out, "gimp", Gimp.version())

    def until(self, what: str, holds: Callable[[], T], seconds: float = PATIENCE) -> T:
        """Waits until something is so, and gives what it gave."""
        deadline = time.monotonic() + seconds
        while True:
            found = holds()
            if found:
                return found
            if time.monotonic() > deadline:
                raise AssertionError(f"waited in vain until {what}")
            time.sleep(0.05)
