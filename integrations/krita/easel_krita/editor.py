"""Krita as the panel sees it: looks at the active layer, reads pixels and the selection. It never
writes to a source; what makes layers is in `place`.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from krita import Document, Krita, Node, Selection

from . import documents, formats, profiles
from .easel.errors import EaselError
from .easel.panel.editor import Placement, Rows, Sight, Source
from .easel.panel.results import Result
from .easel.protocol import Origin, PixelFormat, Region
from .formats import Space
from .place import Placed, Placer
from .qt import QImage, QRect

#: The longer side of thumbnails, in pixels.
_THUMBNAIL = 256
#: The selection is compared by so many of its rows.
_ROWS = 64
#: Layers that have pixels of their own outside the canvas; Krita makes those of others within it.
_OWN_PIXELS = ("paintlayer",)


class _Target(NamedTuple):
    """What would be read."""

    document: Document
    #: `None`: everything that is visible.
    node: Node | None
    space: Space
    rectangle: QRect
    problem: EaselError | None


class KritaEditor:
    """Implements `Editor`. All of it runs on Krita's own thread."""

    client = "krita"

    def __init__(self, placer: Placer) -> None:
        self._placer = placer
        #: Whether the selection counts: one that is of no use is then a problem.
        self.use_selection = True

    # Looking.

    def look(self, area: str) -> Sight | None:
        """What would be sent now; `None` where no document is open."""
        document = Krita.instance().activeDocument()
        if document is None or document.rootNode() is None:
            return None
        target = _target(document, area)
        selected = document.selection()
        problem, region = target.problem, None
        if problem is None and selected is not None:
            useless, region = _selected(selected, target.rectangle)
            problem = useless if self.use_selection else None
        thumbnail = _thumbnail(target)
        title = target.node.name() if target.node is not None else document.name() or "Visible"
        token = (
            thumbnail.cacheKey() if thumbnail is not None else 0,
            _key(selected, target.rectangle) if selected is not None else None,
        )
        about = formats.words(target.space)
        if target.node is not None and target.node.locked():
            about += ", locked: results are new layers"
        return Sight(
            title=title,
            width=target.rectangle.width(),
            height=target.rectangle.height(),
            origin=_origin(target),
            selection=region,
            format=about,
            problem=problem,
            thumbnail=thumbnail,
            token=token,
            layers=tuple(
                (documents.layer_id(node), path)
                for node, path in documents.layers(document.rootNode())
            ),
        )

    # Reading.

    def read(self, area: str, use_selection: bool) -> Source:
        """The pixels, and where they may change."""
        document = Krita.instance().activeDocument()
        if document is None:
            raise EaselError("invalid_request", "no document is open", "open a picture")
        documents.id_of(document, make=True)
        # What was painted last may still be on its way into the layer.
        document.waitForDone()
        target = _target(document, area)
        if target.problem is not None:
            raise target.problem
        sight = self.look(area)
        assert sight is not None
        if use_selection and sight.problem is not None:
            raise sight.problem
        mask: memoryview | None = None
        selected = document.selection() if use_selection else None
        if selected is not None:
            mask = memoryview(selected.pixelData(*_box(target.rectangle)))
            if bytes(mask).count(0) == len(mask):
                raise _misses()
        return Source(sight, _rows(target), mask)

    def read_layer(self, id: str) -> Rows:
        """A layer of the active document, to be a reference."""
        document = Krita.instance().activeDocument()
        node = documents.layer(document, id) if document is not None else None
        if document is None or node is None:
            raise EaselError("not_found", "this layer is gone", "choose another one")
        document.waitForDone()
        target = _of_layer(document, node)
        if target.problem is not None:
            raise target.problem
        return _rows(target)

    # Writing.

    def formats(self, origin: Origin) -> PixelFormat | None:
        """In which format results are wanted: that of the source's layer."""
        document = documents.find(origin)
        if document is None:
            return None
        node = documents.layer(document, origin.get("layer"))
        space = _space(document if node is None else node)
        if formats.wire(space) is None:
            space = _space(document)
        format = formats.wire(space)
        if format is not None:
            self._placer.prepare(space)
        return format

    def place(self, placement: Placement) -> Placed:
        """Puts results into their document as new layers, in one undo step."""
        return self._placer.place(placement)

    def choose(self, artifact: str, origin: Origin) -> bool:
        """Shows the layer of an artifact and hides the others of its group."""
        return self._placer.choose(artifact, origin)

    def show(self, result: Result, visible: bool) -> bool:
        """Shows or hides the layer of a result, to see what is below it."""
        if result.artifact is None:
            return False
        return self._placer.show(result.artifact, result.origin, visible)


def _target(document: Document, area: str) -> _Target:
    if area == "visible":
        bounds = document.bounds()
        space = _space(document)
        return _Target(document, None, space, bounds, formats.refusal(space))
    node = document.activeNode()
    while node is not None and node.type().endswith("mask"):
        # The layer that the mask belongs to.
        node = node.parentNode()
    if node is None or node.parentNode() is None:
        nothing = EaselError("invalid_request", "no layer is active", "select a layer")
        return _Target(document, None, _space(document), QRect(), nothing)
    target = _of_layer(document, node)
    return target if target.problem is not None else target._replace(problem=_locked(node))


def _of_layer(document: Document, node: Node) -> _Target:
    space = _space(node)
    bounds = node.bounds()
    if node.type() not in _OWN_PIXELS or node.childNodes():
        # A fill layer has no end, and what masks and groups make is made within the canvas.
        canvas = document.bounds()
        fills = node.type() in ("filllayer", "filterlayer")
        bounds = canvas if fills else bounds.intersected(canvas)
    problem = formats.refusal(space)
    if problem is None and bounds.isEmpty():
        hint = "paint on it, or select another one"
        problem = EaselError("invalid_request", "the layer is empty", hint)
    return _Target(document, node, space, bounds, problem)


def _locked(node: Node) -> EaselError | None:
    """Why no layer can be added above one, if that is so."""
    parent = node.parentNode()
    while parent is not None and parent.parentNode() is not None:
        if parent.locked():
            message = f"the group `{parent.name()}` is locked: it takes no new layer"
            return EaselError("invalid_request", message, "unlock the group")
        parent = parent.parentNode()
    return None


def _space(of: Document | Node) -> Space:
    return Space(of.colorModel(), of.colorDepth(), of.colorProfile())


def _origin(target: _Target) -> Origin:
    origin: Origin = {"x": target.rectangle.x(), "y": target.rectangle.y()}
    id = documents.id_of(target.document)
    if id is not None:
        origin["document"] = id
    if target.node is not None:
        origin["layer"] = documents.layer_id(target.node)
    return origin


def _box(rectangle: QRect) -> tuple[int, int, int, int]:
    return rectangle.x(), rectangle.y(), rectangle.width(), rectangle.height()


def _rows(target: _Target) -> Rows:
    box = _box(target.rectangle)
    node = target.node
    if node is None:
        pixels = target.document.pixelData(*box)
    elif node.type() in _OWN_PIXELS and not node.childNodes():
        pixels = node.pixelData(*box)
    else:
        pixels = node.projectionPixelData(*box)
    format = formats.wire(target.space)
    assert format is not None
    # Qt's own bytes go on as they are: the driver sends them without a copy.
    return Rows(memoryview(pixels), format, box[2], box[3], profiles.icc(target.space))


def _selected(selected: Selection, rectangle: QRect) -> tuple[EaselError | None, Region | None]:
    """What a selection covers of a rectangle, or why it is of no use."""
    area = QRect(selected.x(), selected.y(), selected.width(), selected.height())
    if area.isEmpty():
        hint = "select something, or nothing at all: Select > Deselect"
        return EaselError("invalid_request", "the selection is empty", hint), None
    inside = area.intersected(rectangle)
    if inside.isEmpty():
        return _misses(), None
    region: Region = {
        "x": inside.x() - rectangle.x(),
        "y": inside.y() - rectangle.y(),
        "width": inside.width(),
        "height": inside.height(),
    }
    return None, region


def _misses() -> EaselError:
    hint = "select a part of the layer, or nothing at all: Select > Deselect"
    return EaselError("invalid_request", "the selection does not touch the layer", hint)


def _key(selected: Selection, rectangle: QRect) -> str:
    """Changes with the selection: reading all of it twice a second would be too much."""
    box = (selected.x(), selected.y(), selected.width(), selected.height())
    if min(box[2:]) < 1:
        return "empty"
    sample = hashlib.blake2b(repr(box).encode(), digest_size=16)
    step = max(1, box[3] // _ROWS)
    for y in range(box[1], box[1] + box[3], step):
        sample.update(bytes(selected.pixelData(box[0], y, box[2], 1)))
    return sample.hexdigest()


def _thumbnail(target: _Target) -> QImage | None:
    node = target.node if target.node is not None else target.document.rootNode()
    size = target.rectangle.size()
    if size.isEmpty():
        return None
    scale = min(1.0, _THUMBNAIL / max(size.width(), size.height()))
    across, down = max(1, round(size.width() * scale)), max(1, round(size.height() * scale))
    # Krita keeps it until a pixel changes.
    return node.thumbnail(across, down)
