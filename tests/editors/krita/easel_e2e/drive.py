"""Runs a case step by step on Krita's event loop: a case is a generator that clicks, yields how
long to wait or what to wait for, and notes what it saw. Whatever goes wrong is in the report.
"""

from __future__ import annotations

import faulthandler
import importlib
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Union

import easel_report
from krita import Extension, Krita
from PyQt5.QtCore import QObject, Qt, QTimer
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QWidget

#: A case that takes longer than this has failed, in seconds.
_LIMIT = 150.0
#: How long anything may take that should not take long, in seconds.
PATIENCE = 20.0


class Until(NamedTuple):
    """Waits until something is so."""

    what: str
    holds: Callable[[], Any]
    seconds: float = PATIENCE


Case = Iterator[Union[float, Until]]


class Heartbeat:
    """Beats every 20 ms, and notes the longest times between two beats."""

    def __init__(self) -> None:
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._last = time.perf_counter()
        self._gaps: list[tuple[float, float]] = []
        self._timer.start(20)

    def _beat(self) -> None:
        now = time.perf_counter()
        self._gaps.append((now, now - self._last))
        self._last = now

    def clear(self) -> None:
        """Begins anew."""
        self._gaps = []
        self._last = time.perf_counter()

    def gaps(self, most: int = 5) -> list[float]:
        """The longest gaps so far, in milliseconds."""
        return sorted((round(1000 * gap, 1) for _, gap in self._gaps), reverse=True)[:most]


class Report(easel_report.Report):
    """What a case saw."""

    def __init__(self, case: str, out: Path) -> None:
        super().__init__(case, out, "krita", Krita.instance().version())

    def shot(self, widget: QWidget, name: str) -> None:
        """Takes a picture of a widget."""
        widget.grab().save(str(self.out / f"krita-{name}.png"))


class Person:
    """Uses widgets as a person does: by mouse and keyboard."""

    def click(self, widget: QWidget, button: Any = Qt.MouseButton.LeftButton) -> None:
        """Scrolls to a widget and clicks into its middle."""
        self._reveal(widget)
        assert widget.isVisible(), f"cannot be seen: {widget.accessibleName() or widget!r}"
        assert widget.isEnabled(), f"cannot be clicked: {widget.accessibleName() or widget!r}"
        QTest.mouseClick(widget, button)

    def hold(self, widget: QWidget) -> None:
        """Presses the mouse on a widget and keeps it down."""
        self._reveal(widget)
        QTest.mousePress(widget, Qt.MouseButton.LeftButton)

    def let_go(self, widget: QWidget) -> None:
        """Lets the mouse go again."""
        QTest.mouseRelease(widget, Qt.MouseButton.LeftButton)

    def press(self, widget: QWidget, key: Any, held: Any = None) -> None:
        """Presses a key in a widget."""
        if held is None:
            QTest.keyClick(widget, key)
        else:
            QTest.keyClick(widget, key, held)

    def write(self, widget: QWidget, text: str) -> None:
        """Replaces the text of a field."""
        self.click(getattr(widget, "viewport", lambda: widget)())
        widget.setFocus()
        QTest.keyClick(widget, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        QTest.keyClick(widget, Qt.Key.Key_Delete)
        if text:
            QTest.keyClicks(widget, text)

    def _reveal(self, widget: QWidget) -> None:
        parent = widget.parentWidget()
        while parent is not None:
            if hasattr(parent, "ensureWidgetVisible"):
                parent.ensureWidgetVisible(widget)
                return
            parent = parent.parentWidget()


class _Runner(QObject):
    """Runs a case."""

    def __init__(self, case: str) -> None:
        super().__init__()
        self.report = Report(case, Path(os.environ["EASEL_E2E_OUT"]))
        self._case = case
        self._steps: Any = None
        self._until: Until | None = None
        self._deadline = 0.0
        self._end = time.perf_counter() + _LIMIT

    def start(self) -> None:
        """Waits for a window, then begins."""
        if Krita.instance().activeWindow() is None:
            QTimer.singleShot(100, self.start)
            return
        Krita.instance().setBatchmode(True)
        self._later(0.3)

    def _later(self, seconds: float) -> None:
        QTimer.singleShot(round(1000 * seconds), self._step)

    def _step(self) -> None:
        try:
            if self._steps is None:
                module = importlib.import_module(f"{__package__}.case_{self._case}")
                self._steps = module.case(self.report)
            if time.perf_counter() > self._end:
                raise AssertionError(f"the case takes longer than {_LIMIT} s")
            until = self._until
            if until is not None:
                if not until.holds():
                    if time.perf_counter() > self._deadline:
                        raise AssertionError(f"waited in vain until {until.what}")
                    self._later(0.005)
                    return
                self._until = None
            wanted = next(self._steps)
            if isinstance(wanted, Until):
                self._until = wanted
                self._deadline = time.perf_counter() + wanted.seconds
                self._later(0)
            else:
                self._later(float(wanted))
        except StopIteration:
            self._finish(None)
        except BaseException:
            self._finish(traceback.format_exc())

    def _finish(self, error: str | None) -> None:
        safe = sys.modules.get("easel_krita.safe")
        if error is None and safe is not None and safe.faults:
            error = f"{safe.faults} faults of the plugin: the log has them"
        self.report.error = error
        if error is not None:
            self.report.figures["at the end"] = _situation()
            print(error, file=sys.stderr, flush=True)
            window = Krita.instance().activeWindow()
            if window is not None:
                self.report.shot(window.qwindow(), f"{self._case}-failed")
        self.report.write()
        for document in Krita.instance().documents():
            # Krita would ask whether to save it.
            document.setModified(False)
        QTimer.singleShot(0, Krita.instance().action("file_quit").trigger)


def _situation() -> Any:
    """What is so when a case fails."""
    try:
        from . import scene

        panel = scene.docker().panel
        document = Krita.instance().activeDocument()
        active = document.activeNode() if document is not None else None
        return {
            "status": panel.status,
            "run": panel.run,
            "sight": panel.sight,
            "button": panel.button,
            "layers": scene.layers(document) if document is not None else None,
            "active": active.name() if active is not None else None,
        }
    except Exception:
        return traceback.format_exc()


class _Tests(Extension):
    """Starts with Krita."""

    def __init__(self, parent: Any, case: str) -> None:
        super().__init__(parent)
        self._runner = _Runner(case)

    def setup(self) -> None:
        """Krita calls it once."""
        self._runner.start()

    def createActions(self, window: Any) -> None:
        """Krita calls it for each window."""


def begin(case: str) -> None:
    """Runs a case in this Krita."""
    # Where Krita itself crashes, its log says in which step.
    faulthandler.enable()
    krita = Krita.instance()
    krita.addExtension(_Tests(krita, case))
