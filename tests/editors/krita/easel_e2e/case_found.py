"""The second session: the layer of the recipe that was left comes once its document is open."""

from __future__ import annotations

from krita import Krita

from . import scene
from .case_left import FILE
from .case_recipes import killed
from .drive import Case, Report, Until


def case(report: Report) -> Case:
    """Opens the docker, and then the document."""
    shown = scene.open_docker()
    yield scene.listed(shown)
    yield Until("the run is known", lambda: shown.panel.waiting_runs == 1)
    chosen = shown.panel.settings.recipe
    report.check("the recipe is still chosen", chosen == "a-while", chosen)
    document = Krita.instance().openDocument(str(report.out / FILE))
    scene.show(document)
    yield Until("its layer comes", lambda: len(scene.tops(document)) == 2)
    yield scene.idle(shown)
    names = scene.layers(document)
    report.check("above its source", names == ["Background", "A while: Fixture slow"], names)
    source, placed = scene.tops(document)
    box = document.bounds()
    same = scene.pixels(placed, box) == scene.pixels(source, box)
    report.check("with its pixels", same)
    report.check("it is not waited for any more", shown.panel.settings.begun == ())
    yield from scene.undo(document)
    report.check("one undo takes it back", scene.layers(document) == ["Background"])
    yield from killed(report, document, shown)
    yield from scene.stop_daemon(shown)
