"""An artist's afternoon on a photograph: the whole layer, a soft selection, a layer in a group,
several models, references, cancelling, going on from a result, live mode, and what cannot be sent.
"""

from __future__ import annotations

from krita import Krita, Selection
from PyQt5.QtCore import QRect, Qt

from . import scene
from .drive import Case, Person, Report, Until

person = Person()


def case(report: Report) -> Case:
    """All of it, in one Krita."""
    document = scene.photograph("astronaut.png")
    yield 0.3
    shown = scene.open_docker()
    yield scene.listed(shown)
    yield from _whole_layer(report, document, shown)
    yield from _selection(report, document, shown)
    yield from _group(report, document, shown)
    yield from _compare(report, document, shown)
    yield from _repeat(report, document, shown)
    yield from _iterate(report, document, shown)
    yield from _references(report, document, shown)
    yield from _cancel(report, document, shown)
    yield from _preview(report, document, shown)
    yield from _live(report, document, shown)
    yield from _enlarge(report, document, shown)
    yield from _switch(report, document, shown)
    yield from _problems(report, document, shown)


def _whole_layer(report: Report, document: object, shown: object) -> Case:
    source = scene.tops(document)[0]
    yield from scene.activate(document, source)
    # The user's own last step, which must stay the last one after ours was taken back.
    Krita.instance().action("duplicatelayer").trigger()
    yield 0.3
    yield from scene.activate(document, source)
    own = scene.layers(document)
    before = scene.flattened(document)
    yield from scene.pick(shown, "invert")
    yield from scene.transform(shown)
    names = scene.layers(document)
    report.check("a layer is right above its source", names[1:2] == ["Invert: restyle"], names)
    placed = source.parentNode().childNodes()[1]
    box = document.bounds()
    report.check("it lies exactly where the source lies", placed.bounds() == box, placed.bounds())
    wanted = scene.inverted(scene.pixels(source, box))
    report.check("every pixel is what the model made", scene.pixels(placed, box) == wanted)
    report.check("there is no mask without a selection", not placed.childNodes())
    yield 0.3
    active = document.activeNode().name()
    report.check("the source is still active", document.activeNode() == source, active)

    yield from scene.undo(document)
    report.check("one undo takes it back", scene.layers(document) == own, scene.layers(document))
    report.check("and the picture is as before", scene.flattened(document) == before)
    yield from scene.redo(document)
    report.check("redo brings it back", scene.layers(document) == names, scene.layers(document))
    yield from scene.undo(document)
    yield from scene.undo(document)
    report.check("the undo before is one's own", len(scene.layers(document)) == len(own) - 1)


def _selection(report: Report, document: object, shown: object) -> Case:
    source = scene.tops(document)[0]
    yield from scene.activate(document, source)
    scene.select_softly(document, QRect(120, 90, 220, 180), 12)
    yield Until("the selection is seen", lambda: shown.source.selection.isVisible())
    said = shown.source.selection.text()
    report.check("the docker says how large it is", "×" in said, said)
    box = document.bounds()
    mask = scene.selected(document, box)
    before = scene.flattened(document)
    yield from scene.transform(shown)
    yield 0.2
    after = scene.flattened(document)
    untouched = scene.same_outside(before, after, mask, box.width(), 4)
    report.check("outside the selection no bit changed", untouched > 100_000, untouched)
    share = scene.changed_inside(before, after, mask, 4)
    report.check("inside it changed", share > 0.95, share)
    placed = source.parentNode().childNodes()[1]
    kinds = [it.type() for it in placed.childNodes()]
    report.check("the selection is its mask", kinds == ["transparencymask"], kinds)
    middle = QRect(200, 150, 40, 40)
    report.check(
        "in the middle it is what the model made",
        scene.flattened(document, middle) == scene.inverted(scene.pixels(source, middle)),
    )
    report.shot(shown, "selection")
    yield from scene.undo(document)
    report.check("one undo takes layer and mask", scene.flattened(document) == before)
    report.check("layers are as before", len(scene.layers(document)) == 1, scene.layers(document))
    yield from scene.redo(document)
    report.check("redo brings both", scene.flattened(document) == after)
    yield from scene.undo(document)
    yield from scene.deselect(document)


def _group(report: Report, document: object, shown: object) -> Case:
    """A layer that reaches beyond the canvas, in a group."""
    photograph = scene.pixels(scene.tops(document)[0], QRect(0, 0, 300, 200))
    group = document.createGroupLayer("Group")
    document.rootNode().addChildNode(group, None)
    layer = scene.add_layer(document, "Part", group)
    box = QRect(-60, 380, 300, 200)
    scene.paint(layer, photograph, box)
    document.refreshProjection()
    yield from scene.activate(document, layer)
    yield from scene.transform(shown)
    names = [it.name() for it in group.childNodes()]
    report.check("it is in the group, above", names == ["Part", "Invert: restyle"], names)
    placed = group.childNodes()[1]
    report.check("at the same offset", placed.bounds() == box, placed.bounds())
    report.check("with the pixels", scene.pixels(placed, box) == scene.inverted(photograph))
    yield from scene.undo(document)

    # The group as a whole is a source too.
    yield from scene.activate(document, group)
    yield Until("the group is the source", lambda: shown.source.title.whole() == "Group")
    yield from scene.transform(shown)
    names = scene.layers(document)
    report.check("a group's result is above it", names[-1] == "Invert: restyle", names)
    yield from scene.undo(document)
    # Everything that is visible.
    shown.source.area.setFocus()
    person.press(shown.source.area, Qt.Key.Key_Down)
    shown.source.area.activated.emit(shown.source.area.currentIndex())
    report.check("the area is chosen", shown.panel.settings.area == "visible")
    yield from scene.transform(shown)
    placed = scene.tops(document)[-1]
    report.check("it covers the canvas", placed.bounds() == document.bounds(), placed.bounds())
    yield from scene.undo(document)
    shown.panel.set(area="layer")
    group.remove()
    yield from scene.activate(document, scene.tops(document)[0])


def _compare(report: Report, document: object, shown: object) -> Case:
    """Three models from one click, of which one fails."""
    before = scene.layers(document)
    yield from scene.pick(shown, "invert", "local-style", "error-text")
    style = shown.change.styles.lines()[0].combo
    person.press(style, Qt.Key.Key_Down)
    report.check("a style is chosen", len(shown.panel.settings.styles) == 1)
    yield scene.ready(shown)
    said = shown.run.button.text().replace("&", "")
    report.check("the button says how many", said.startswith("Transform · 3 models"), said)
    yield from scene.transform(shown)
    names = scene.layers(document)
    report.figures["comparison"] = names
    report.check("they are one group", names[1].startswith("Compare:"), names)
    report.check("with two layers", len(names) == len(before) + 3, names)
    report.check("one is seen", names[2].strip().startswith("-"), names)
    top = next(it for it in names if "Invert" in it)
    report.check("labelled with model, time, cost", " · " in top and "free" in top, top)
    status = shown.panel.status
    report.check("the failure is said", status and "Fixture error-text" in status.text, status)
    report.shot(shown.scroll.widget(), "compare")
    failed = next(it for it in shown.panel.results if it.failure is not None)
    report.check("and listed", failed.state == "failed", failed.failure)
    group = scene.tops(document)[1]
    aligned = all(it.bounds() == document.bounds() for it in group.childNodes())
    report.check("they are aligned", aligned)

    # Choosing one shows it and hides the other.
    hidden = next(it for it in shown.panel.results[:3] if "Painting" in it.model_label)
    line = shown.results.line(hidden.key)
    person.click(line)
    yield 0.1
    report.check("the actions lie below it", shown.results.tools.isVisible())
    person.click(shown.results.tools.apply)
    yield 0.3
    seen = {it.name().split(":")[0]: it.visible() for it in group.childNodes()}
    report.check("the chosen one is seen alone", sorted(seen.values()) == [False, True], seen)
    report.check("it is the chosen one", seen["Painting styles (local)"], seen)
    # Held, Compare shows the source.
    person.hold(shown.results.tools.compare)
    yield 0.2
    seen = any(it.visible() for it in group.childNodes())
    report.check("the source is seen while it is held", not seen)
    person.let_go(shown.results.tools.compare)
    yield 0.2
    seen = any(it.visible() for it in group.childNodes())
    report.check("and the result again", seen)
    person.press(line, Qt.Key.Key_1)
    yield 0.1
    report.check("a digit chooses", shown.results.chosen == shown.panel.results[0].key)
    person.press(shown.results.line(shown.results.chosen), Qt.Key.Key_Down)
    yield 0.1
    report.check("an arrow too", shown.results.chosen == shown.panel.results[1].key)
    count = len(shown.panel.results)
    yield from scene.undo(document)
    report.check("one undo takes the group", scene.layers(document) == before)

    # What was undone can be applied again, and discarded.
    person.click(shown.results.line(hidden.key))
    person.press(shown.results.line(hidden.key), Qt.Key.Key_Return)
    yield Until("it is there again", lambda: len(scene.layers(document)) == len(before) + 1)
    yield scene.idle(shown)
    yield from scene.undo(document)
    person.click(shown.results.line(hidden.key))
    person.click(shown.results.tools.discard)
    yield Until("it is discarded", lambda: len(shown.panel.results) == count - 1)
    person.click(shown.results.back)
    yield Until("it is brought back", lambda: len(shown.panel.results) == count)
    # Qt shows a new line a turn later.
    yield Until("and seen", lambda: shown.results.line(hidden.key).isVisible())
    report.check("nothing is left to bring back", not shown.results.back.isVisible())
    person.click(shown.results.line(hidden.key))
    person.click(shown.results.tools.discard)
    yield Until("and discarded again", lambda: len(shown.panel.results) == count - 1)


def _repeat(report: Report, document: object, shown: object) -> Case:
    """The actions of the menu: transform, and the last one once more with its settings."""
    yield from scene.pick(shown, "invert")
    yield scene.ready(shown)
    Krita.instance().action("easel_transform").trigger()
    yield Until("the action runs it", lambda: shown.panel.run is not None)
    yield scene.idle(shown)
    yield from scene.pick(shown, "slow")
    count = len(shown.panel.results)
    Krita.instance().action("easel_repeat").trigger()
    yield Until("the last one runs again", lambda: shown.panel.run is not None)
    yield scene.idle(shown)
    yield Until("it is listed", lambda: len(shown.panel.results) == count + 1)
    model = shown.panel.results[0].model
    report.check("with its own settings", model == "invert", model)
    yield from scene.undo(document)
    yield from scene.undo(document)


def _iterate(report: Report, document: object, shown: object) -> Case:
    yield from scene.pick(shown, "invert")
    source = scene.tops(document)[0]
    made = next(it for it in shown.panel.results if it.model == "invert" and it.artifact)
    person.click(shown.results.line(made.key))
    person.click(shown.results.tools.iterate)
    yield 0.1
    title = shown.source.title.whole()
    report.check("the docker says so", title == "Iterates from Invert", title)
    yield from scene.transform(shown)
    placed = scene.tops(document)[1]
    box = document.bounds()
    report.check(
        "twice inverted is the source",
        scene.pixels(placed, box) == scene.pixels(source, box),
    )
    report.check("it knows where it comes from", shown.panel.results[0].ask.get("parent"))
    person.click(shown.source.back)
    yield 0.1
    report.check("and back to the layer", shown.panel.parent is None)
    yield from scene.undo(document)
    yield from scene.activate(document, source)


def _references(report: Report, document: object, shown: object) -> Case:
    """A layer, a file, and a set that the daemon keeps."""
    yield from scene.pick(shown, "local-style-reference")
    yield Until("references are offered", lambda: shown.references.isVisible())
    report.check("one is needed", not shown.panel.button.enabled, shown.panel.button.reason)
    shown.references.menu.aboutToShow.emit()
    entries = shown.references.menu.actions()
    layers = entries[0].menu().actions()
    report.check("layers are offered", [it.text() for it in layers] == ["Background"])
    layers[0].trigger()
    yield Until("the layer is there", lambda: len(shown.panel.settings.references) == 1)
    shown.references.add_files([str(scene.DATA / "coffee.png")])
    yield Until("the file is there", lambda: len(shown.panel.settings.references) == 2)
    person.click(shown.references.save)
    person.write(shown.references.name, "Warm")
    person.press(shown.references.name, Qt.Key.Key_Return)
    yield Until("the set is kept", lambda: [it["name"] for it in shown.panel.sets] == ["Warm"])
    pictures = shown.references.pictures()
    report.check("both are shown", len(pictures) == 2)
    person.press(pictures[0], Qt.Key.Key_Right)
    yield 0.1
    first = shown.panel.settings.references[0].title
    report.check("they can be ordered", first == "coffee.png", first)
    person.press(shown.references.pictures()[1], Qt.Key.Key_Delete)
    yield 0.1
    report.check("and taken out", len(shown.panel.settings.references) == 1)
    yield 0.4
    report.shot(shown.scroll.widget(), "references")
    yield from scene.transform(shown)
    made = shown.panel.results[0]
    report.check("the ask has it", len(made.ask.get("references", [])) == 1)
    yield from scene.undo(document)
    shown.references.menu.aboutToShow.emit()
    kept = [it for it in shown.references.menu.actions() if it.text().startswith("Set Warm")]
    kept[0].trigger()
    yield 0.1
    report.check("the set comes back", len(shown.panel.settings.references) == 2)
    shown.panel.set(references=())
    yield 0.1


def _cancel(report: Report, document: object, shown: object) -> Case:
    yield from scene.pick(shown, "slow")
    before = scene.layers(document)
    shown.change.prompt.setFocus()
    person.write(shown.change.prompt, "take your time")
    report.check("the text is set", shown.panel.settings.prompt == "take your time")
    yield scene.ready(shown)
    person.press(shown.change.prompt, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    yield Until("Ctrl+Return began it", lambda: shown.panel.run is not None)
    yield Until("there is progress", lambda: (shown.panel.run.fraction or 0) > 0.2)
    said = shown.run.stage.whole()
    report.check("stage and time are said", "Waiting" in said and said.endswith("s"), said)
    report.check("the button cancels", shown.run.button.text() == "Cancel")
    report.shot(shown.scroll.widget(), "running")
    person.click(shown.run.button)
    yield scene.idle(shown, 5)
    report.check("nothing was placed", scene.layers(document) == before)
    yield Until("it is listed", lambda: shown.panel.results[0].state == "cancelled")
    yield scene.ready(shown)
    person.click(shown.run.button)
    yield Until("it runs", lambda: shown.panel.run and (shown.panel.run.fraction or 0) > 0.1)
    shown.change.prompt.setFocus()
    person.press(shown.change.prompt, Qt.Key.Key_Escape)
    yield scene.idle(shown, 5)
    report.check("Escape cancels too", scene.layers(document) == before)
    person.write(shown.change.prompt, "")


def _preview(report: Report, document: object, shown: object) -> Case:
    yield from scene.pick(shown, "previewer")
    shown.panel.set(params={"milliseconds": 600})
    before = scene.layers(document)
    report.check("nothing is shown before", not shown.run.preview.isVisible())
    yield scene.ready(shown)
    person.click(shown.run.button)
    yield Until(
        "a picture is shown meanwhile",
        lambda: shown.panel.run.preview is not None and shown.run.preview.isVisible(),
    )
    report.shot(shown.scroll.widget(), "preview")
    yield scene.idle(shown)
    report.check("and goes again", not shown.run.preview.isVisible())
    after = scene.layers(document)
    report.check("the layer comes", len(after) == len(before) + 1, after)
    yield from scene.undo(document)
    report.check("one undo takes it back", scene.layers(document) == before)
    shown.panel.set(params={})


def _live(report: Report, document: object, shown: object) -> Case:
    source = scene.tops(document)[0]
    yield from scene.activate(document, source)
    yield from scene.pick(shown, "invert")
    yield scene.ready(shown)
    before = scene.layers(document)
    box = QRect(10, 10, 40, 40)
    person.click(shown.run.live)
    yield Until("it runs by itself", lambda: len(scene.layers(document)) == len(before) + 1)
    yield scene.idle(shown)
    placed = scene.tops(document)[1]
    own = scene.pixels(source, box)
    scene.paint(source, bytes([10, 20, 200, 255]) * (40 * 40), box)
    document.refreshProjection()
    wanted = bytes([245, 235, 55, 255]) * (40 * 40)
    yield Until("it follows", lambda: scene.pixels(placed, box) == wanted, 10)
    yield scene.idle(shown)
    names = scene.layers(document)
    report.check("there is still one", len(names) == len(before) + 1, names)
    report.check("and it is seen", scene.flattened(document, box) == wanted)
    person.click(shown.run.live)
    yield from scene.undo(document)
    report.check("one undo takes it", scene.layers(document) == before, scene.layers(document))
    scene.paint(source, own, box)
    document.refreshProjection()


def _enlarge(report: Report, document: object, shown: object) -> Case:
    """A result that is larger than its source lies at the same corner."""
    source = scene.tops(document)[0]
    layer = scene.add_layer(document, "Small")
    box = QRect(30, 40, 64, 48)
    scene.paint(layer, scene.pixels(source, box), box)
    document.refreshProjection()
    yield from scene.activate(document, layer)
    person.click(shown.change.intent("enhance"))
    yield from scene.pick(shown, "local-enhance")
    shown.more.open(True)
    yield Until("it can enlarge", lambda: shown.more.scale.isVisible())
    shown.more.scale.setFocus()
    person.press(shown.more.scale, Qt.Key.Key_Down)
    report.check("twice as large", shown.panel.settings.scale == 2, shown.panel.settings.scale)
    yield from scene.transform(shown)
    placed = scene.tops(document)[2]
    wanted = QRect(30, 40, 128, 96)
    report.check("it is, at the same corner", placed.bounds() == wanted, placed.bounds())
    yield from scene.undo(document)
    layer.remove()
    shown.more.open(False)
    person.click(shown.change.intent("restyle"))
    yield 0.1


def _switch(report: Report, document: object, shown: object) -> Case:
    """Somebody goes on with another picture: the result finds its own."""
    source = scene.tops(document)[0]
    yield from scene.activate(document, source)
    before = len(scene.tops(document))
    yield from scene.pick(shown, "slow")
    yield scene.ready(shown)
    person.click(shown.run.button)
    yield Until("it runs", lambda: shown.panel.run and (shown.panel.run.fraction or 0) > 0.1)
    other = scene.photograph("rocket.jpg")
    yield 0.2
    report.check("another is active", Krita.instance().activeDocument() == other)
    yield scene.idle(shown)
    names = scene.layers(document)
    report.check(
        "the result is in its own document", len(scene.tops(document)) == before + 1, names
    )
    report.check("the other one is untouched", len(scene.tops(other)) == 1)
    # And one whose document was closed says so, and stays in the list.
    yield from scene.activate(other, scene.tops(other)[0])
    yield Until("the other one is the source", lambda: shown.panel.sight.width == 640)
    yield scene.ready(shown)
    person.click(shown.run.button)
    yield Until("it runs", lambda: shown.panel.run and (shown.panel.run.fraction or 0) > 0.1)
    other.setModified(False)
    other.close()
    yield scene.idle(shown)
    status = shown.panel.status
    report.check("that is said", status and "not open" in status.text, status)
    report.check("the result is listed", shown.panel.results[0].artifact is not None)
    Krita.instance().setActiveDocument(document)
    yield 0.3


def _problems(report: Report, document: object, shown: object) -> Case:
    """What cannot be sent is said before anything is."""

    def said(part: str) -> Until:
        return Until(
            f"`{part}` is said",
            lambda: part in shown.source.warning.whole() and not shown.run.button.isEnabled(),
        )

    sent = len(shown.panel.results)
    empty = scene.add_layer(document, "Nothing")
    yield from scene.activate(document, empty)
    yield said("layer is empty")
    empty.remove()
    source = scene.tops(document)[0]
    yield from scene.activate(document, source)
    document.setSelection(Selection())
    yield said("selection is empty")
    yield from scene.deselect(document)
    group = document.createGroupLayer("Closed")
    document.rootNode().addChildNode(group, None)
    inside = scene.add_layer(document, "Inside", group)
    scene.paint(inside, bytes(400), QRect(0, 0, 10, 10))
    scene.paint(inside, bytes([1, 2, 3, 255] * 100), QRect(0, 0, 10, 10))
    group.setLocked(True)
    yield from scene.activate(document, inside)
    yield said("is locked")
    far = Selection()
    far.select(400, 400, 20, 20, 255)
    group.setLocked(False)
    document.setSelection(far)
    yield said("does not touch the layer")
    yield from scene.deselect(document)
    inks = Krita.instance().createDocument(40, 30, "inks", "CMYKA", "U8", "", 72.0)
    scene.show(inks)
    yield said("CMYK")
    report.shot(shown, "cmyk")
    report.check("nothing was sent", len(shown.panel.results) == sent)
    inks.setModified(False)
    inks.close()
    yield 0.2
