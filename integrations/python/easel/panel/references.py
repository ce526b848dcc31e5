"""The part of the panel for pictures that guide the change: layers, files, and sets that the daemon
keeps by name, so that a character stays the same across pictures and editors.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .. import messages
from ..errors import EaselError
from ..flows import Flow
from ..protocol import BlobInfo, ReferenceSet
from . import run as running
from . import words
from .history import History
from .settings import Reference


class References(History):
    """The references of the settings, and the named sets."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        #: The named sets, by name.
        self.sets: list[ReferenceSet] = []

    def set(self, **changes: Any) -> None:
        """Changes settings."""
        raise NotImplementedError

    def add_reference_layer(self, id: str) -> None:
        """Adds a layer of the open document, as it is now."""
        name = next((name for layer, name in self._layers() if layer == id), "layer")
        try:
            rows = self.editor.read_layer(id)
        except EaselError as error:
            self._fail(error)
            return

        def flow() -> Flow[Reference]:
            blob = yield from running.upload(self.session, rows)
            return Reference(blob, name, rows.width, rows.height)

        self._run(flow(), self._add)

    def add_reference_file(self, path: str) -> None:
        """Adds a picture from a file."""

        def flow() -> Flow[Reference]:
            request = messages.put_file(messages.read_file(path))
            info: BlobInfo = yield from self.session.put(request, running.PATIENCE)
            picture = info.get("picture")
            size = (picture["width"], picture["height"]) if picture else (0, 0)
            return Reference(info["id"], Path(path).name, *size)

        self._run(flow(), self._add)

    def _layers(self) -> Any:
        return self.sight.layers if self.sight is not None else ()

    def _add(self, reference: Reference) -> None:
        if all(reference.blob != it.blob for it in self.settings.references):
            self.set(references=(*self.settings.references, reference))

    def remove_reference(self, index: int) -> None:
        """Takes one out."""
        kept = list(self.settings.references)
        if 0 <= index < len(kept):
            del kept[index]
            self.set(references=tuple(kept))

    def move_reference(self, index: int, to: int) -> None:
        """Moves one to another place in the row."""
        order = list(self.settings.references)
        if 0 <= index < len(order):
            order.insert(max(0, to), order.pop(index))
            self.set(references=tuple(order))

    def _load_sets(self) -> None:
        def loaded(answer: dict[str, Any]) -> None:
            self.sets = answer["sets"]
            self._changed("references")

        self._run(self.session.call("reference.list"), loaded)

    def save_set(self, name: str) -> None:
        """Keeps the references under a name, for all editors; one of that name is replaced."""
        blobs = [reference.blob for reference in self.settings.references]
        flow = self.session.call("reference.save", {"name": name, "blobs": blobs})

        def saved(_: Any) -> None:
            self._say(words.Line("info", f"Saved the reference set {name.strip()}"))
            self._load_sets()

        self._run(flow, saved)

    def use_set(self, name: str) -> None:
        """Takes the references of a set instead of those that were there."""
        for kept in self.sets:
            if kept["name"] == name:
                pictures = enumerate(kept["references"], 1)
                self.set(
                    references=tuple(
                        Reference(it["blob"], f"{name} {number}", it["width"], it["height"])
                        for number, it in pictures
                    )
                )

    def remove_set(self, name: str) -> None:
        """Forgets a set; its pictures stay in the history."""
        flow = self.session.call("reference.remove", {"name": name})
        self._run(flow, lambda _: self._load_sets())
