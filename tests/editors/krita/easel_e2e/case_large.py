"""A layer of 4096×4096 pixels: from the click to the layer, and whether Krita stays alive
meanwhile.
"""

from __future__ import annotations

import time
from typing import Any

from krita import Krita
from PyQt5.QtCore import QRect

from . import scene
from .drive import Case, Heartbeat, Person, Report, Until

_SIDE = 4096
person = Person()


def case(report: Report) -> Case:
    """Three times, the last with a selection."""
    # The window takes its size before there is much to draw: Krita 5.2 waits for itself for ever
    # when its canvas changes its size while it shows progress.
    shown = scene.open_docker()
    yield 1.0
    document = Krita.instance().createDocument(_SIDE, _SIDE, "large", "RGBA", "U8", "", 72.0)
    scene.show(document)
    yield 1.0
    source = scene.tops(document)[0]
    scene.paint(source, _picture(), document.bounds())
    document.refreshProjection()
    yield 1.0
    yield scene.listed(shown)
    yield from scene.activate(document, source)
    yield from scene.pick(shown, "invert")
    yield 1.5
    beat = Heartbeat()
    beat.clear()
    yield 1.0
    report.figures["idle: longest gaps (ms)"] = beat.gaps()
    report.figures["krita's own calls (s)"] = _own(document, source)
    yield 0.5
    for run in range(4):
        # Other bits each time: what is known already is not sent again.
        scene.paint(source, bytes([run, 0, 0, 255]), QRect(0, 0, 1, 1))
        yield 0.7
        yield from _timed(report, document, shown, beat, f"run {run + 1}")
    scene.select_softly(document, QRect(512, 512, 3000, 3000), 30)
    yield 1.0
    yield from _timed(report, document, shown, beat, "with a selection")
    yield from scene.deselect(document)
    yield from _two(report, document, shown, beat)
    times = [report.figures[f"run {run}"]["click to layer (s)"] for run in range(1, 5)]
    report.figures["best click to layer (s)"] = min(times)


def _timed(report: Report, document: Any, shown: Any, beat: Heartbeat, name: str) -> Case:
    yield scene.ready(shown)
    seen: dict[str, float] = {}
    beat.clear()
    began = time.perf_counter()

    def note(topics: set[str]) -> None:
        run = shown.panel.run
        if run is not None:
            seen.setdefault(run.stage.lower(), round(time.perf_counter() - began, 3))

    shown.panel.listen(note)
    person.click(shown.run.button)
    seen["read and begun"] = round(time.perf_counter() - began, 3)
    yield Until("the layer is there", lambda: len(scene.tops(document)) == 2, 60)
    whole = time.perf_counter() - began
    yield scene.idle(shown)
    yield 0.5
    report.figures[name] = {
        "click to layer (s)": round(whole, 3),
        "stages began at (s)": seen,
        "longest gaps (ms)": beat.gaps(),
    }
    placed = scene.tops(document)[1]
    spot = QRect(1000, 2000, 64, 64)
    wanted = scene.inverted(scene.pixels(scene.tops(document)[0], spot))
    report.check(f"{name}: it is right", scene.pixels(placed, spot) == wanted)
    report.check(f"{name}: and seen", scene.flattened(document, spot) == wanted)
    yield from scene.undo(document)


def _two(report: Report, document: Any, shown: Any, beat: Heartbeat) -> Case:
    """Two models at once: a group, and choosing the other one of it."""
    yield from scene.pick(shown, "invert", "slow")
    shown.panel.set(params={"milliseconds": 0})
    yield 0.7
    yield scene.ready(shown)
    beat.clear()
    began = time.perf_counter()
    person.click(shown.run.button)
    yield Until("the group is there", lambda: len(scene.tops(document)) == 2, 60)
    whole = time.perf_counter() - began
    yield scene.idle(shown)
    yield 0.5
    figures: dict[str, Any] = {"click to group (s)": round(whole, 3)}
    figures["longest gaps (ms)"] = beat.gaps()
    beat.clear()
    person.click(shown.results.line(shown.panel.results[1].key))
    person.click(shown.results.tools.apply)
    yield 0.5
    figures["longest gaps of choosing (ms)"] = beat.gaps()
    report.figures["two models"] = figures
    kinds = [it.visible() for it in scene.tops(document)[1].childNodes()]
    report.check("one of two is seen", sorted(kinds) == [False, True], kinds)
    yield from scene.undo(document)


def _own(document: Any, source: Any) -> dict[str, float]:
    """What Krita's own calls take, which nobody can shorten."""
    taken: dict[str, float] = {}

    def took(what: str, call: Any) -> Any:
        began = time.perf_counter()
        result = call()
        taken[what] = round(time.perf_counter() - began, 3)
        return result

    content = took("read a layer", lambda: source.pixelData(0, 0, _SIDE, _SIDE))
    node = document.createNode("x", "paintlayer")
    took("write a layer", lambda: node.setPixelData(content, 0, 0, _SIDE, _SIDE))
    took("refresh", document.refreshProjection)
    return taken


def _picture() -> bytes:
    """A photograph, over and over."""
    taken = Krita.instance().openDocument(str(scene.DATA / "astronaut.png"))
    rows = scene.pixels(scene.tops(taken)[0], QRect(0, 0, 512, 512))
    taken.close()
    across = b"".join(rows[y * 2048 : (y + 1) * 2048] * 8 for y in range(512))
    return across * 8
