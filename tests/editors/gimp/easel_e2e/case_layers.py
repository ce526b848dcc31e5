"""Layers of every place and size through the procedures for scripts, and what a selection does:
pixels, masks, places, names, parasites and references, and everything that is refused.
"""

from __future__ import annotations

import json
from typing import Any

from easel import EaselError
from easel.panel import Layer, Placement
from easel_gimp.editor import GimpEditor
from gi.repository import Gimp

from . import scene
from .report import Report


def case(report: Report) -> None:
    """One image after another."""
    _whole_layer(report)
    _selection(report)
    _group(report)
    _larger_and_smaller(report)
    _visible_and_filters(report)
    _several(report)
    _references(report)
    _larger_result(report)
    _refused(report)
    _closed(report)


def _whole_layer(report: Report) -> None:
    image, layer = scene.photograph("astronaut.png")
    source = scene.pixels(layer)
    answer = scene.call("restyle", image, layer, models="invert", prompt="")
    made = answer.layer
    report.check("a layer comes back", answer.error is None and made is not None, answer.error)
    report.figures["512² through the procedure, in seconds"] = round(answer.seconds, 3)
    report.check("its pixels are the model's", scene.pixels(made) == scene.inverted(source))
    report.check("the source is untouched", scene.pixels(layer) == source)
    report.check("it lies right above", image.get_layers() == [made, layer], scene.names(image))
    report.check("it is named after the model", made.get_name().startswith("Invert"))
    report.check("there is no mask without a selection", made.get_mask() is None)
    report.check("the source stays selected", image.get_selected_layers() == [layer])

    parasite = made.get_parasite("easel")
    content = json.loads(bytes(parasite.get_data())) if parasite is not None else {}
    report.check("it says where it comes from", set(content) == {"artifact", "job", "transform"})
    again = scene.call("rerun", image, made)
    report.check("it runs again", again.error is None, again.error)
    report.check(
        "right above itself", image.get_layers() == [again.layer, made, layer], scene.names(image)
    )
    report.check("with the same result", scene.pixels(again.layer) == scene.pixels(made))
    other = scene.call("rerun", image, layer)
    report.check("another layer does not", "does not say where" in (other.error or ""), other.error)
    scene.end(image)


def _selection(report: Report) -> None:
    image, layer = scene.photograph("chelsea.png")
    size = len(scene.native(layer)) // (image.get_width() * image.get_height())
    image.select_ellipse(Gimp.ChannelOps.REPLACE, 90, 60, 180, 140)
    Gimp.Selection.feather(image, 24)
    mask, before = scene.selection(image), scene.flattened(image)
    source = scene.pixels(layer)
    answer = scene.call("restyle", image, layer, models="invert")
    report.check("a selection works", answer.error is None, answer.error)
    made = answer.layer
    shown = made.get_mask()
    report.check("the selection is its mask", shown is not None)
    x, y = scene.offsets(made)
    width, height = made.get_width(), made.get_height()
    values = scene.pixels(shown, "Y u8")
    part = scene.cut(mask, image.get_width(), x, y, width, height, 1)
    wanted = part.translate(bytes([0] + [255] * 255))
    report.check("the mask is exact", values == wanted)
    covered = sum(1 for value in mask if value)
    report.check("nothing of the selection is left out", covered == sum(1 for it in part if it))
    after = scene.flattened(image)
    outside = scene.differing(before, after, mask, len(before) // len(mask), inside=False)
    report.check("outside not one bit changes", outside == 0, outside)
    inside = scene.differing(before, after, mask, len(before) // len(mask), inside=True)
    report.check("inside it does", inside > 0.9 * covered, [inside, covered])
    report.check("the source is untouched", scene.pixels(layer) == source, size)
    unused = scene.call("restyle", image, layer, models="invert", use_selection=False)
    report.check("the selection can be left aside", unused.layer.get_mask() is None, unused.error)
    report.check("and then all of it changes", scene.pixels(unused.layer) == scene.inverted(source))
    scene.end(image)


def _group(report: Report) -> None:
    image, layer = scene.photograph("coffee.png")
    outer, inner = Gimp.GroupLayer.new(image, "outer"), Gimp.GroupLayer.new(image, "inner")
    image.insert_layer(outer, None, 0)
    image.insert_layer(inner, outer, 0)
    image.reorder_item(layer, inner, 0)
    layer.set_offsets(-37, 23)
    below = Gimp.Layer.new(
        image, "below", 600, 400, Gimp.ImageType.RGB_IMAGE, 100, Gimp.LayerMode.NORMAL
    )
    image.insert_layer(below, inner, 1)
    source = scene.pixels(layer)
    made = scene.call("restyle", image, layer, models="invert").layer
    report.check("in a group it stays in it", inner.get_children() == [made, layer, below])
    report.check("exactly in place", scene.offsets(made) == (-37, 23), scene.offsets(made))
    report.check("with the layer's pixels", scene.pixels(made) == scene.inverted(source))

    # The group itself: what its layers make together.
    together = scene.pixels(inner)
    place = scene.offsets(inner)
    answer = scene.call("restyle", image, inner, models="invert")
    report.check("a group is read as a whole", answer.error is None, answer.error)
    report.check(
        "with what its layers make", scene.pixels(answer.layer) == scene.inverted(together)
    )
    report.check("above the group", outer.get_children() == [answer.layer, inner])
    report.check("where the group lies", scene.offsets(answer.layer) == place, place)
    scene.end(image)


def _larger_and_smaller(report: Report) -> None:
    image, layer = scene.photograph("coffee.png")
    layer.resize(900, 700, 130, 120)
    layer.set_offsets(-130, -120)
    layer.add_alpha()
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 100, 80)
    source = scene.pixels(layer)
    mask = scene.selection(image, layer)
    made = scene.call("restyle", image, layer, models="invert").layer
    shown = made.get_mask()
    x, y = scene.offsets(made)
    wanted = scene.cut(mask, 900, x + 130, y + 120, made.get_width(), made.get_height(), 1)
    report.check("a layer beyond the canvas keeps its place", x >= -130 and y >= -120, [x, y])
    report.check("its mask covers the canvas alone", scene.pixels(shown, "Y u8") == wanted)
    report.check("and all of the selection", sum(wanted) == 100 * 80 * 255, sum(wanted))
    Gimp.Selection.none(image)
    whole = scene.call("restyle", image, layer, models="invert").layer
    photograph = (900, 130, 120, 600, 400, 4)
    report.check(
        "without a selection all of it changes",
        scene.cut(scene.pixels(whole), *photograph)
        == scene.inverted(scene.cut(source, *photograph)),
    )
    alpha = scene.pixels(whole)[3::4]
    report.check("and nothing beyond the photograph appears", alpha == source[3::4])
    report.check("at its place", scene.offsets(whole) == (-130, -120), scene.offsets(whole))

    small = Gimp.Layer.new(
        image, "small", 61, 43, Gimp.ImageType.RGBA_IMAGE, 100, Gimp.LayerMode.NORMAL
    )
    image.insert_layer(small, None, 0)
    small.set_offsets(401, 317)
    scene.fill(small, bytes(range(256)) * (61 * 43 * 4 // 256) + bytes(61 * 43 * 4 % 256))
    source = scene.pixels(small)
    made = scene.call("restyle", image, small, models="invert").layer
    report.check("a small layer stays small", (made.get_width(), made.get_height()) == (61, 43))
    report.check("at its own place", scene.offsets(made) == (401, 317), scene.offsets(made))
    alpha = scene.pixels(made)[3::4]
    report.check("its transparency is kept", alpha == source[3::4])
    scene.end(image)


def _visible_and_filters(report: Report) -> None:
    image, layer = scene.photograph("chelsea.png")
    half = Gimp.Layer.new(
        image, "half", 200, 150, Gimp.ImageType.RGBA_IMAGE, 40, Gimp.LayerMode.MULTIPLY
    )
    image.insert_layer(half, None, 0)
    half.fill(Gimp.FillType.WHITE)
    seen = Gimp.Layer.new_from_visible(image, image, "seen")
    wanted = scene.inverted(scene.pixels(seen))
    seen.delete()
    made = scene.call("restyle", image, None, models="invert", area="visible").layer
    report.check("what is seen can be the source", scene.pixels(made) == wanted)
    report.check("its result is on top", image.get_layers()[0] == made, scene.names(image))
    image.remove_layer(made)
    image.remove_layer(half)

    # Filters that lie on a layer are seen, and so they are sent.
    filter = Gimp.DrawableFilter.new(layer, "gegl:invert-linear", "inverted")
    layer.append_filter(filter)
    filter.update()
    seen = Gimp.Layer.new_from_visible(image, image, "seen")
    wanted = scene.inverted(scene.pixels(seen))
    seen.delete()
    made = scene.call("restyle", image, layer, models="invert").layer
    report.check("a layer is sent with its filters", scene.pixels(made) == wanted)
    scene.end(image)

    # GIMP 3.0 ends whoever reads a group that a filter made larger.
    image, layer = scene.photograph("chelsea.png")
    group = Gimp.GroupLayer.new(image, "group")
    image.insert_layer(group, None, 0)
    image.reorder_item(layer, group, 0)
    shadow = Gimp.DrawableFilter.new(layer, "gegl:dropshadow", "shadow")
    layer.append_filter(shadow)
    shadow.update()
    answer = scene.call("restyle", image, group, models="invert")
    report.check("a group with a shadow is read", answer.error is None, answer.error)
    scene.end(image)


def _several(report: Report) -> None:
    image, layer = scene.photograph("astronaut.png")
    answer = scene.call(
        "restyle",
        image,
        layer,
        models="invert, slow, error-text",
        parameters='{"slow:milliseconds": 10}',
    )
    group = answer.layer
    report.check(
        "several models make a group", group is not None and group.is_group(), answer.error
    )
    children = group.get_children()
    report.check("of those that succeeded", len(children) == 2, [it.get_name() for it in children])
    report.check("one is visible", [it.get_visible() for it in children] == [True, False])
    report.check("the group is above the source", image.get_layers() == [group, layer])
    aligned = {(*scene.offsets(it), it.get_width(), it.get_height()) for it in children}
    report.check("all are aligned", aligned == {(0, 0, 512, 512)}, list(aligned))
    labels = [it.get_name() for it in children]
    said = all(" · " in it and "structure" in it for it in labels)
    report.check("each is labelled with time, cost and fidelity", said, labels)
    report.check("the first is the first model's", labels[0].startswith("Invert"), labels)
    scene.end(image)


def _references(report: Report) -> None:
    image, layer = scene.photograph("coffee.png")
    path = str(scene.DATA / "chelsea.png")
    model = "local-style-reference"
    answer = scene.call("restyle", image, layer, models=model, references=[path])
    report.check("a file can be a reference", answer.error is None, answer.error)
    source = scene.pixels(layer)
    report.check("and it does something", scene.pixels(answer.layer) != source)
    refused = scene.call("restyle", image, layer, models="invert", references=[path])
    report.check(
        "where none is taken, it is said", "reference" in (refused.error or ""), refused.error
    )
    missing = scene.call("restyle", image, layer, models="invert", references=["/no/such.png"])
    report.check(
        "a file that is not there too", "/no/such.png" in (missing.error or ""), missing.error
    )
    scene.end(image)


def _larger_result(report: Report) -> None:
    image, layer = scene.photograph("chelsea.png")
    layer.set_offsets(12, 34)
    answer = scene.call("enhance", image, layer, models="local-enhance", scale=2)
    report.check("an enlarged layer comes", answer.error is None, answer.error)
    made = answer.layer
    size = made.get_width(), made.get_height()
    report.check("it is twice as large", size == (902, 600), list(size))
    report.check("at the same offset", scene.offsets(made) == (12, 34))
    scene.end(image)


def _refused(report: Report) -> None:
    image, layer = scene.photograph("chelsea.png")

    def refused(what: str, words: str, *given: Any, **arguments: Any) -> None:
        count = len(image.get_layers())
        error = scene.call("restyle", *given, **arguments).error or ""
        report.check(what, words in error and "hint:" in error, error)
        report.check(f"{what}: nothing is added", len(image.get_layers()) == count)

    refused("an unknown model", "`nope`", image, layer, models="nope")
    refused("a wrong weight", "weight", image, layer, style="mosaic:much")
    refused("wrong parameters", "JSON", image, layer, parameters="[1]")
    refused("nothing to keep of that name", "`mood`", image, layer, keep="mood")
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 0, 0, 20, 20)
    small = Gimp.Layer.new(
        image, "small", 30, 30, Gimp.ImageType.RGBA_IMAGE, 100, Gimp.LayerMode.NORMAL
    )
    image.insert_layer(small, None, 0)
    small.set_offsets(100, 100)
    refused("a selection beside the layer", "does not touch", image, small, models="invert")
    Gimp.Selection.none(image)
    mask = small.create_mask(Gimp.AddMaskType.WHITE)
    small.add_mask(mask)
    refused("a layer mask", "no layer", image, mask, models="invert")
    group = Gimp.GroupLayer.new(image, "empty")
    image.insert_layer(group, None, 0)
    refused("an empty group", "empty", image, group, models="invert")
    image.set_selected_layers([layer, small])
    refused("several layers", "2 layers", image, None, models="invert")
    image.set_selected_layers([layer])
    floating = _float(image, layer)
    if floating:
        refused("a floating selection", "floating", image, None, models="invert")
    scene.end(image)

    image, layer = scene.photograph("chelsea.png")
    image.convert_indexed(
        Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 32, False, False, ""
    )
    refused("an indexed image", "indexed", image, image.get_layers()[0], models="invert")
    scene.end(image)


def _closed(report: Report) -> None:
    """An image that was closed while its job ran."""
    image, _ = scene.photograph("chelsea.png")
    editor = GimpEditor(image)
    source = editor.read("layer", False)
    scene.end(image)
    origin = source.sight.origin
    report.check("a closed image is looked at no more", editor.look("layer") is None)
    report.check("it has no format", editor.formats(origin) is None)
    made = Layer("made", source.pixels, 0, 0, None, "a", "j", "t")
    try:
        editor.place(Placement("made", [made], origin))
        kind = "placed"
    except EaselError as error:
        kind = error.kind
    report.check("what was made for it is not lost in another one", kind == "not_found", kind)


def _float(image: Gimp.Image, layer: Gimp.Layer) -> bool:
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 5, 5, 40, 40)
    Gimp.Selection.float(image, [layer], 3, 3)
    return image.get_floating_sel() is not None
