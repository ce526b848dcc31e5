"""One recipe while it runs, and the flows that send a source, follow the run and bring its pictures
back as layers. The daemon runs the steps; a run outlives it, this process and the editor.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..flows import FINAL, Flow, Session
from ..protocol import (
    Event,
    Origin,
    PixelFormat,
    RecipeRunParams,
    RunRecord,
    TransformRecord,
)
from . import words
from .editor import Layer, Placement
from .recipe_layers import layers_of
from .run import PATIENCE, Run


@dataclass
class RecipeRun(Run):
    """A recipe that runs now; the title is the recipe's."""

    #: The run's id; `None` while the daemon does not have it.
    id: str | None = None
    record: RunRecord | None = None
    _shares: dict[str, float] = field(default_factory=dict[str, float])
    _stages: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def fraction(self) -> float | None:
        """The share of all its pictures that is made."""
        record = self.record
        if record is None or not record["total"]:
            return None
        done = min(record["done"], record["total"]) + sum(self._shares.values())
        return min(1.0, done / record["total"])

    @property
    def stage(self) -> str:
        """How far it is, and what it is doing."""
        record = self.record
        if self.cancelling:
            return "Cancelling"
        if record is None:
            return "Sending"
        if record["state"] in FINAL:
            return "Bringing the layers back"
        if not record["total"]:
            return "Waiting"
        said = f"{min(record['done'], record['total'])} of {record['total']} done"
        stage = next((it for it in self._stages.values() if it), "")
        return f"{said} · {words.shortened(stage, 24).lower()}" if stage else said

    def cancel(self, session: Session) -> Flow[Any] | None:
        """Asks the daemon to stop it; `None` while the daemon does not have it."""
        return session.call("run.cancel", {"id": self.id}) if self.id is not None else None

    def stands(self, record: RunRecord) -> None:
        """Takes note of how it stands."""
        if self.record is None:
            # It may have begun long before this panel was opened.
            self.started = time.monotonic() - max(0.0, time.time() - record["created"] / 1000)
        self.id, self.title, self.record = record["id"], record["recipe"], record

    def concerns(self, event: Event) -> bool:
        """Whether an event is about a step of it."""
        return self.record is not None and event["transform"] in self.record["transforms"]

    def heard(self, event: Event) -> None:
        """Takes note of what happened to a job of it."""
        job = event["job"]
        if event["event"] == "progress":
            self._shares[job] = event.get("fraction", self._shares.get(job, 0.0))
            self._stages[job] = event.get("stage") or self._stages.get(job, "")
        elif event["event"] in (*FINAL, "queued", "requeued"):
            self._shares.pop(job, None)
            self._stages.pop(job, None)


class RecipeBrought(NamedTuple):
    """What a run gives in the end: how it ended, its transforms, and its pictures as layers."""

    record: RunRecord
    transforms: list[TransformRecord]
    layers: list[Layer]
    origin: Origin


def run(
    session: Session,
    params: Flow[RecipeRunParams],
    origin: Origin,
    format: PixelFormat | None,
    label: Callable[[str], str],
) -> Flow[RecipeBrought]:
    """Makes the params, begins the run, follows it to its end and fetches what it made. Tells every
    `RunRecord` on the way.
    """
    record = yield from session.run_recipe((yield from params), patience=PATIENCE)
    return (yield from resume(session, record["id"], origin, format, label))


def resume(
    session: Session,
    run: str,
    origin: Origin,
    format: PixelFormat | None,
    label: Callable[[str], str],
) -> Flow[RecipeBrought]:
    """Like `run`, for one that was begun before."""
    record = yield from session.follow_run(run, patience=PATIENCE)
    transforms: list[TransformRecord] = []
    for id in record["transforms"]:
        transforms.append((yield from session.call("transform.get", {"id": id}, PATIENCE)))
    layers = yield from layers_of(session, record, transforms, origin, format, label)
    return RecipeBrought(record, transforms, layers, origin)


def placement(brought: RecipeBrought) -> Placement:
    """How what was brought is put into its document."""
    title = words.layer_name("Recipe", brought.record["recipe"])
    return Placement(title, brought.layers, brought.origin)


def ending(brought: RecipeBrought) -> words.Line | None:
    """What is to be said of how a run ended; `None` where all is well."""
    record = brought.record
    made = any(job["artifacts"] for it in brought.transforms for job in it["jobs"])
    kept = "What was made before is in the results." if made else ""
    failure = record.get("failure")
    if failure is not None:
        line = words.failure_line(failure)
        hint = " ".join(part for part in (line.hint, kept) if part)
        return words.Line("error", f"{record['recipe']}: {line.text}", hint)
    if record["state"] == "cancelled":
        return words.Line("info", "Cancelled", kept)
    notes = record["notes"]
    if not notes:
        return None
    more = f" (and {len(notes) - 1} more)" if len(notes) > 1 else ""
    return words.Line("info", f"{record['recipe']}: {words.sentence(notes[0])}{more}")
