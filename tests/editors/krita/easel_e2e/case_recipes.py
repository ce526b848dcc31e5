"""Recipes from the menu of the docker: what it offers, what is folded away, what arrives, and how
it looks.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from krita import Krita
from PyQt5.QtCore import QRect, Qt

from . import scene
from .case_killed import daemon_now
from .case_themes import fits, theme_action
from .drive import Case, Person, Report, Until

person = Person()


def case(report: Report) -> Case:
    """One recipe after another."""
    document = scene.photograph("astronaut.png")
    yield 0.3
    shown = scene.open_docker()
    yield scene.listed(shown)
    yield from scene.activate(document, scene.tops(document)[0])
    yield from _menu(report, shown)
    yield from _two_steps(report, document, shown)
    yield from _matrix(report, document, shown)
    yield from _repeat(report, document, shown)
    yield from _cancel(report, document, shown)
    yield from _looks(report, shown)


def choose(shown: Any, title: str) -> Case:
    """Picks an entry of the menu."""
    entries = yield from _open(shown)
    entry = next(it for it in entries if it.text().split("\t")[0] == title)
    assert entry.isEnabled(), entry.toolTip()
    entry.trigger()
    scene.open_menu().close()
    yield 0.05


def _open(shown: Any) -> Any:
    """Opens the menu, once the daemon has said what is in it."""
    heard: list[set[str]] = []
    shown.panel.listen(heard.append)
    # The menu has an event loop of its own for as long as it is open.
    shown.recipes.menu.popup(
        shown.recipes.button.mapToGlobal(shown.recipes.button.rect().topLeft())
    )
    yield Until("the recipes are listed", lambda: any("recipes" in it for it in heard))
    return scene.open_menu().actions()


def _menu(report: Report, shown: Any) -> Case:
    folder = Path(os.environ["EASEL_DATA_DIR"]) / "config" / "recipes"
    away = folder.with_name("away")
    folder.rename(away)
    entries = yield from _open(shown)
    said = " ".join(it.text() for it in entries)
    report.check("an empty menu teaches", "easel recipe new" in said and str(folder) in said, said)
    report.shot(scene.open_menu(), "recipes-empty")
    scene.open_menu().close()
    away.rename(folder)
    entries = yield from _open(shown)
    texts = {it.text().split("\t")[0]: it for it in entries}
    report.check("the first is none", entries[0].text() == "None: what is set below")
    report.check("which is chosen", entries[0].isChecked())
    note = texts["There and back"].text().split("\t")[1]
    report.check("each says what it gives", note == "2 steps · 1 picture · free", note)
    broken = texts["broken"]
    report.check("one that cannot run is dimmed", not broken.isEnabled())
    report.check("with the reason", "there is no key models" in broken.text(), broken.text())
    report.shot(scene.open_menu(), "recipes-menu")
    scene.open_menu().close()


def _two_steps(report: Report, document: Any, shown: Any) -> Case:
    source = scene.tops(document)[0]
    before, own = scene.flattened(document), scene.layers(document)
    report.check("everything is there", shown.models.isVisible() and shown.run.live.isVisible())
    yield from choose(shown, "There and back")
    for name in ("change", "keep", "models", "references", "more"):
        report.check(f"{name} is folded away", not getattr(shown, name).isVisible())
    report.check("live is too", not shown.run.live.isVisible())
    said = shown.recipes.about.whole()
    wanted = "Inverts, and inverts again. Restyle → Restyle · Invert, Fixture slow"
    report.check("a line says what it does", said == wanted, said)
    yield scene.ready(shown)
    label = shown.run.button.accessibleName()
    report.check("the button too", label == "Run recipe · 1 picture", label)
    yield from scene.transform(shown)
    names = scene.layers(document)
    report.check("one layer above", names[1:] == ["There and back: Fixture slow"], names)
    placed = scene.tops(document)[1]
    box = document.bounds()
    report.check("at its place", placed.bounds() == box, placed.bounds())
    same = scene.pixels(placed, box) == scene.pixels(source, box)
    report.check("inverted twice is the source, pixel by pixel", same)
    report.check("there is no mask without a selection", not placed.childNodes())
    yield Until("the source is active again", lambda: document.activeNode() == source)
    steps = [it.model for it in shown.panel.results[:2]]
    report.check("its steps are results", steps == ["slow", "invert"], steps)
    yield from scene.undo(document)
    report.check("one undo takes it back", scene.layers(document) == own)
    report.check("and the picture is as before", scene.flattened(document) == before)


def _matrix(report: Report, document: Any, shown: Any) -> Case:
    """Four pictures in a soft selection: one group, one undo, and no bit outside."""
    source = scene.tops(document)[0]
    own = scene.layers(document)
    scene.select_softly(document, QRect(120, 90, 220, 180), 12)
    yield Until("the selection is seen", lambda: shown.source.selection.isVisible())
    box = document.bounds()
    mask, before = scene.selected(document, box), scene.flattened(document)
    yield from choose(shown, "Two moods")
    yield scene.ready(shown)
    label = shown.run.button.accessibleName()
    report.check("the button says how many", label == "Run recipe · 4 pictures", label)
    yield from scene.transform(shown)
    yield 0.2
    names = [it for it in scene.layers(document) if "Selection" not in it]
    wanted = [
        "Background",
        "Recipe: Two moods",
        "  -night · Fixture slow",
        "  -night · Invert",
        "  -dawn · Fixture slow",
        "  dawn · Invert",
    ]
    report.check("one group, one of them seen", names == wanted, names)
    group = scene.tops(document)[1]
    masks = [[it.type() for it in node.childNodes()] for node in group.childNodes()]
    report.check("each with its mask", masks == [["transparencymask"]] * 4, masks)
    after = scene.flattened(document)
    untouched = scene.same_outside(before, after, mask, box.width(), 4)
    report.check("outside the selection no bit changed", untouched > 100_000, untouched)
    middle = QRect(200, 150, 40, 40)
    seen = scene.flattened(document, middle)
    report.check("in the middle it changed", seen == scene.inverted(scene.pixels(source, middle)))
    # Another one of the four is shown alone.
    other = next(it for it in shown.panel.results if it.artifact and it.model == "slow")
    person.click(shown.results.line(other.key))
    person.click(shown.results.tools.apply)
    yield 0.3
    seen = [it.name() for it in group.childNodes() if it.visible()]
    report.check("apply shows one and hides the rest", len(seen) == 1 and "slow" in seen[0], seen)
    report.shot(shown.scroll.widget(), "recipe-matrix")
    yield from scene.undo(document)
    report.check("one undo takes the group", scene.layers(document) == own, scene.layers(document))
    report.check("bit for bit", scene.flattened(document) == before)
    yield from scene.redo(document)
    yield from scene.undo(document)
    yield from scene.deselect(document)


def _repeat(report: Report, document: Any, shown: Any) -> Case:
    """The action of the menu runs the recipe again, and not its last step alone."""
    yield from choose(shown, "There and back")
    yield scene.ready(shown)
    count = len(shown.panel.results)
    Krita.instance().action("easel_repeat").trigger()
    yield Until("it runs", lambda: shown.panel.run is not None)
    yield scene.idle(shown)
    yield Until("both steps are listed", lambda: len(shown.panel.results) == count + 2)
    yield from scene.undo(document)


def _cancel(report: Report, document: Any, shown: Any) -> Case:
    before = scene.layers(document)
    yield from choose(shown, "A while")
    yield scene.ready(shown)
    person.click(shown.run.button)
    yield Until("one is done", lambda: shown.panel.run.stage.startswith("1 of 2 done"))
    said = shown.run.stage.whole()
    report.check("done, total and time are said", "1 of 2" in said and said.endswith("s"), said)
    report.check("the button cancels", shown.run.button.text() == "Cancel")
    report.shot(shown.scroll.widget(), "recipe-running")
    person.click(shown.run.button)
    yield scene.idle(shown, 5)
    status = shown.panel.status
    report.check("it is said", status and status.text == "Cancelled", status)
    report.check("nothing was placed", scene.layers(document) == before)
    yield from choose(shown, "None: what is set below")
    report.check("what is set is there again", shown.models.isVisible())
    label = shown.run.button.accessibleName()
    report.check("and the button", label.startswith("Transform"), label)


def _looks(report: Report, shown: Any) -> Case:
    yield from choose(shown, "Campaign moods")
    yield scene.ready(shown)
    for name in ("Krita bright", "Krita dark"):
        theme_action(name).trigger()
        for width in (320, 460):
            scene.widen(shown, width)
            yield 0.5
            what = f"recipe-{name.split()[-1]}-{width}"
            report.check(f"{what}: nothing is cut off", fits(shown), fits(shown, tell=True))
            report.shot(shown.scroll.widget(), what)
    shown.recipes.button.setFocus()
    person.press(shown.recipes.button, Qt.Key.Key_Escape)


def killed(report: Report, document: Any, shown: Any) -> Case:
    """The daemon is killed between two steps: it is started again, and goes on."""
    yield from choose(shown, "A while")
    yield scene.ready(shown)
    before, own = daemon_now(), scene.layers(document)
    person.click(shown.run.button)
    yield Until("one is done", lambda: shown.panel.run.stage.startswith("1 of 2 done"))
    os.kill(before, signal.SIGKILL)
    yield scene.idle(shown, 60)
    names = scene.layers(document)
    report.check("the layer came", len(names) == len(own) + 1, names)
    report.check("from another daemon", daemon_now() != before, daemon_now())
    report.check("nothing is complained about", shown.panel.status is None, shown.panel.status)
    steps = [it.model for it in shown.panel.results[:3]]
    report.check("nothing was done twice", steps[:2] == ["slow", "slow"], steps)
