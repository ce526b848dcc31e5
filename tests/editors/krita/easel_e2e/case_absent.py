"""No daemon runs: the docker starts one, and says so meanwhile."""

from __future__ import annotations

from . import scene
from .drive import Case, Report, Until


def case(report: Report) -> Case:
    """Nothing was started before Krita was."""
    document = scene.photograph("rocket.jpg")
    yield 0.3
    shown = scene.open_docker()
    yield from scene.activate(document, scene.tops(document)[0])
    yield Until("the daemon answers", lambda: shown.panel.connected, 40)
    yield scene.listed(shown)
    report.check("nothing is complained about", shown.panel.status is None, shown.panel.status)
    yield from scene.pick(shown, "invert")
    yield from scene.transform(shown)
    names = scene.layers(document)
    report.check("it works", names == ["Background", "Invert: restyle"], names)
    yield from scene.stop_daemon(shown)
