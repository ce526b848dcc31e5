"""The part of the panel that shows what was made, in this editor and in all others: the daemon
keeps it, events say when it changes.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from .. import messages
from ..errors import EaselError
from ..flows import Flow, Tell
from ..protocol import BlobId, Event, TransformRecord
from . import run as running
from . import words
from .base import Base
from .results import Result, results_of

#: Transforms of one page of the history.
_PAGE = 30
#: Thumbnails that are kept.
_THUMBNAILS = 400
#: How long a question for events waits, in milliseconds.
_WAIT_MS = 20_000
#: Events that change nothing in the history.
_BESIDE = ("progress", "preview", "note", "checkpoint")
#: Before a daemon that went away is asked again, in seconds.
_AGAIN = 2.0


class History(Base):
    """Results, newest first, and what can be done with one."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        #: Newest first.
        self.results: list[Result] = []
        #: There are older ones.
        self.has_more = False
        #: What was discarded here, and can be brought back.
        self.discarded: list[Result] = []
        #: What the next transform goes on from, instead of a layer.
        self.parent: Result | None = None
        self._records: dict[str, TransformRecord] = {}
        self._last_event = 0
        self._stale: set[str] = set()
        self._thumbnails: OrderedDict[tuple[BlobId, int], bytes] = OrderedDict()
        self._asked: dict[tuple[BlobId, int], list[Callable[[bytes], None]]] = {}

    # What is known.

    def _load_history(self) -> None:
        def loaded(page: dict[str, Any]) -> None:
            self._take(page["transforms"])
            self.has_more = len(page["transforms"]) == _PAGE
            self._find_runs()

        self._run(self.session.call("transform.list", {"limit": _PAGE}), loaded)

    def _find_runs(self) -> None:
        raise NotImplementedError

    def more_results(self) -> None:
        """Fetches an older page."""
        if not self._records:
            return

        def loaded(page: dict[str, Any]) -> None:
            self.has_more = len(page["transforms"]) == _PAGE
            self._take(page["transforms"])

        query = {"limit": _PAGE, "before": min(self._records)}
        self._run(self.session.call("transform.list", query), loaded)

    def _take(self, records: list[TransformRecord]) -> None:
        self._records.update({record["id"]: record for record in records})
        newest = sorted(self._records.values(), key=lambda it: it["id"], reverse=True)
        self.results = [it for record in newest for it in results_of(record, self.label)]
        self._changed("results")

    # Events of all editors.

    def _watch(self) -> None:
        def failed(_: EaselError) -> None:
            # Whatever needs the daemon says so; this only listens.
            self._soon("watch", _AGAIN, self._watch)

        self._run(self._events(), lambda _: None, failed, self._happened)

    def _events(self) -> Flow[None]:
        while not self._closed:
            page = yield from self.session.events(self._last_event, None, _WAIT_MS)
            for event in page["events"]:
                self._last_event = event["seq"]
                if self._minds(event):
                    yield Tell(event)

    def _minds(self, event: Event) -> bool:
        """Whether it is told of an event."""
        return event["event"] not in _BESIDE

    def _happened(self, event: Event) -> None:
        if event["event"] not in _BESIDE:
            self._heard(event["transform"])

    def _heard(self, transform: str) -> None:
        self._stale.add(transform)
        self._soon("history", 0.15, self._catch_up)

    def _catch_up(self) -> None:
        stale, self._stale = self._stale, set()

        def fetch() -> Flow[list[TransformRecord]]:
            records: list[TransformRecord] = []
            for id in stale:
                try:
                    records.append((yield from self.session.call("transform.get", {"id": id})))
                except EaselError as error:
                    # It may have been cleaned up since.
                    if error.kind != "not_found":
                        raise
            return records

        def failed(_: EaselError) -> None:
            self._stale |= stale
            self._soon("history", _AGAIN, self._catch_up)

        self._run(fetch(), self._take, failed)

    # What can be done with a result.

    def apply(self, result: Result) -> None:
        """Shows the layer of a result and hides the others of its group; makes the layer where
        there is none any more.
        """
        if result.artifact is None:
            self._say(words.Line("warning", "There is no picture to apply"))
            return
        try:
            if self.editor.choose(result.artifact, result.origin):
                self._say(words.Line("info", f"Shows {result.layer_name}"))
                return
            format = self.editor.formats(result.origin)
        except EaselError as error:
            self._fail(error)
            return

        def brought(made: running.Brought) -> None:
            placement = running.placement(made)
            if format is None and self.sight is not None:
                # Its own document is not open: the one that is takes it, where its layer lies.
                moved = self.sight.origin
                by = (moved["x"] - result.origin["x"], moved["y"] - result.origin["y"])
                layers = [it._replace(x=it.x + by[0], y=it.y + by[1]) for it in made.layers]
                placement = placement._replace(origin=moved, layers=layers)
            try:
                self.editor.place(placement)
                self._say(words.Line("info", f"Added {made.layers[0].name}"))
            except EaselError as error:
                self._fail(error)

        wanted = format
        if wanted is None and self.sight is not None:
            wanted = self.editor.formats(self.sight.origin)
        if wanted is None:
            self._say(words.Line("warning", "No document is open", "Open one to apply the result."))
            return
        flow = running.bring(self.session, result.transform, result.artifact, wanted, self.label)
        self._run(flow, brought)

    def discard(self, result: Result) -> None:
        """Takes a result out of the history; `bring_back` undoes it."""
        if result.artifact is not None:
            self.discarded.append(result)
            self._put_away(result)

    def bring_back(self) -> None:
        """Brings the result back that was discarded last."""
        if self.discarded:
            result = self.discarded.pop()
            flow = self.session.call("artifact.restore", {"id": result.artifact})
            self._run(flow, lambda _: self._heard(result.transform))
            self._changed("results")

    def _put_away(self, result: Result) -> None:
        flow = self.session.call("artifact.discard", {"id": result.artifact})
        self._run(flow, lambda _: self._heard(result.transform))

    def iterate(self, result: Result) -> None:
        """Makes a result the source of the next transform."""
        if result.artifact is not None:
            self.parent = result
            self._changed("sight")

    def stop_iterating(self) -> None:
        """Goes back to layers as the source."""
        if self.parent is not None:
            self.parent = None
            self._changed("sight")

    def thumbnail(self, blob: BlobId, side: int, done: Callable[[bytes], None]) -> None:
        """Gives the bytes of a small PNG, at once where they are known, else later."""
        key = (blob, side)
        known = self._thumbnails.get(key)
        if known is not None:
            self._thumbnails.move_to_end(key)
            done(known)
            return
        waiting = self._asked.setdefault(key, [])
        waiting.append(done)
        if len(waiting) > 1:
            return

        def fetched(png: bytes) -> None:
            self._thumbnails[key] = png
            while len(self._thumbnails) > _THUMBNAILS:
                self._thumbnails.popitem(last=False)
            for call in self._asked.pop(key, []):
                call(png)

        def failed(_: EaselError) -> None:
            self._asked.pop(key, None)

        request = messages.blob(blob, "preview", max=side)

        def fetch() -> Flow[bytes]:
            return messages.content((yield from self.session.send(request, running.PATIENCE)))

        self._run(fetch(), fetched, failed)
