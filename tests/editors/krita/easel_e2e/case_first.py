"""The first of two sessions: something is made, the document is saved, Krita ends."""

from __future__ import annotations

from PyQt5.QtCore import Qt

from . import scene
from .drive import Case, Person, Report

#: Where the next session finds the document.
FILE = "chelsea.kra"
person = Person()


def case(report: Report) -> Case:
    """Makes two results and saves."""
    document = scene.photograph("chelsea.png")
    yield 0.3
    shown = scene.open_docker()
    yield scene.listed(shown)
    yield from scene.activate(document, scene.tops(document)[0])
    yield from scene.pick(shown, "local-style")
    person.press(shown.change.styles.lines()[0].combo, Qt.Key.Key_Down)
    yield from scene.transform(shown)
    yield from scene.pick(shown, "invert")
    # What the model does not know is not asked of it.
    yield from scene.transform(shown)
    report.check("two results", len(shown.panel.results) == 2, len(shown.panel.results))
    report.check("saved", document.saveAs(str(report.out / FILE)))
    report.figures["layers"] = scene.layers(document)
    # What was set is written a moment later.
    yield 1.3
