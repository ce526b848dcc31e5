"""What cases share: pictures, documents, the docker, and looking at pixels."""

from __future__ import annotations

import os
import re
import struct
from pathlib import Path
from typing import Any

from krita import Document, Krita, Node, Selection
from PyQt5.QtCore import QByteArray, QRect, Qt
from PyQt5.QtWidgets import QApplication, QMenu

from .drive import Case, Person, Until

#: How a sample of a depth is unpacked.
SAMPLES = {"U8": "B", "U16": "H", "F16": "e", "F32": "f"}
#: The photographs: where the harness says, else where the repository has them.
DATA = Path(os.environ.get("EASEL_E2E_DATA") or Path(__file__).resolve().parents[3] / "data")


def docker() -> Any:
    """Easel's docker in the active window."""
    window = Krita.instance().activeWindow()
    return next(it for it in window.dockers() if it.objectName() == "easel")


def open_docker(width: int = 340) -> Any:
    """Shows the docker through its menu action, at a width."""
    Krita.instance().action("easel_show").trigger()
    shown = docker()
    window = Krita.instance().activeWindow()
    for other in window.dockers():
        if other.objectName() not in ("easel", "KisLayerBox", "ToolBox"):
            other.setVisible(False)
    window.qwindow().resize(1380, 860)
    widen(shown, width)
    return shown


def widen(shown: Any, width: int) -> None:
    """Drags the docker to a width."""
    window = Krita.instance().activeWindow()
    layers = next(it for it in window.dockers() if it.objectName() == "KisLayerBox")
    window.qwindow().resizeDocks([shown], [width], Qt.Orientation.Horizontal)
    window.qwindow().resizeDocks([layers, shown], [150, 650], Qt.Orientation.Vertical)


def show(document: Document) -> None:
    """Opens a document in a view of its own."""
    document.setBatchmode(True)
    Krita.instance().activeWindow().addView(document)
    Krita.instance().setActiveDocument(document)


def photograph(name: str) -> Document:
    """Opens one of the photographs."""
    document = Krita.instance().openDocument(str(DATA / name))
    assert document is not None, f"{DATA / name} cannot be opened"
    show(document)
    return document


def layers(document: Document) -> list[str]:
    """The names of all layers and masks, bottom first, with `-` before what is hidden."""
    found: list[str] = []

    def walk(node: Node, depth: int) -> None:
        for child in node.childNodes():
            if child.type() == "selectionmask":
                # The selection itself.
                continue
            mark = "" if child.visible() else "-"
            found.append("  " * depth + mark + child.name())
            walk(child, depth + 1)

    walk(document.rootNode(), 0)
    return found


def tops(document: Document) -> list[Node]:
    """The layers that are in no group, bottom first."""
    return [it for it in document.rootNode().childNodes() if not it.type().endswith("mask")]


def activate(document: Document, node: Node) -> Case:
    """Makes a layer the active one, as a click on it does."""
    document.setActiveNode(node)

    def is_active() -> bool:
        now = document.activeNode()
        return now is not None and now.uniqueId() == node.uniqueId()

    yield Until(f"{node.name()} is active", is_active)


def add_layer(document: Document, name: str, parent: Node | None = None) -> Node:
    """Adds an empty layer on top."""
    node = document.createNode(name, "paintlayer")
    (parent or document.rootNode()).addChildNode(node, None)
    return node


def pick(shown: Any, *models: str) -> Case:
    """Ticks exactly these models, by their boxes."""

    person = Person()
    for model in models:
        yield Until(f"{model} is listed", lambda model=model: _listed(shown, model))
        if not shown.models.line(model).box.isChecked():
            person.click(shown.models.line(model).box)
            yield 0.02
    for row in list(shown.panel.models):
        if row.ticked and row.id not in models:
            person.click(shown.models.line(row.id).box)
            yield 0.02
    shown_now = set(shown.panel.settings.models)
    assert shown_now == set(models), f"{shown_now} are ticked"


def _listed(shown: Any, model: str) -> bool:
    return any(row.id == model for row in shown.panel.models)


def listed(shown: Any) -> Until:
    """Until the daemon has answered."""
    return Until("the models are listed", lambda: len(shown.panel.models) > 3)


def ready(shown: Any) -> Until:
    """Until the button can be pressed."""
    return Until(
        "the button can be pressed",
        lambda: shown.panel.button.enabled and shown.run.button.isEnabled(),
    )


def idle(shown: Any, seconds: float = 60.0) -> Until:
    """Until nothing runs any more and everything is placed."""
    return Until(
        "the run is over",
        lambda: shown.panel.run is None and not shown.placer.busy,
        seconds,
    )


def transform(shown: Any, seconds: float = 60.0) -> Case:
    """Clicks on Transform and waits for the layers."""

    yield ready(shown)
    Person().click(shown.run.button)
    yield Until("it runs", lambda: shown.panel.run is not None or shown.panel.status is not None)
    yield idle(shown, seconds)


def open_menu() -> QMenu:
    """The menu that is open now."""
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu), f"no menu is open but {menu!r}"
    return menu


def stop_daemon(shown: Any) -> Case:
    """Ends a daemon that the docker has started: it would outlive the test."""
    stopped: list[Any] = []
    shown.panel.close()
    flow = shown.panel.session.call("server.shutdown")
    shown.driver.run(flow, stopped.append, stopped.append)
    yield Until("the daemon was told to end", lambda: bool(stopped))
    yield 0.3


def undo(document: Document) -> Case:
    """Presses Undo in the menu, and waits until a layer went or came."""
    yield from _step(document, "edit_undo")


def redo(document: Document) -> Case:
    """Presses Redo in the menu, and waits until a layer came or went."""
    yield from _step(document, "edit_redo")


def _step(document: Document, action: str) -> Case:
    before = layers(document)
    Krita.instance().action(action).trigger()
    yield Until(f"{action} has changed the layers", lambda: layers(document) != before)
    # What is seen of it is drawn a moment later.
    document.waitForDone()
    yield 0.15


# Pixels.


def flattened(document: Document, box: QRect | None = None) -> bytes:
    """The whole picture as it is seen."""
    document.waitForDone()
    area = box or document.bounds()
    return bytes(document.pixelData(area.x(), area.y(), area.width(), area.height()))


def pixels(node: Node, box: QRect) -> bytes:
    """A layer's pixels."""
    return bytes(node.pixelData(box.x(), box.y(), box.width(), box.height()))


def samples(content: bytes, depth: str) -> tuple[Any, ...]:
    """Bytes as numbers."""
    kind = SAMPLES[depth]
    return struct.unpack(f"<{len(content) // struct.calcsize(kind)}{kind}", content)


def packed(values: Any, depth: str) -> bytes:
    """Numbers as bytes."""
    return struct.pack(f"<{len(values)}{SAMPLES[depth]}", *values)


def selected(document: Document, box: QRect) -> bytes:
    """How much of each pixel is selected."""
    selection = document.selection()
    return bytes(selection.pixelData(box.x(), box.y(), box.width(), box.height()))


def same_outside(before: bytes, after: bytes, mask: bytes, width: int, size: int) -> int:
    """Checks that every bit outside a mask is as before; how many pixels that were."""
    assert len(before) == len(after) == len(mask) * size
    counted = 0
    for top in range(0, len(mask), width):
        for run in re.finditer(rb"\0+", mask[top : top + width]):
            start, end = (top + run.start()) * size, (top + run.end()) * size
            if before[start:end] != after[start:end]:
                at = next(it for it in range(start, end) if before[it] != after[it])
                seen = f"{before[at : at + 4].hex()} became {after[at : at + 4].hex()}"
                raise AssertionError(f"outside, byte {at} of {len(before)}: {seen}")
            counted += run.end() - run.start()
    return counted


def changed_inside(before: bytes, after: bytes, mask: bytes, size: int) -> float:
    """The share of the fully selected pixels that changed."""
    inside = [at for at, value in enumerate(mask) if value == 255]
    changed = sum(
        before[at * size : (at + 1) * size] != after[at * size : (at + 1) * size] for at in inside
    )
    return changed / max(1, len(inside))


def inverted(content: bytes) -> bytes:
    """Eight-bit colours turned around, transparency as it is."""
    turned = bytearray(content.translate(bytes(range(255, -1, -1))))
    turned[3::4] = content[3::4]
    return bytes(turned)


def select_softly(document: Document, box: QRect, feather: int) -> None:
    """Selects a rectangle with soft edges."""
    selection = Selection()
    selection.select(box.x(), box.y(), box.width(), box.height(), 255)
    if feather:
        selection.feather(feather)
    document.setSelection(selection)


def deselect(document: Document) -> Case:
    """Selects nothing, through the menu."""
    yield 0.2
    Krita.instance().action("deselect").trigger()
    yield Until("nothing is selected", lambda: document.selection() is None)


def paint(node: Node, content: bytes, box: QRect) -> None:
    """Puts pixels into a layer."""
    node.setPixelData(QByteArray(content), box.x(), box.y(), box.width(), box.height())
