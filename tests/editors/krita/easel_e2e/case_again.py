"""The second session: the history is there, and what it says can be run, copied and applied."""

from __future__ import annotations

from krita import Krita

from . import scene
from .case_first import FILE
from .drive import Case, Person, Report, Until

person = Person()


def case(report: Report) -> Case:
    """Opens what the first session saved."""
    document = Krita.instance().openDocument(str(report.out / FILE))
    scene.show(document)
    yield 0.3
    shown = scene.open_docker()
    yield Until("the history is there", lambda: len(shown.panel.results) == 2)
    labels = [it.model_label for it in shown.panel.results]
    report.check("newest first", labels == ["Invert", "Painting styles (local)"], labels)
    models = shown.panel.settings.models
    report.check("the settings are there", models == ("invert",), models)
    yield 0.6
    report.shot(shown.scroll.widget(), "history")

    # Its layers are found again, by what the document keeps.
    before = scene.layers(document)
    invert, style = shown.panel.results
    person.click(shown.results.line(style.key))
    person.click(shown.results.tools.apply)
    yield 0.3
    status = shown.panel.status
    report.check("apply shows the layer that is there", scene.layers(document) == before)
    report.check("and says so", status and "Shows" in status.text, status)

    # Copy settings, from the menu.
    _menu(shown, style.key, "Copy settings")
    settings = shown.panel.settings
    report.check("settings are copied", settings.models == ("local-style",), settings.models)
    report.check("styles too", len(settings.styles) == 1, settings.styles)

    # Re-run: the same again, without reading the layer.
    _menu(shown, invert.key, "Re-run")
    yield Until("it runs", lambda: shown.panel.run is not None)
    yield scene.idle(shown)
    names = scene.layers(document)
    report.check("the re-run came as a layer", len(names) == len(before) + 1, names)
    source = next(it for it in scene.tops(document) if it.name() == "Background")
    placed = scene.tops(document)[1]
    box = document.bounds()
    wanted = scene.inverted(scene.pixels(source, box))
    report.check("at its place, pixel by pixel", scene.pixels(placed, box) == wanted)
    report.check("three results now", len(shown.panel.results) == 3)


def _menu(shown: object, key: str, entry: str) -> None:
    """Opens the menu of a result and picks an entry."""
    person.click(shown.results.line(key))
    shown.results.tools.menu(shown.mapToGlobal(shown.rect().center()))
    menu = scene.open_menu()
    action = next(it for it in menu.actions() if it.text() == entry)
    action.trigger()
    menu.close()
