"""The panel of the integrations with an editor that is a list of layers, against a real daemon that
knows `invert` and some fixtures. What is shown, what is sent and what becomes a layer.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import time
from collections.abc import Callable
from typing import Any

from checks import inverted, pattern, say
from easel import Client, EaselError
from easel.daemon import read_endpoint
from easel.flows import Session
from easel.panel import (
    Layer,
    Panel,
    Placement,
    Result,
    Rows,
    Settings,
    Sight,
    Source,
    ThreadDriver,
)
from easel.protocol import Origin, PixelFormat, Region

WIDTH, HEIGHT = 60, 40
#: The document; the layer lies off its corner.
ORIGIN: Origin = {"document": "the document", "layer": "the layer", "x": -7, "y": 11}


class List:
    """An editor: one layer to transform, and whatever is placed above it."""

    client = "list"

    def __init__(self) -> None:
        self.rows = pattern(WIDTH, HEIGHT)
        self.selection: Region | None = None
        self.version = 0
        self.open = True
        self.reads = 0
        self.placed: list[Placement] = []
        self.shown: list[str] = []

    def look(self, area: str) -> Sight | None:
        if not self.open:
            return None
        return Sight(
            "paper",
            WIDTH,
            HEIGHT,
            ORIGIN,
            self.selection,
            token=self.version,
            layers=[("the layer", "paper")],
        )

    def read(self, area: str, use_selection: bool) -> Source:
        self.reads += 1
        sight = self.look(area)
        assert sight is not None
        mask = self.mask() if use_selection and self.selection else None
        return Source(sight, Rows(self.rows, "rgba8", WIDTH, HEIGHT), mask)

    def mask(self) -> bytes:
        """A soft selection: its first column is only half selected."""
        assert self.selection is not None
        x, y, width, height = (self.selection[it] for it in ("x", "y", "width", "height"))
        rows = bytearray(WIDTH * HEIGHT)
        for row in range(y, y + height):
            rows[row * WIDTH + x : row * WIDTH + x + width] = b"\x80" + b"\xff" * (width - 1)
        return bytes(rows)

    def read_layer(self, id: str) -> Rows:
        assert id == "the layer"
        return Rows(self.rows, "rgba8", WIDTH, HEIGHT)

    def formats(self, origin: Origin) -> PixelFormat | None:
        return "bgra8" if self.open and origin.get("document") == ORIGIN["document"] else None

    def place(self, placement: Placement) -> Any:
        if not self.open:
            raise EaselError("not_found", "the document is closed", "open it again")
        self.placed.append(placement)
        return len(self.placed)

    def choose(self, artifact: str, origin: Origin) -> bool:
        self.shown.append(artifact)
        return any(artifact == it.artifact for made in self.placed for it in made.layers)


class Desk:
    """A panel with its editor, and the loop that both live on."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.calls: queue.Queue[Callable[[], None]] = queue.Queue()
        self.session = Session()
        self.editor = List()
        driver = ThreadDriver(self.session, self.calls.put)
        self.panel = Panel(self.editor, driver, self.session, settings or Settings())
        self.heard: set[str] = set()
        self.panel.listen(self.heard.update)

    def until(self, what: str, true: Callable[[], Any], patience: float = 60.0) -> Any:
        """Lives until something is so."""
        deadline = time.monotonic() + patience
        refreshed = 0.0
        while True:
            found = true()
            if found:
                return found
            assert time.monotonic() < deadline, f"not so: {what}; {self.panel.status}"
            if time.monotonic() - refreshed > 0.1:
                refreshed = time.monotonic()
                self.panel.refresh()
            with contextlib.suppress(queue.Empty):
                self.calls.get(timeout=0.02)()

    def opened(self) -> Panel:
        """The panel with everything that the daemon knows."""
        self.panel.open()
        self.until("models are listed", lambda: len(self.panel.models) > 1)
        # What needs a reference is dimmed as soon as the daemon has judged.
        self.until("advice is there", lambda: row(self.panel, "local-style-reference").reason)
        return self.panel

    def settled(self) -> None:
        """Lives until nothing runs."""
        self.until("nothing runs", lambda: self.panel.run is None)


def row(panel: Panel, id: str) -> Any:
    return next(it for it in panel.models if it.id == id)


def first_layer(desk: Desk) -> Layer:
    [layer] = desk.editor.placed[-1].layers
    return layer


def picks_and_prices(desk: Desk) -> None:
    panel = desk.opened()
    auto, *rest = panel.models
    assert auto.id == "auto" and auto.ticked and auto.strengths == f"picks {rest[0].label}"
    assert {it.id for it in rest} >= {"invert", "slow", "local-style"}
    assert row(panel, "invert").price == "free" and row(panel, "invert").reason is None
    # What needs a reference is dimmed and says so, and comes after what can do it.
    dimmed = row(panel, "local-style-reference")
    assert dimmed.reason == "Needs at least 1 reference, 0 were given"
    assert panel.models.index(dimmed) > len(panel.models) - 3
    assert panel.button == ("Transform", True, "")
    panel.tick("auto", False)
    assert panel.button.reason == "Tick a model" and not panel.button.enabled
    panel.tick("invert", True)
    panel.tick("slow", True)
    assert panel.button.label == "Transform · 2 models"
    panel.tick("slow", False)
    # Another intent: `invert` does not serve it and loses its tick.
    panel.set(intent="cutout")
    assert panel.settings.models == ("auto",)
    desk.until("advice", lambda: row(panel, "auto").strengths.startswith("picks"))
    assert "local-style" not in [it.id for it in panel.models]
    panel.set(intent="restyle", models=("invert",))
    assert desk.editor.reads == 0, "nothing is read before Transform is pressed"


def whole_layer(desk: Desk) -> None:
    panel = desk.panel
    desk.until("ready", lambda: panel.button.enabled)
    panel.transform()
    assert panel.run is not None and panel.run.stage == "Sending"
    desk.settled()
    layer = first_layer(desk)
    assert (layer.x, layer.y, layer.mask) == (-7, 11, None)
    assert layer.pixels[1:4] == ("bgra8", WIDTH, HEIGHT)
    expected = bytearray(inverted(desk.editor.rows))
    expected[0::4], expected[2::4] = expected[2::4], expected[0::4]
    assert layer.pixels.rows == expected
    assert layer.name == "Invert: restyle"
    result = desk.until("history", lambda: panel.results and panel.results[0])
    assert (result.artifact, result.state, result.cost) == (layer.artifact, "done", "free")
    assert result.origin == ORIGIN and result.ask["client"] == "list"
    thumbnails: list[bytes] = []
    panel.thumbnail(result.blob, 32, thumbnails.append)
    desk.until("thumbnail", lambda: thumbnails)
    assert thumbnails[0].startswith(b"\x89PNG")


def selection_and_iteration(desk: Desk) -> None:
    editor, panel = desk.editor, desk.panel
    editor.selection = {"x": 10, "y": 5, "width": 20, "height": 15}
    editor.version += 1
    panel.set(feather=0)
    panel.refresh()
    panel.transform()
    desk.settled()
    layer = first_layer(desk)
    # Exactly where the selection is, and hidden where nothing may change.
    assert (layer.x, layer.y, *layer.pixels[2:4]) == (-7 + 10, 11 + 5, 20, 15)
    assert layer.mask == b"\xff" * (20 * 15) or layer.mask is None
    parent = panel.results[0]
    assert parent.ask["mask"] and parent.artifact == layer.artifact

    # Going on from it keeps to the same mask, in its own place, without asking the editor.
    reads = editor.reads
    panel.iterate(parent)
    editor.selection = None
    panel.transform()
    desk.settled()
    again = first_layer(desk)
    assert editor.reads == reads and (again.x, again.y) == (layer.x, layer.y)
    child = panel.results[0]
    assert child.ask["parent"] == parent.artifact and child.ask["mask"]
    panel.stop_iterating()


def comparison(desk: Desk) -> None:
    panel = desk.panel
    panel.set(models=("invert", "slow", "error-text"), params={"slow:milliseconds": 50})
    desk.until("button", lambda: panel.button == ("Transform · 3 models", True, ""))
    panel.transform()
    desk.settled()
    # The one that failed holds nothing back, and is named with its reason.
    placement = desk.editor.placed[-1]
    assert placement.title == "Compare: restyle" and len(placement.layers) == 2
    assert [it.name.split(":")[0] for it in placement.layers] == ["Invert", "Fixture slow"]
    assert all("free" in it.name and "% structure" in it.name for it in placement.layers)
    assert panel.status is not None and panel.status.severity == "warning"
    assert panel.status.text.startswith("Fixture error-text: "), panel.status
    # Choosing one is the editor's: nothing is placed again.
    count = len(desk.editor.placed)
    panel.apply(panel.results[0])
    assert desk.editor.shown[-1] == panel.results[0].artifact
    assert len(desk.editor.placed) == count
    panel.set(models=("invert",), params={})


def previews(desk: Desk) -> None:
    panel = desk.panel
    panel.set(models=("previewer",), params={"previewer:milliseconds": 400})
    desk.until("button", lambda: panel.button.enabled)
    panel.transform()
    png = desk.until("a picture meanwhile", lambda: panel.run and panel.run.preview)
    assert png.startswith(b"\x89PNG")
    desk.until("progress", lambda: panel.run and panel.run.fraction)
    assert panel.run is not None and panel.run.elapsed.endswith("s")
    desk.settled()
    assert first_layer(desk).name.startswith("Fixture previewer")


def cancelled_half_way(desk: Desk) -> None:
    panel = desk.panel
    count = len(desk.editor.placed)
    panel.set(models=("slow",), params={"slow:milliseconds": 600_000})
    desk.until("button", lambda: panel.button.enabled)
    panel.transform()
    desk.until("it runs", lambda: panel.run and panel.run.stage == "Running")
    panel.cancel()
    assert panel.run is not None and panel.run.stage == "Cancelling"
    desk.settled()
    assert panel.status is not None and panel.status.text == "Cancelled"
    assert len(desk.editor.placed) == count
    desk.until("history", lambda: panel.results[0].state == "cancelled")


def killed_and_started_again(desk: Desk) -> None:
    panel = desk.panel
    panel.set(models=("slow",), params={"slow:milliseconds": 1500})
    desk.until("button", lambda: panel.button.enabled)
    panel.transform()
    desk.until("it runs", lambda: panel.run and panel.run.stage == "Running")
    before = read_endpoint(desk.session.data_dir).pid
    os.kill(before, signal.SIGKILL)
    # Nobody else starts it again: the panel does.
    desk.settled()
    assert read_endpoint(desk.session.data_dir).pid != before
    assert first_layer(desk).pixels.width == WIDTH and panel.status is None
    panel.set(models=("invert",), params={})


def references_and_sets(desk: Desk) -> None:
    panel = desk.panel
    panel.add_reference_layer("the layer")
    desk.until("a reference", lambda: panel.settings.references)
    panel.add_reference_file("no such file")
    desk.until("it is said", lambda: panel.status and "no such file" in panel.status.text)
    panel.save_set("  the cat ")
    desk.until("a set", lambda: panel.sets)
    panel.remove_reference(0)
    assert panel.settings.references == ()
    panel.use_set("the cat")
    [reference] = panel.settings.references
    assert (reference.title, reference.width, reference.height) == ("the cat 1", WIDTH, HEIGHT)
    desk.until("it can", lambda: row(panel, "local-style-reference").reason is None)
    panel.remove_set("the cat")
    desk.until("no set", lambda: not panel.sets)
    panel.remove_reference(0)


def models_come_and_go(desk: Desk) -> None:
    """Somebody switches a backend off in a terminal: the list says so, and nobody has to ask."""
    panel = desk.panel
    with Client() as client:
        client.backend_disable(id="error-text")
        desk.until("it is dimmed", lambda: row(panel, "error-text").reason)
        client.backend_enable(id="error-text")
        panel.reload_models()
        desk.until("it is back", lambda: row(panel, "error-text").reason is None)


def live(desk: Desk) -> None:
    panel, editor = desk.panel, desk.editor
    count, known = len(editor.placed), len(panel.results)
    panel.set(live=True)
    desk.until("a first one", lambda: len(editor.placed) == count + 1)
    assert editor.placed[-1].replaces is None
    for _ in range(3):
        editor.version += 1
        panel.refresh()
    desk.until("a second one", lambda: len(editor.placed) == count + 2)
    assert editor.placed[-1].replaces == count + 1, "it takes the place of the first"
    desk.until("only the newest is kept", lambda: len(panel.results) == known + 1)
    panel.set(live=False)
    editor.version += 1
    desk.settled()
    assert len(editor.placed) == count + 2


def history_of_a_new_panel(desk: Desk) -> None:
    """What a panel made is there after its editor was closed and opened again."""
    desk.panel.close()
    again = Desk()
    panel = again.opened()
    old: list[Result] = again.until("history", lambda: panel.results)
    pictures = [it for it in old if it.artifact]
    last = pictures[-1]
    panel.apply(last)
    again.until("a layer", lambda: again.editor.placed)
    assert first_layer(again).artifact == last.artifact and first_layer(again).x == -7
    panel.rerun(last)
    again.settled()
    assert first_layer(again).artifact != last.artifact
    panel.copy_settings(pictures[0])
    assert panel.settings.models == tuple(pictures[0].ask["models"])
    count = len(panel.results)
    panel.discard(last)
    again.until("it is gone", lambda: all(it.key != last.key for it in panel.results))
    assert [it.key for it in panel.discarded] == [last.key]
    panel.bring_back()
    assert not panel.discarded
    again.until("it is back", lambda: len(panel.results) == count)
    # A closed document: the result stays in the history, and the panel says where.
    again.editor.open = False
    panel.refresh()
    assert panel.button.reason == "Open a picture, say what should change."
    panel.close()


def main() -> None:
    desk = Desk()
    for step in (
        picks_and_prices,
        whole_layer,
        selection_and_iteration,
        comparison,
        previews,
        cancelled_half_way,
        references_and_sets,
        models_come_and_go,
        live,
        killed_and_started_again,
        history_of_a_new_panel,
    ):
        step(desk)
        say(step.__name__)
    # The daemon that the panel started is ended by the one who began with another.
    Client().server_shutdown()


if __name__ == "__main__":
    main()
