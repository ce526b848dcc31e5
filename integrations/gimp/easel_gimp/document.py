"""Finds an image and a layer again: after the image was saved, closed and opened, and from another
process of the plug-in. Attaches what is needed for that, and adds no step to the undo history.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

from easel.errors import EaselError
from easel.protocol import Origin
from gi.repository import Gimp

#: What a layer was made of, kept with it in the file.
MADE = "easel"
#: The name of an image: for as long as it is open, and in its file.
_OPEN = "easel-session"
_KEPT = "easel-document"
#: Neither saved nor undone; and both.
_FOR_NOW = 0
_FOR_GOOD = Gimp.PARASITE_PERSISTENT | Gimp.PARASITE_UNDOABLE


class Made(NamedTuple):
    """Where a layer comes from."""

    artifact: str
    job: str
    transform: str
    #: The recipe's run; empty without one.
    run: str = ""


def name_of(image: Gimp.Image) -> str:
    """What an image is called on the wire: a name kept in its file, else its file, else a name of
    its own while it is open.
    """
    kept = _text(image, _KEPT)
    if kept:
        return kept
    file = image.get_file()
    uri = file.get_uri() if file is not None else None
    # The daemon takes names of up to 512 bytes.
    if uri and len(uri.encode()) <= 512:
        return uri
    name = _text(image, _OPEN)
    if not name:
        name = f"gimp:{uuid.uuid4().hex}"
        # Not kept in the file: GIMP would put a step that cannot be undone into the history.
        image.attach_parasite(Gimp.Parasite.new(_OPEN, _FOR_NOW, list(name.encode())))
    return name


def keep_name(image: Gimp.Image) -> None:
    """Makes the name of an image without a file go into the file that it gets. Only inside a group
    of undo steps: it is one of them.
    """
    if image.get_file() is None and not _text(image, _KEPT):
        name = name_of(image)
        image.attach_parasite(Gimp.Parasite.new(_KEPT, _FOR_GOOD, list(name.encode())))


def _names(image: Gimp.Image) -> set[str]:
    """Every name that it has, or had before it was saved."""
    file = image.get_file()
    found = {_text(image, _KEPT), _text(image, _OPEN), file.get_uri() if file else None}
    return {name for name in found if name}


def find_image(origin: Origin, prefer: Gimp.Image | None = None) -> Gimp.Image | None:
    """The open image that a source came from."""
    name = origin.get("document")
    if not name:
        return None
    images = [*([prefer] if prefer is not None and prefer.is_valid() else []), *Gimp.get_images()]
    return next((image for image in images if name in _names(image)), None)


def find_layer(image: Gimp.Image, origin: Origin) -> Gimp.Layer | None:
    """The layer that a source was read from."""
    name = origin.get("layer") or ""
    return image.get_layer_by_tattoo(int(name)) if name.isdecimal() else None


def layers_of(image: Gimp.Image) -> Iterator[Gimp.Layer]:
    """All layers and groups, from the top, each group before its own."""
    waiting = list(image.get_layers())
    while waiting:
        layer = waiting.pop(0)
        yield layer
        if layer.is_group():
            waiting[:0] = layer.get_children()


def mark(layer: Gimp.Layer, made: Made) -> None:
    """Writes into a layer where it comes from. Before it is in its image, that is no undo step."""
    known = {name: value for name, value in made._asdict().items() if value}
    content = json.dumps(known).encode()
    layer.attach_parasite(Gimp.Parasite.new(MADE, Gimp.PARASITE_PERSISTENT, list(content)))


def made_of(layer: Gimp.Layer) -> Made | None:
    """Where a layer comes from; `None` where Easel did not make it."""
    try:
        content = json.loads(_text(layer, MADE) or "null")
        return Made(
            str(content["artifact"]),
            str(content["job"]),
            str(content["transform"]),
            str(content.get("run", "")),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _text(of: Any, parasite: str) -> str | None:
    found = of.get_parasite(parasite)
    if found is None:
        return None
    # What other programs wrote there may be anything.
    return bytes(found.get_data()).decode(errors="replace").rstrip("\0") or None


def only_layer(image: Gimp.Image) -> Gimp.Layer:
    """The one selected layer or group; raises what a person can act on."""
    if image.get_floating_sel() is not None:
        hint = "anchor it with Ctrl+H, or make it a layer"
        raise EaselError("invalid_request", "a floating selection is in the way", hint)
    selected = image.get_selected_layers()
    if not selected:
        raise EaselError("invalid_request", "no layer is selected", "select a layer or a group")
    if len(selected) > 1:
        message = f"{len(selected)} layers are selected"
        raise EaselError("invalid_request", message, "select one, or group them")
    return selected[0]


def check(image: Gimp.Image) -> None:
    """Raises where an image has no room for what comes back."""
    if image.get_base_type() == Gimp.ImageBaseType.INDEXED:
        message = "an indexed image has no room for new colours"
        raise EaselError("unsupported", message, "choose Image > Mode > RGB")
