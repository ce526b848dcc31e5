"""From the click to the layer for 4096×4096 pixels with a model that takes no time, measured
inside, and whether the plug-in's own loop stays alive meanwhile.
"""

from __future__ import annotations

import os
import time
from typing import Any

from easel.flows import Session
from easel.panel import Panel, Settings
from easel_gimp import loop, pixels, place
from easel_gimp.editor import GimpEditor
from gi.repository import Gimp, GLib

from . import scene
from .report import Report

_SIDE = 4096
_BEAT_MS = 20
#: While GIMP gives or takes no pixels, a beat may be late by this share of the whole: who waits for the model in the
#: loop is late by nearly all of it. (How late it is in seconds depends on what else the machine does; see the figures.)
_LATE = 0.4


class Watch:
    """Beats every 20 ms, and notes what a function takes of that."""

    def __init__(self) -> None:
        self.gaps: list[tuple[float, float]] = []
        self.busy: dict[str, list[tuple[float, float]]] = {}
        self._last = time.perf_counter()
        self._timer = GLib.timeout_add(_BEAT_MS, self._beat)

    def _beat(self) -> bool:
        now = time.perf_counter()
        self.gaps.append((self._last, now))
        self._last = now
        return GLib.SOURCE_CONTINUE

    def clear(self) -> None:
        """Begins anew."""
        self.gaps, self._last = [], time.perf_counter()
        for spans in self.busy.values():
            spans.clear()

    def time(self, holder: Any, name: str) -> None:
        """Notes when a function runs."""
        function, spans = getattr(holder, name), self.busy.setdefault(name, [])

        def timed(*given: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*given, **named)
            finally:
                spans.append((began, time.perf_counter()))

        setattr(holder, name, timed)

    def taken(self, name: str) -> float:
        """How long a function ran."""
        return sum(end - begin for begin, end in self.busy[name])

    def worst(self) -> tuple[float, float]:
        """The longest gap, and the longest that is not GIMP's reading or writing of pixels."""
        spans = [span for found in self.busy.values() for span in found]
        free = [
            end - begin
            for begin, end in self.gaps
            if not any(begin < stop and start < end for start, stop in spans)
        ]
        return max((end - begin for begin, end in self.gaps), default=0.0), max(free, default=0.0)


def case(report: Report) -> None:
    """Three times, each with other pixels: what was sent before is not sent again."""
    image = Gimp.Image.new(_SIDE, _SIDE, Gimp.ImageBaseType.RGB)
    layer = Gimp.Layer.new(
        image, "noise", _SIDE, _SIDE, Gimp.ImageType.RGBA_IMAGE, 100, Gimp.LayerMode.NORMAL
    )
    image.insert_layer(layer, None, 0)
    watch = Watch()
    watch.time(pixels, "read")
    watch.time(pixels, "write")
    watch.time(place, "place")
    session = Session()
    panel = Panel(GimpEditor(image), loop.driver(session), session, Settings(models=("invert",)))
    panel.open()
    _turn_until(report, "the models are listed", lambda: panel.connected)
    taken = []
    for number in range(3):
        part = bytearray(os.urandom(1 << 20))
        part[3::4] = b"\xff" * (len(part) // 4)
        scene.fill(layer, bytes(part) * (_SIDE * _SIDE * 4 >> 20), scene.U8)
        panel.refresh()
        watch.clear()
        before = len(image.get_layers())
        began = time.perf_counter()
        panel.transform()
        _turn_until(report, "the layer is there", lambda: panel.run is None)
        seconds = time.perf_counter() - began
        report.check("a layer came", len(image.get_layers()) == before + 1, panel.status)
        made = image.get_layers()[0]
        wanted = scene.inverted(bytes(part))[: 4 * _SIDE]
        got = scene.pixels(made, width=_SIDE, height=1)
        report.check("with the model's pixels", got == wanted)
        worst, free = watch.worst()
        taken.append(seconds)
        report.figures[f"{number + 1}: from click to layer, in seconds"] = round(seconds, 3)
        report.figures[f"{number + 1}: of that reading"] = round(watch.taken("read"), 3)
        report.figures[f"{number + 1}: of that writing and placing"] = round(
            watch.taken("place"), 3
        )
        report.figures[f"{number + 1}: longest pause of the loop"] = round(worst, 3)
        report.figures[f"{number + 1}: longest pause apart from pixels"] = round(free, 3)
        report.check("the loop stays alive", free < _LATE * seconds, (free, seconds))
        image.remove_layer(made)
    report.figures["the best of three, in seconds"] = round(min(taken), 3)
    panel.close()
    scene.end(image)


def _turn_until(report: Report, what: str, holds: Any) -> None:
    context = GLib.MainContext.default()

    def turned() -> Any:
        deadline = time.monotonic() + 0.5
        while not holds() and time.monotonic() < deadline:
            context.iteration(True)
        return holds()

    report.until(what, turned)
