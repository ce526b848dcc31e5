"""Puts results into an image as new layers: exactly in place, above their source, in one undo
step. Never writes a layer that was there.
"""

from __future__ import annotations

from typing import NamedTuple

from easel.errors import EaselError
from easel.panel import Layer, Placement
from easel.protocol import Origin
from gi.repository import Gimp

from . import pixels
from .document import Made, check, find_image, find_layer, keep_name, layers_of, made_of, mark


class Placed(NamedTuple):
    """What was placed: layers, or the group that holds them."""

    image: int
    #: GIMP's numbers of what was put into the stack.
    items: tuple[int, ...]
    #: The layers with pixels, in the order of the placement.
    layers: tuple[int, ...]


def place(placement: Placement, prefer: Gimp.Image | None = None) -> Placed:
    """Adds results to the image of their source; `prefer` where it is open twice."""
    image = find_image(placement.origin, prefer)
    if image is None:
        hint = "open it, and apply the result from Results"
        raise EaselError("not_found", "the image is not open any more", hint)
    # It may have become indexed since.
    check(image)
    # Before they are in the image, layers and masks are filled without any undo step.
    made = [_layer(image, layer) for layer in placement.layers]
    selected = image.get_selected_layers()
    image.undo_group_start()
    try:
        parent, position = _above(image, placement.origin)
        if len(made) == 1:
            image.insert_layer(made[0], parent, position)
            top = made[0]
        else:
            top = Gimp.GroupLayer.new(image, placement.title)
            # As if there were no group: whatever lies below shows through unchanged.
            top.set_mode(Gimp.LayerMode.PASS_THROUGH)
            image.insert_layer(top, parent, position)
            for number, layer in enumerate(made):
                layer.set_visible(number == 0)
                image.insert_layer(layer, top, number)
            top.set_expanded(True)
        if isinstance(placement.replaces, Placed):
            _remove(image, placement.replaces)
        keep_name(image)
    finally:
        image.undo_group_end()
    # The source stays the active one, so that Transform can be pressed again.
    if selected and all(layer.is_valid() for layer in selected):
        image.set_selected_layers(selected)
    Gimp.displays_flush()
    return Placed(image.get_id(), (top.get_id(),), tuple(layer.get_id() for layer in made))


def _layer(image: Gimp.Image, result: Layer) -> Gimp.Layer:
    how = pixels.encoding(image)
    width, height = result.pixels.width, result.pixels.height
    grey = image.get_base_type() == Gimp.ImageBaseType.GRAY
    kind = Gimp.ImageType.GRAYA_IMAGE if grey else Gimp.ImageType.RGBA_IMAGE
    layer = Gimp.Layer.new(image, result.name, width, height, kind, 100, Gimp.LayerMode.NORMAL)
    pixels.write(layer, result.pixels, how)
    layer.set_offsets(result.x, result.y)
    if result.mask is not None:
        mask = layer.create_mask(Gimp.AddMaskType.WHITE)
        pixels.write_mask(mask, result.mask, width, height)
        layer.add_mask(mask)
    mark(layer, Made(result.artifact, result.job, result.transform, result.run))
    return layer


def _remove(image: Gimp.Image, outdated: Placed) -> None:
    # What somebody deleted or took back is valid for as long as it can be undone.
    there = {layer.get_id(): layer for layer in layers_of(image)}
    for id in outdated.items:
        if id in there:
            image.remove_layer(there[id])


def _above(image: Gimp.Image, origin: Origin) -> tuple[Gimp.Layer | None, int]:
    """Right above the source; on top where that is gone, or was all that is seen."""
    source = find_layer(image, origin)
    if source is None:
        return None, 0
    return source.get_parent(), image.get_item_position(source)


def choose(artifact: str, origin: Origin, prefer: Gimp.Image | None = None) -> bool:
    """Shows the layer of an artifact and hides the others of its group; `False` where the image
    has none.
    """
    image = find_image(origin, prefer) or prefer
    if image is None or not image.is_valid():
        return False
    for layer in layers_of(image):
        made = made_of(layer)
        if made is not None and made.artifact == artifact:
            _show(image, layer, made)
            return True
    return False


def _together(one: Made, other: Made) -> bool:
    """Whether two layers arrived together: from one transform, or from one run of a recipe."""
    return one.transform == other.transform or (bool(one.run) and one.run == other.run)


def _show(image: Gimp.Image, layer: Gimp.Layer, made: Made) -> None:
    parent = layer.get_parent()
    beside = parent.get_children() if parent is not None else []
    image.undo_group_start()
    try:
        for other in beside:
            from_there = made_of(other)
            if from_there is not None and _together(from_there, made):
                other.set_visible(other == layer)
        layer.set_visible(True)
        if parent is not None:
            parent.set_visible(True)
    finally:
        image.undo_group_end()
    Gimp.displays_flush()
