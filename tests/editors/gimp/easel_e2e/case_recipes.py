"""Recipes through the procedure for scripts: pixels, masks, places, names and groups, and what is
refused.
"""

from __future__ import annotations

import json

from easel_gimp import document
from easel_gimp.editor import GimpEditor
from gi.repository import Gimp

from . import scene
from .report import Report

_MOODS = ["dawn · Invert", "dawn · Fixture slow", "night · Invert", "night · Fixture slow"]


def case(report: Report) -> None:
    """One image after another."""
    _two_steps(report)
    _matrix(report)
    _refused(report)


def _two_steps(report: Report) -> None:
    image, layer = scene.photograph("astronaut.png")
    layer.set_offsets(-20, 30)
    source = scene.pixels(layer)
    answer = scene.call("run-recipe", image, layer, recipe="there-and-back")
    made = answer.layer
    report.check("a layer comes back", answer.error is None and made is not None, answer.error)
    report.figures["two steps of 512², in seconds"] = round(answer.seconds, 3)
    report.check("inverted twice is the source", scene.pixels(made) == source)
    report.check("it lies right above", image.get_layers() == [made, layer], scene.names(image))
    report.check("at its place", scene.offsets(made) == (-20, 30), scene.offsets(made))
    name = made.get_name()
    report.check("it is named after the recipe", name == "There and back: Fixture slow", name)
    report.check("there is no mask without a selection", made.get_mask() is None)
    report.check("the source stays selected", image.get_selected_layers() == [layer])
    content = json.loads(bytes(made.get_parasite("easel").get_data()))
    known = {"artifact", "job", "transform", "run"}
    report.check("it says where it comes from", set(content) == known, content)
    scene.end(image)


def _matrix(report: Report) -> None:
    image, layer = scene.photograph("chelsea.png")
    image.select_ellipse(Gimp.ChannelOps.REPLACE, 90, 60, 180, 140)
    Gimp.Selection.feather(image, 24)
    mask, before = scene.selection(image), scene.flattened(image)
    answer = scene.call("run-recipe", image, layer, recipe="two-moods")
    group = answer.layer
    report.check("several are a group", group is not None and group.is_group(), answer.error)
    report.check("named after the recipe", group.get_name() == "Recipe: Two moods")
    children = group.get_children()
    names = [it.get_name() for it in children]
    report.check("each after its values and its model", names == _MOODS, names)
    seen = [it.get_visible() for it in children]
    report.check("one is visible", seen == [True, False, False, False], seen)
    made = children[0]
    x, y = scene.offsets(made)
    width, height = made.get_width(), made.get_height()
    part = scene.cut(mask, image.get_width(), x, y, width, height, 1)
    wanted = part.translate(bytes([0] + [255] * 255))
    values = [scene.pixels(it.get_mask(), "Y u8") for it in children]
    report.check("the selection is the mask of each", values == [wanted] * 4)
    after = scene.flattened(image)
    size = len(before) // len(mask)
    outside = scene.differing(before, after, mask, size, inside=False)
    report.check("outside not one bit changes", outside == 0, outside)
    inside = scene.differing(before, after, mask, size, inside=True)
    report.check("inside it does", inside > 0.9 * sum(1 for it in mask if it), inside)
    # Each is of a transform of its own, and they belong together all the same.
    other = document.made_of(children[2])
    assert other is not None
    editor = GimpEditor(image)
    origin = editor.read("layer", False).sight.origin
    report.check("another one is found", editor.choose(other.artifact, origin))
    seen = [it.get_visible() for it in children]
    report.check("and shown alone", seen == [False, False, True, False], seen)
    unused = scene.call("run-recipe", image, layer, recipe="there-and-back", use_selection=False)
    report.check("the selection can be left aside", unused.layer.get_mask() is None, unused.error)
    scene.end(image)


def _refused(report: Report) -> None:
    image, layer = scene.photograph("chelsea.png")
    for what, recipe, words in (
        ("one that cannot run", "broken", "there is no key"),
        ("one that is not there", "nowhere", "nowhere"),
        ("no name", " ", "no recipe is named"),
    ):
        error = scene.call("run-recipe", image, layer, recipe=recipe).error or ""
        report.check(f"{what} is refused", words in error and "hint:" in error, error)
        report.check(f"{what}: nothing is added", image.get_layers() == [layer])
    scene.end(image)
