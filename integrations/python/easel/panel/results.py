"""The history as the panel shows it: stored transforms become results, newest first. The daemon
keeps them; nothing here is state.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..protocol import Artifact, Ask, BlobId, JobRecord, Origin, Region, TransformRecord
from . import words

#: A mean distance in OKLab that fills the bar of colour: black from white is 1.
_FULL_COLOUR = 0.25


@dataclass(frozen=True)
class Result:
    """One picture, or one job that has none: it runs, or it failed."""

    transform: str
    job: str
    #: `None` where there is no picture.
    artifact: str | None
    blob: BlobId | None
    model: str
    model_label: str
    #: What was asked, in a few words.
    title: str
    ask: Ask
    #: `queued`, `running`, `done`, `failed` or `cancelled`.
    state: str
    #: Where it belongs, in pixels of the source; its own size may be a multiple of that.
    place: Region | None = None
    width: int = 0
    height: int = 0
    #: Three bars of 0 to 1: structure that stayed, colour that stayed, and what stayed outside.
    structure: float = 0.0
    colour: float = 0.0
    outside: float = 1.0
    time: str = ""
    cost: str = ""
    #: What went wrong, in two lines.
    failure: words.Line | None = None
    #: Sentences that the model's run told.
    notes: tuple[str, ...] = ()
    created: int = 0
    discarded: bool = False
    #: The key that its transform was asked for with.
    asked_by: str = ""
    #: Its number among the artifacts of its job, from 1; `None` where it is the only one.
    number: int | None = None

    @property
    def key(self) -> str:
        """Names it in lists and selections."""
        return self.artifact or self.job

    @property
    def origin(self) -> Origin:
        """Where its source lies in its document."""
        return self.ask.get("origin") or {"x": 0, "y": 0}

    @property
    def layer_name(self) -> str:
        """The name of the layer that it becomes."""
        return words.layer_name(self.model_label, self.title, self.number)

    @property
    def comparison_name(self) -> str:
        """The name of its layer in a comparison: model, time, cost and fidelity."""
        kept = f"{round(100 * self.structure)} % structure"
        parts = [self.layer_name, self.time, self.cost, kept]
        return " · ".join(part for part in parts if part)


def said(ask: Ask) -> str:
    """What an ask asks for, in a few words."""
    prompt, styles = (ask.get("prompt") or "").strip(), ask.get("style")
    if prompt:
        return prompt
    if styles:
        return ", ".join(it["name"].replace("-", " ") for it in styles)
    return next(label for intent, label, _ in words.INTENTS if intent == ask["intent"]).lower()


def results_of(record: TransformRecord, label: Callable[[str], str]) -> list[Result]:
    """What a transform has made so far, in the order of its models. `label` names a model."""
    found: list[Result] = []
    for job in record["jobs"]:
        made = [artifact for artifact in job["artifacts"] if not artifact.get("discarded")]
        if made:
            found.extend(_picture(record, job, artifact, label) for artifact in made)
        elif not job["artifacts"]:
            found.append(_without_picture(record, job, label))
    return found


def _picture(
    record: TransformRecord, job: JobRecord, artifact: Artifact, label: Callable[[str], str]
) -> Result:
    ask, fidelity = record["ask"], artifact["fidelity"]
    return Result(
        transform=job["transform"],
        job=job["id"],
        artifact=artifact["id"],
        blob=artifact["blob"],
        model=job["model"],
        model_label=label(job["model"]),
        title=said(ask),
        ask=ask,
        state="done",
        place=artifact["place"],
        width=artifact["width"],
        height=artifact["height"],
        structure=_share(fidelity["structure"]),
        colour=_share(1 - fidelity["colour"] / _FULL_COLOUR),
        outside=0.0 if fidelity["changed_outside"] else 1.0,
        time=words.duration(artifact["provenance"]["milliseconds"] / 1000),
        cost=_cost(job),
        notes=tuple((job.get("report") or {"notes": []})["notes"]),
        created=artifact["created"],
        asked_by=record["key"],
        number=artifact["index"] + 1 if len(job["artifacts"]) > 1 else None,
    )


def _without_picture(
    record: TransformRecord, job: JobRecord, label: Callable[[str], str]
) -> Result:
    ask, failure = record["ask"], job.get("failure")
    return Result(
        transform=job["transform"],
        job=job["id"],
        artifact=None,
        blob=None,
        model=job["model"],
        model_label=label(job["model"]),
        title=said(ask),
        ask=ask,
        state=job["state"],
        failure=words.failure_line(failure) if failure else None,
        created=job["created"],
        asked_by=record["key"],
    )


def _cost(job: JobRecord) -> str:
    report = job.get("report") or {}
    cost = report.get("cost")
    if cost is not None:
        return words.money(cost, report.get("currency") or job["plan"]["currency"])
    return words.money(job["plan"]["cost"], job["plan"]["currency"])


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))
