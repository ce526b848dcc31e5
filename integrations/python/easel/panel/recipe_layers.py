"""From what a recipe's run has made to layers: which step of it made what, what all of its steps
may have changed, and what the layers are called.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..flows import Flow, Session
from ..messages import BYTES_PER_PIXEL, Pixels
from ..protocol import (
    BlobId,
    Origin,
    PixelFormat,
    Region,
    RunRecord,
    RunResult,
    TransformRecord,
)
from . import masks, words
from .editor import Layer, Rows
from .results import Result
from .run import PATIENCE, fetch, shown_of

#: The daemon names the transforms of a run by its id, the cell of the matrix and the step.
_KEY = re.compile(r"(r[0-9a-f]{32})\.(\d+)\.(\d+)\.(\d+|mask)\..*")


class Step(NamedTuple):
    """Where in a recipe's run a transform belongs."""

    run: str
    cell: int
    step: int
    #: It only finds where a step may change the picture.
    mask: bool


def step_of(key: str) -> Step | None:
    """What the key of a transform says of a run; `None` where it is of none."""
    found = _KEY.fullmatch(key)
    if found is None:
        return None
    return Step(found[1], int(found[2]), int(found[3]), found[4] == "mask")


def layers_of(
    session: Session,
    record: RunRecord,
    transforms: Sequence[TransformRecord],
    origin: Origin,
    format: PixelFormat | None,
    label: Callable[[str], str],
) -> Flow[list[Layer]]:
    """Fetches the pictures of a run as layers."""
    layers: list[Layer] = []
    for result, name in zip(record["results"], _names(record, transforms, label)):
        own = _maker(result, transforms)
        if own is not None:
            earlier = _earlier(own, transforms)
            layers.append((yield from _layer(session, result, own, earlier, origin, format, name)))
    return layers


def _maker(result: RunResult, transforms: Sequence[TransformRecord]) -> TransformRecord | None:
    wanted = result["artifact"]["job"]
    return next((it for it in transforms if any(j["id"] == wanted for j in it["jobs"])), None)


def _earlier(own: TransformRecord, transforms: Sequence[TransformRecord]) -> list[TransformRecord]:
    """The transforms that made the source of this one, step by step."""
    at = step_of(own["key"])
    found: list[TransformRecord] = []
    for it in transforms:
        other = step_of(it["key"])
        if at is None or other is None or other.mask or other.cell != at.cell:
            continue
        if other.step < at.step and any(job["artifacts"] for job in it["jobs"]):
            found.append(it)
    return found


def _names(
    record: RunRecord, transforms: Sequence[TransformRecord], label: Callable[[str], str]
) -> list[str]:
    """What the layers are called: the axes and the model, else what the recipe calls it."""
    titles = {it["ask"].get("title") for it in transforms}
    names = [_name(it, record["recipe"], titles, label) for it in record["results"]]
    return [
        f"{name} ({names[: place + 1].count(name)})" if names.count(name) > 1 else name
        for place, name in enumerate(names)
    ]


def _name(
    result: RunResult, recipe: str, titles: set[str | None], label: Callable[[str], str]
) -> str:
    model = label(result["model"])
    # An axis may be the model itself.
    axes = [
        words.shortened(value, 48)
        for value in result["axes"].values()
        if value.split(",")[0].strip() != result["model"]
    ]
    if result["axes"]:
        return " · ".join([*axes, model])
    name = result["name"].rsplit("/", 1)[-1]
    # Called as its source, it would be mistaken for it.
    return words.layer_name(recipe, model) if not name or name in titles else name


def _layer(
    session: Session,
    result: RunResult,
    own: TransformRecord,
    earlier: Sequence[TransformRecord],
    origin: Origin,
    format: PixelFormat | None,
    name: str,
) -> Flow[Layer]:
    artifact, ask = result["artifact"], own["ask"]
    rows = yield from fetch(session, artifact["blob"], format)
    place, asked = artifact["place"], ask.get("mask")
    shown: bytes | None = None
    if asked is not None and (place["width"], place["height"]) == (rows.width, rows.height):
        before = [it["ask"].get("mask") for it in earlier]
        if all(mask == asked for mask in before):
            mask = yield from session.pixels(asked, "gray8", PATIENCE)
            shown = shown_of(mask, place, (rows.width, rows.height))
        else:
            # An earlier step has changed more than the last one: all of it belongs to the layer.
            whole = yield from fetch(session, ask["source"], format)
            rows = _joined(whole, rows, place)
            place = {"x": 0, "y": 0, "width": rows.width, "height": rows.height}
            shown = yield from _union(session, [*before, asked], (rows.width, rows.height))
    grown = [it["ask"].get("expand") or {} for it in (*earlier, own)]
    return Layer(
        name=name,
        pixels=rows,
        x=origin["x"] + place["x"] - sum(it.get("left", 0) for it in grown),
        y=origin["y"] + place["y"] - sum(it.get("top", 0) for it in grown),
        mask=shown,
        artifact=artifact["id"],
        job=artifact["job"],
        transform=own["id"],
        run=(step_of(own["key"]) or Step("", 0, 0, False)).run,
    )


def _joined(whole: Rows, part: Rows, place: Region) -> Rows:
    """A picture with a part of it in its place."""
    size = BYTES_PER_PIXEL[whole.format]
    rows, piece = bytearray(whole.rows), memoryview(part.rows).cast("B")
    across = part.width * size
    for row in range(part.height):
        start = ((place["y"] + row) * whole.width + place["x"]) * size
        rows[start : start + across] = piece[row * across : (row + 1) * across]
    return whole._replace(rows=bytes(rows))


def _union(
    session: Session, asked: Sequence[BlobId | None], size: tuple[int, int]
) -> Flow[bytes | None]:
    """The mask of a layer that several steps have changed; `None` where one could change all."""
    place: Region = {"x": 0, "y": 0, "width": size[0], "height": size[1]}
    joined = 0
    for blob in dict.fromkeys(asked):
        if blob is None:
            return None
        mask: Pixels = yield from session.pixels(blob, "gray8", PATIENCE)
        if (mask.width, mask.height) != size:
            return None
        joined |= int.from_bytes(masks.shown(mask.rows, mask.width, place), "little")
    shown = joined.to_bytes(size[0] * size[1], "little")
    return shown if shown.count(0) else None


def together(results: Sequence[Result], result: Result) -> list[Result]:
    """The pictures that were made beside a result: by one transform, or by the same step of a
    recipe's run for other values of its matrix.
    """
    at = step_of(result.asked_by)

    def beside(other: Result) -> bool:
        if other.transform == result.transform:
            return True
        step = step_of(other.asked_by)
        return at is not None and step is not None and step._replace(cell=at.cell) == at

    return [it for it in results if it.blob is not None and beside(it)]
