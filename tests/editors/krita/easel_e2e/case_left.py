"""The first of two sessions with a recipe: it is on its way when Krita ends."""

from __future__ import annotations

from . import scene
from .case_recipes import choose
from .drive import Case, Person, Report, Until

#: Where the next session finds the document.
FILE = "coffee.kra"


def case(report: Report) -> Case:
    """Runs one and leaves."""
    document = scene.photograph("coffee.png")
    yield 0.3
    shown = scene.open_docker()
    yield scene.listed(shown)
    yield from scene.activate(document, scene.tops(document)[0])
    yield from choose(shown, "A while")
    yield scene.ready(shown)
    Person().click(shown.run.button)
    yield Until("the daemon has it", lambda: len(shown.panel.settings.begun) == 1)
    report.check("saved", document.saveAs(str(report.out / FILE)))
    report.check("nothing has come yet", len(scene.tops(document)) == 1)
    report.check("it still runs", shown.panel.run is not None)
