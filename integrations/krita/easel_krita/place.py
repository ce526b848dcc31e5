"""Puts results into their document as new layers. Layers are built in a hidden document and arrive
in the user's by one call, which is one undo step however many layers and masks it brings. The work
is cut into turns of the event loop; only Krita's own adding of the finished layer takes longer than
one.
"""

from __future__ import annotations

from collections.abc import Iterator

from krita import Document, Krita, Node, Selection

from . import documents, formats, profiles
from .driver import QtDriver, as_qt
from .easel.errors import EaselError
from .easel.panel.editor import Layer, Placement, Rows
from .easel.protocol import Origin
from .formats import Space
from .qt import QByteArray

#: So many bytes of pixels are written in one turn of the event loop.
_PIECE = 8 << 20
#: When the hidden document is made after a transform began: its source is on its way by then.
_WHILE = 0.3
#: How long the hidden document is kept when nothing is placed, in seconds.
_KEPT = 120.0
#: How long and how often it is looked whether Krita has made the new layer the active one.
_WATCHES = 40
_WATCH = 0.025


class Placed:
    """Layers that were placed, or that soon will be."""

    def __init__(self) -> None:
        #: The id of the layer or the group; `None` until it is there.
        self.top: str | None = None
        #: The ids of the layers, in the order of the placement.
        self.layers: list[str] = []
        #: Where each lies: left, top, width, height.
        self.boxes: list[tuple[int, int, int, int]] = []
        self.done = False
        #: Why they could not be placed after all.
        self.failure: EaselError | None = None


class Placer:
    """Places results, one after the other."""

    def __init__(self, driver: QtDriver) -> None:
        self._driver = driver
        self._waiting: list[Iterator[None]] = []
        self._working = False
        self._bench: tuple[Space, Document] | None = None
        self._unused = 0

    @property
    def busy(self) -> bool:
        """Something is still being placed."""
        return self._working

    # The hidden document.

    def prepare(self, space: Space) -> None:
        """Makes the hidden document while a job runs, so that its layers come sooner."""
        self._driver.after(_WHILE, lambda: self._make_bench(space))

    def _make_bench(self, space: Space) -> Document:
        if self._bench is not None and self._bench[0] == space:
            return self._bench[1]
        self._close_bench()
        document = Krita.instance().createDocument(16, 16, "Easel", *space, 72.0)
        document.setBatchmode(True)
        self._bench = (space, document)
        self._unused += 1
        unused = self._unused
        self._driver.after(_KEPT, lambda: self._close_bench() if self._unused == unused else None)
        return document

    def _take_bench(self, space: Space) -> Document:
        document = self._make_bench(space)
        self._bench = None
        return document

    def _close_bench(self) -> None:
        if self._bench is not None:
            _close(self._bench[1])
            self._bench = None

    def close(self) -> None:
        """Ends what waits."""
        self._waiting.clear()
        self._close_bench()

    # Turns.

    def _begin(self, work: Iterator[None]) -> None:
        self._waiting.append(work)
        if not self._working:
            self._working = True
            self._driver.after(0, self._turn)

    def _turn(self) -> None:
        if not self._waiting:
            self._working = False
            return
        try:
            next(self._waiting[0])
        except StopIteration:
            self._waiting.pop(0)
        except BaseException:
            self._waiting.pop(0)
            raise
        finally:
            self._driver.after(0, self._turn)

    # Placing.

    def place(self, placement: Placement) -> Placed:
        """Puts results into their document; raises where it is not open."""
        _document(placement.origin)
        placed = Placed()
        self._begin(self._steps(placement, placed))
        return placed

    def _steps(self, placement: Placement, placed: Placed) -> Iterator[None]:
        try:
            before = placement.replaces
            if isinstance(before, Placed) and _can_take(before, placement):
                yield from _renew(before, placement, placed)
            else:
                yield from self._add(placement, placed)
        except EaselError as error:
            placed.failure = error
        finally:
            placed.done = True

    def _add(self, placement: Placement, placed: Placed) -> Iterator[None]:
        layers = placement.layers
        space = _space(layers[0].pixels, _document(placement.origin), placement.origin)
        bench = self._take_bench(space)
        yield
        try:
            holder = bench.rootNode()
            group: Node | None = None
            if len(layers) > 1:
                group = bench.createGroupLayer(placement.title)
                holder.addChildNode(group, None)
                holder = group
            # The first one lies on top, and it alone is seen.
            for layer in reversed(layers):
                node = bench.createNode(layer.name, "paintlayer")
                yield from _write(node, layer.pixels, layer.x, layer.y)
                holder.addChildNode(node, None)
                if layer.mask is not None:
                    yield
                    _mask(bench, node, layer)
                if layer is not layers[0]:
                    node.setVisible(False)
                yield
            finished = (group or node).clone()
            yield
            # In between, the document may have been closed.
            document = _document(placement.origin)
            active = document.activeNode()
            parent, source = _where(document, placement.origin)
            # Krita leaves holes in a picture of one layer when the second one has a mask, and does
            # not draw a group that was never drawn before: then everything is drawn once.
            below = [it for it in parent.childNodes() if not it.type().endswith("mask")]
            alone = len(below) == 1 and any(it.mask is not None for it in layers)
            parent.addChildNode(finished, source)
            placed.top = documents.layer_id(finished)
            made = [finished] if group is None else list(reversed(finished.childNodes()))
            placed.layers = [documents.layer_id(it) for it in made]
            placed.boxes = [_box(layer) for layer in layers]
            if isinstance(placement.replaces, Placed):
                _remove(document, placement.replaces)
            _remember(document, placed, placement)
            self._keep_active(document, active, finished, _WATCHES)
            if group is not None or alone:
                yield
                _document(placement.origin).refreshProjection()
        finally:
            self._driver.after(0.1, lambda: _close(bench))

    def _keep_active(self, document: Document, active: Node | None, new: Node, tries: int) -> None:
        """Krita activates a new layer a moment later; the one that was active is to stay it, so
        that Transform can be pressed again.
        """
        if active is None or tries == 0:
            return
        now = document.activeNode()
        if now is not None and now.uniqueId() == new.uniqueId():
            document.setActiveNode(active)
            return
        self._driver.after(_WATCH, lambda: self._keep_active(document, active, new, tries - 1))

    # Choosing.

    def choose(self, artifact: str, origin: Origin) -> bool:
        """Shows the layer of an artifact and hides the others of its group that are results."""
        document = documents.find(origin)
        node = documents.made_of(document, artifact) if document is not None else None
        if document is None or node is None:
            return False
        parent = node.parentNode()
        results = documents.results(document)
        if parent is not None and parent.parentNode() is not None:
            for other in parent.childNodes():
                if documents.layer_id(other) in results:
                    other.setVisible(other.uniqueId() == node.uniqueId())
            parent.setVisible(True)
        node.setVisible(True)
        document.refreshProjection()
        return True

    def show(self, artifact: str, origin: Origin, visible: bool) -> bool:
        """Shows or hides the layer of an artifact, to see what is below; `False` without one."""
        document = documents.find(origin)
        node = documents.made_of(document, artifact) if document is not None else None
        if document is None or node is None:
            return False
        node.setVisible(visible)
        document.refreshProjection()
        return True


def _document(origin: Origin) -> Document:
    document = documents.find(origin)
    if document is None:
        raise EaselError(
            "not_found",
            "the document of this result is not open",
            "open it, then apply the result from the list",
        )
    return document


def _space(pixels: Rows, document: Document, origin: Origin) -> Space:
    """The colours that a result has."""
    known = formats.krita(pixels.format)
    if known is None:
        message = f"krita has no pixels of `{pixels.format}`"
        raise EaselError("internal", message, "please report it")
    model, depth = known
    source = documents.layer(document, origin.get("layer"))
    likely = [document.colorProfile()]
    if source is not None:
        likely.insert(0, source.colorProfile())
    return Space(model, depth, profiles.name(model, depth, pixels.icc, likely))


def _write(node: Node, pixels: Rows, x: int, y: int) -> Iterator[None]:
    """Writes rows into a layer, a piece a turn."""
    content = as_qt(pixels.rows)
    stride = content.size() // pixels.height
    rows = max(1, _PIECE // max(1, stride))
    for top in range(0, pixels.height, rows):
        count = min(rows, pixels.height - top)
        piece = content.mid(top * stride, count * stride)
        node.setPixelData(piece, x, y + top, pixels.width, count)
        yield


def _selection(layer: Layer) -> Selection:
    selection = Selection()
    assert layer.mask is not None
    selection.setPixelData(QByteArray(layer.mask), *_box(layer))
    return selection


def _mask(bench: Document, node: Node, layer: Layer) -> None:
    mask = bench.createTransparencyMask("Selection")
    node.addChildNode(mask, None)
    mask.setSelection(_selection(layer))


def _box(layer: Layer) -> tuple[int, int, int, int]:
    return layer.x, layer.y, layer.pixels.width, layer.pixels.height


def _where(document: Document, origin: Origin) -> tuple[Node, Node | None]:
    """Into which group a result goes, and above which of its layers."""
    source = documents.layer(document, origin.get("layer"))
    parent = source.parentNode() if source is not None else None
    if parent is not None:
        return parent, source
    # On top of everything.
    root = document.rootNode()
    children = root.childNodes()
    return root, children[-1] if children else None


def _remember(document: Document, placed: Placed, placement: Placement) -> None:
    artifacts = [layer.artifact for layer in placement.layers]
    documents.remember(document, dict(zip(placed.layers, artifacts)))


def _close(document: Document) -> None:
    document.setModified(False)
    document.close()


# Live results take the place of earlier ones in the same layers: the undo step stays the same.


def _can_take(before: Placed, placement: Placement) -> bool:
    document = documents.find(placement.origin)
    if document is None or before.boxes != [_box(layer) for layer in placement.layers]:
        return False
    for id, layer in zip(before.layers, placement.layers):
        node = documents.layer(document, id)
        wanted = formats.krita(layer.pixels.format)
        if node is None or wanted != (node.colorModel(), node.colorDepth()):
            return False
    return True


def _renew(before: Placed, placement: Placement, placed: Placed) -> Iterator[None]:
    for id, layer in zip(before.layers, placement.layers):
        document = _document(placement.origin)
        node = documents.layer(document, id)
        if node is None:
            continue
        yield from _write(node, layer.pixels, layer.x, layer.y)
        node.setName(layer.name)
        masks = [it for it in node.childNodes() if it.type() == "transparencymask"]
        if masks and layer.mask is not None:
            masks[0].setSelection(_selection(layer))
    document = _document(placement.origin)
    # There is no way to have one layer drawn anew that leaves no undo step of its own.
    document.refreshProjection()
    placed.top, placed.layers, placed.boxes = before.top, before.layers, before.boxes
    _remember(document, placed, placement)


def _remove(document: Document, before: Placed) -> None:
    node = documents.layer(document, before.top)
    if node is not None:
        node.remove()
