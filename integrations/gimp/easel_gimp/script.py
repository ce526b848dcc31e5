"""A transform from beginning to end without a window: for scripts, for Repeat last and for running
a layer's transform again. GIMP shows its progress.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from easel import messages
from easel.errors import EaselError
from easel.flows import Flow, Session
from easel.panel import RecipeRun, Run, Settings, models, recipe_run, run, words
from easel.panel.run import Brought, Submitted
from easel.panel.settings import Reference, ask_of
from easel.protocol import Advice, Ask, ModelList, RecipeRunParams
from gi.repository import Gimp

from . import document, loop
from .editor import GimpEditor
from .place import Placed


def transform(
    editor: GimpEditor, settings: Settings, references: Sequence[str] = ()
) -> tuple[Placed, Brought]:
    """Reads the source, runs the models and places what they make. `references`: paths of files.
    Raises where there is no layer in the end.
    """
    source = editor.read(settings.area, settings.use_selection)
    session = _session()
    labels: dict[str, str] = {}
    size = (source.pixels.width, source.pixels.height)

    def ask() -> Flow[Ask]:
        yield from session.start()
        listed = yield from _labels(session, labels)
        given = list(settings.references)
        for path in references:
            given.append((yield from _reference(session, path)))
        chosen = replace(settings, references=tuple(given))
        pixels = yield from run.upload(session, source.pixels)
        mask = None
        if source.mask is not None:
            mask = yield from run.upload_mask(session, source.mask, *size)
        made = ask_of(
            chosen,
            editor.client,
            pixels,
            mask,
            size=size,
            keep=chosen.keep or (),
            title=source.sight.title,
            origin=source.sight.origin,
        )
        if chosen.keep is None:
            keep = yield from _suggested(session, listed, chosen, made)
            if keep:
                made["keep"] = list(keep)
        return made

    format = editor.formats(source.sight.origin)
    flow = run.transform(session, ask(), format, lambda model: labels.get(model, model))
    return _bring(editor, session, flow, settings.intent)


def recipe(editor: GimpEditor, settings: Settings) -> Placed:
    """Reads the source, runs the recipe of the settings and places what it makes. Raises where
    there is no layer in the end.
    """
    source = editor.read(settings.area, settings.use_selection)
    session = _session()
    labels: dict[str, str] = {}
    size = (source.pixels.width, source.pixels.height)
    origin = source.sight.origin

    def params() -> Flow[RecipeRunParams]:
        yield from session.start()
        yield from _labels(session, labels)
        made: RecipeRunParams = {
            "key": uuid.uuid4().hex,
            "recipe": settings.recipe or "",
            "title": source.sight.title,
            "client": editor.client,
            "origin": origin,
        }
        made["source"] = yield from run.upload(session, source.pixels)
        if source.mask is not None:
            made["mask"] = yield from run.upload_mask(session, source.mask, *size)
        return made

    def label(model: str) -> str:
        return labels.get(model, model)

    state = RecipeRun("Recipe")
    flow = recipe_run.run(session, params(), origin, editor.formats(origin), label)
    with _shown(state) as tick:
        brought = loop.wait(session, flow, state.stands, tick)
        if not brought.layers:
            failure = brought.record.get("failure")
            raise _why_nothing([failure] if failure is not None else [])
        placed = editor.place(recipe_run.placement(brought))
    line = recipe_run.ending(brought)
    if line is not None:
        Gimp.message(f"{line.text}\n{line.hint}".strip())
    return placed


def again(editor: GimpEditor, layer: Gimp.Layer) -> tuple[Placed, Brought]:
    """Asks the same again that a layer was made with, and places the result above it."""
    made = document.made_of(layer)
    if made is None:
        hint = "choose a layer that Easel made"
        raise EaselError("not_found", "the layer does not say where it comes from", hint)
    session = _session()
    image = layer.get_image()
    place = {"document": document.name_of(image), "layer": str(layer.get_tattoo())}
    labels: dict[str, str] = {}

    def ask() -> Flow[Ask]:
        yield from session.start()
        yield from _labels(session, labels)
        record = yield from session.call("transform.get", {"id": made.transform})
        same: Ask = record["ask"]
        model = next((it["model"] for it in record["jobs"] if it["id"] == made.job), None)
        if model is not None:
            # Of a comparison, the model that this layer came from.
            same["models"] = [model]
        same["origin"] = {**(same.get("origin") or {"x": 0, "y": 0}), **place}  # type: ignore
        return same

    format = editor.formats({"x": 0, "y": 0, "document": place["document"]})
    flow = run.transform(session, ask(), format, lambda model: labels.get(model, model))
    return _bring(editor, session, flow, None)


def _session() -> Session:
    session = Session()
    # A daemon that is killed half-way is started again; it goes on where it was.
    session.revive = True
    return session


def _labels(session: Session, labels: dict[str, str]) -> Flow[ModelList]:
    """The models, and their names on screens."""
    listed: ModelList = yield from session.call("model.list")
    labels.update({it["record"]["id"]: it["record"]["label"] for it in listed["models"]})
    return listed


def _reference(session: Session, path: str) -> Flow[Reference]:
    request = messages.put_file(messages.read_file(path))
    info = yield from session.put(request, run.PATIENCE)
    return Reference(info["id"], path)


def _suggested(
    session: Session, listed: ModelList, settings: Settings, ask: Ask
) -> Flow[tuple[Any, ...]]:
    """What the intent suggests to keep, as far as the models can be told so."""
    advice: Advice | None = None
    if models.AUTO in settings.models:
        advice = yield from session.call("model.advise", {"ask": ask})
    rows = models.rows(listed["models"], advice, settings, 0.0)
    controls = models.controls(listed["models"], rows, settings)
    return settings.kept(set(controls.keep))


def _bring(
    editor: GimpEditor, session: Session, flow: Flow[Brought], intent: str | None
) -> tuple[Placed, Brought]:
    label = next((label for it, label, _ in words.INTENTS if it == intent), "Run again")
    state = Run(label)

    def told(value: Any) -> None:
        if isinstance(value, Submitted):
            state.submitted(value.record, lambda model: model)
        else:
            state.heard(value)

    with _shown(state) as tick:
        brought = loop.wait(session, flow, told, tick)
        failures = [it["failure"] for it in brought.record["jobs"] if "failure" in it]
        if not brought.layers:
            raise _why_nothing(failures)
        placed = editor.place(run.placement(brought))
    for result in brought.results:
        if result.failure is not None:
            said = f"{result.model_label}: {result.failure.text}\n{result.failure.hint}"
            Gimp.message(said.strip())
    return placed, brought


@contextlib.contextmanager
def _shown(state: Run) -> Iterator[Callable[[], None]]:
    """GIMP's progress for as long as something runs; gives what shows how it stands."""
    Gimp.progress_init(f"Easel: {state.title}")

    def tick() -> None:
        if state.fraction is None:
            Gimp.progress_pulse()
        else:
            Gimp.progress_update(state.fraction)
        Gimp.progress_set_text(f"{state.stage} · {state.elapsed}")

    try:
        yield tick
    finally:
        Gimp.progress_end()


def _why_nothing(failures: Sequence[Any]) -> EaselError:
    if failures:
        return EaselError.from_failure(failures[0])
    return EaselError("cancelled", "the job was cancelled", "run it again")
