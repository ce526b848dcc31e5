"""Finds documents and layers again: while a job runs, people switch, save and close. A document
keeps an id of its own and which layers came from Easel, as an annotation that Krita stores in its
file.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

from krita import Document, Krita, Node

from .easel.protocol import Origin
from .qt import QByteArray, QUuid

_ANNOTATION = "easel"
#: Of so many layers it is kept where they come from.
_REMEMBERED = 500


def _kept(document: Document) -> dict[str, Any]:
    try:
        data = json.loads(bytes(document.annotation(_ANNOTATION)))
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _keep(document: Document, data: dict[str, Any]) -> None:
    content = QByteArray(json.dumps(data).encode())
    document.setAnnotation(_ANNOTATION, "Results of Easel", content)


def id_of(document: Document, make: bool = False) -> str | None:
    """The id that a document keeps; `make` gives it one where it has none."""
    data = _kept(document)
    id = data.get("document")
    if id is None and make:
        id = data["document"] = uuid.uuid4().hex
        _keep(document, data)
    return id if isinstance(id, str) else None


def layer_id(node: Node) -> str:
    """The id of a layer, the same after the document was closed and opened."""
    return str(node.uniqueId().toString())


def layer(document: Document, id: str | None) -> Node | None:
    """A layer by its id."""
    return document.nodeByUniqueID(QUuid(id)) if id else None


def find(origin: Origin) -> Document | None:
    """The document that a source came from, if it is open; the active one first."""
    krita = Krita.instance()
    open_now = [it for it in [krita.activeDocument(), *krita.documents()] if it is not None]
    wanted = origin.get("document")
    for document in open_now:
        if wanted is not None and id_of(document) == wanted:
            return document
    for document in open_now:
        # It may have been copied, or saved before it had an id.
        if layer(document, origin.get("layer")) is not None:
            return document
    return None


def remember(document: Document, layers: dict[str, str]) -> None:
    """Keeps of which artifact each layer was made, by the layers' ids."""
    data = _kept(document)
    merged = {**results(document), **layers}
    data["layers"] = dict(list(merged.items())[-_REMEMBERED:])
    _keep(document, data)


def made_of(document: Document, artifact: str) -> Node | None:
    """The layer that was made of an artifact, if it is still there; the newest of several."""
    for id, made in reversed(list(results(document).items())):
        # What was undone is not found.
        node = layer(document, id) if made == artifact else None
        if node is not None:
            return node
    return None


def results(document: Document) -> dict[str, str]:
    """The artifacts of all layers that came from Easel, by the layers' ids."""
    known = _kept(document).get("layers")
    return known if isinstance(known, dict) else {}


def layers(node: Node, path: str = "") -> Iterator[tuple[Node, str]]:
    """Every layer inside a group, the topmost first, with the groups that it is in."""
    for child in reversed(node.childNodes()):
        if child.type().endswith("mask"):
            continue
        title = f"{path} / {child.name()}" if path else child.name()
        yield child, title
        if child.type() == "grouplayer":
            yield from layers(child, title)
