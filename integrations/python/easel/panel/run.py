"""One transform while it runs: what each job is doing, and the flow that sends a source, follows
the jobs and brings their pictures back.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .. import messages
from ..flows import FINAL, Flow, Session, Tell
from ..messages import Bytes, Pixels
from ..protocol import Ask, BlobId, Event, PixelFormat, Region, TransformRecord
from . import masks, words
from .editor import Layer, Placement, Rows, Running
from .results import Result, results_of

#: A daemon that was killed is waited for, or started again, for so many seconds.
PATIENCE = 120.0


@dataclass
class JobLine:
    """What one job is doing."""

    label: str
    state: str = "queued"
    stage: str = ""
    fraction: float | None = None
    failure: words.Line | None = None


@dataclass
class Run:
    """What runs now."""

    #: The models' names, in the order of the ask.
    title: str
    live: bool = False
    transform: str | None = None
    jobs: dict[str, JobLine] = field(default_factory=dict[str, JobLine])
    #: A picture to show meanwhile: the bytes of a PNG.
    preview: bytes | None = None
    cancelling: bool = False
    started: float = field(default_factory=time.monotonic)
    running: Running | None = None

    @property
    def fraction(self) -> float | None:
        """The share of all jobs that is done; `None` where none of them says."""
        if not self.jobs:
            return None
        shares = [1.0 if it.state in FINAL else it.fraction for it in self.jobs.values()]
        known = [share for share in shares if share is not None]
        return sum(known) / len(shares) if known else None

    @property
    def elapsed(self) -> str:
        """For how long it has been running."""
        return words.duration(time.monotonic() - self.started)

    @property
    def stage(self) -> str:
        """What it is doing, in a few words."""
        if self.cancelling:
            return "Cancelling"
        if self.transform is None:
            return "Sending"
        for line in self.jobs.values():
            if line.state == "running":
                stage = words.sentence(line.stage) if line.stage else "Running"
                return f"{line.label}: {stage.lower()}" if len(self.jobs) > 1 else stage
        if all(line.state in FINAL for line in self.jobs.values()):
            return "Bringing the layers back"
        return "Waiting"

    def cancel(self, session: Session) -> Flow[Any] | None:
        """Asks the daemon to stop it; `None` while the daemon does not have it."""
        return session.cancel(self.transform) if self.transform is not None else None

    def submitted(self, record: TransformRecord, label: Callable[[str], str]) -> None:
        """The daemon has it."""
        self.transform = record["id"]
        self.jobs = {job["id"]: JobLine(label(job["model"])) for job in record["jobs"]}

    def heard(self, event: Event) -> None:
        """Takes note of what happened to a job."""
        line = self.jobs.get(event["job"])
        if line is None:
            return
        if event["event"] == "progress":
            line.state = "running"
            line.fraction = event.get("fraction", line.fraction)
            line.stage = event.get("stage") or line.stage
        elif event["event"] == "started":
            line.state, line.fraction, line.stage = "running", None, ""
        elif event["event"] in ("queued", "requeued"):
            line.state, line.fraction = "queued", None
        elif event["event"] in FINAL:
            line.state = event["event"]
            if event["event"] == "failed":
                line.failure = words.failure_line(event["failure"])


class Submitted(NamedTuple):
    """Told when the daemon has stored the transform."""

    record: TransformRecord


class Brought(NamedTuple):
    """What a run gives in the end: the stored transform, and its pictures as layers."""

    record: TransformRecord
    results: list[Result]
    layers: list[Layer]


def upload(session: Session, rows: Rows) -> Flow[BlobId]:
    """Makes an editor's rows a blob."""
    icc: BlobId | None = None
    if rows.icc is not None:
        icc = (yield from session.put(messages.put_icc(rows.icc), PATIENCE))["id"]
    request = messages.put_pixels(rows.rows, rows.format, rows.width, rows.height, icc)
    return (yield from session.put(request, PATIENCE))["id"]


def upload_mask(session: Session, mask: Bytes, width: int, height: int) -> Flow[BlobId]:
    """Makes a mask a blob."""
    request = messages.put_pixels(mask, "gray8", width, height)
    return (yield from session.put(request, PATIENCE))["id"]


def transform(
    session: Session,
    ask: Flow[Ask],
    format: PixelFormat | None,
    label: Callable[[str], str],
) -> Flow[Brought]:
    """Makes the ask, submits it, follows it to its end and fetches what it made. Tells `Submitted`
    and every event on the way.
    """
    record = yield from session.submit((yield from ask), patience=PATIENCE)
    yield Tell(Submitted(record))
    yield from session.follow(record["id"], patience=PATIENCE)
    return (yield from bring(session, record["id"], None, format, label))


def resume(
    session: Session, transform: str, format: PixelFormat | None, label: Callable[[str], str]
) -> Flow[Brought]:
    """Like `transform`, for one that was submitted before."""
    record = yield from session.call("transform.get", {"id": transform}, PATIENCE)
    yield Tell(Submitted(record))
    yield from session.follow(transform, patience=PATIENCE)
    return (yield from bring(session, transform, None, format, label))


def bring(
    session: Session,
    transform: str,
    only: str | None,
    format: PixelFormat | None,
    label: Callable[[str], str],
) -> Flow[Brought]:
    """Fetches the pictures of a transform, or only the one of an artifact, as layers."""
    record = yield from session.call("transform.get", {"id": transform}, PATIENCE)
    results = results_of(record, label)
    made = [it for it in results if it.artifact and only in (None, it.artifact)]
    mask: Pixels | None = None
    if made and record["ask"].get("mask"):
        mask = yield from session.pixels(record["ask"]["mask"], "gray8", PATIENCE)
    layers: list[Layer] = []
    for result in made:
        layers.append((yield from _layer(session, result, mask, format, len(made) > 1)))
    return Brought(record, results, layers)


def fetch(session: Session, blob: BlobId, format: PixelFormat | None) -> Flow[Rows]:
    """A stored picture as an editor holds it."""
    pixels = yield from session.pixels(blob, format, PATIENCE)
    icc: bytes | None = None
    if pixels.icc is not None:
        response = yield from session.send(messages.blob(pixels.icc), PATIENCE)
        icc = messages.content(response)
    return Rows(pixels.rows, pixels.format, pixels.width, pixels.height, icc)


def shown_of(mask: Pixels, place: Region, size: tuple[int, int]) -> bytes | None:
    """The mask of a result layer; one that hides nothing says nothing."""
    shown = masks.shown(mask.rows, mask.width, place)
    whole: Region = {"x": 0, "y": 0, "width": size[0], "height": size[1]}
    return None if place == whole and shown.count(0) == 0 else shown


def _layer(
    session: Session, result: Result, mask: Pixels | None, format: Any, compared: bool
) -> Flow[Layer]:
    assert result.blob is not None and result.place is not None and result.artifact is not None
    rows = yield from fetch(session, result.blob, format)
    grown = result.ask.get("expand") or {}
    origin = result.origin
    shown: bytes | None = None
    if mask is not None and (result.place["width"], result.place["height"]) == rows[2:4]:
        shown = shown_of(mask, result.place, (result.width, result.height))
    return Layer(
        name=result.comparison_name if compared else result.layer_name,
        pixels=rows,
        x=origin["x"] + result.place["x"] - grown.get("left", 0),
        y=origin["y"] + result.place["y"] - grown.get("top", 0),
        mask=shown,
        artifact=result.artifact,
        job=result.job,
        transform=result.transform,
    )


def placement(brought: Brought, replaces: Any = None) -> Placement:
    """How what was brought is put into its document."""
    first = brought.results[0]
    title = words.layer_name("Compare", first.title)
    return Placement(title, brought.layers, first.origin, replaces)


def parent_mask(session: Session, parent: Result) -> Flow[BlobId | None]:
    """The mask of what an iteration goes on from, cut to the part that it covers: what was to stay
    then is to stay now.
    """
    asked = parent.ask.get("mask")
    place: Region | None = parent.place
    if asked is None or place is None:
        return None
    if (place["width"], place["height"]) != (parent.width, parent.height):
        # It was enlarged, which no mask was there for.
        return None
    mask = yield from session.pixels(asked, "gray8", PATIENCE)
    part = masks.cut(mask.rows, mask.width, place)
    return (yield from upload_mask(session, part, place["width"], place["height"]))
