"""The procedures for scripts: one per intent, Repeat last, and running a layer's transform again.
They show no window and never load one.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from typing import Any

from easel.errors import EaselError
from easel.panel import Settings, words
from gi.repository import Gimp, GLib, GObject

from . import script, store
from .editor import GimpEditor
from .place import Placed

PREFIX = "plug-in-easel-"
_BOTH = GObject.ParamFlags.READWRITE
#: Arguments that stand for a setting of the same name, with the value that leaves it to the model.
_PLAIN: dict[str, Any] = {"seed": -1, "count": 0, "feather": -1, "strength": -1.0, "context": -1.0}
_SIDES = ("top", "right", "bottom", "left")
_LARGEST = 2**31 - 1


def names() -> list[str]:
    """All that scripts can call."""
    intents = (PREFIX + intent for intent, _, _ in words.INTENTS)
    return [*intents, PREFIX + "run-recipe", PREFIX + "rerun"]


def create(plugin: Gimp.PlugIn, name: str) -> Gimp.Procedure:
    """Describes one of them to GIMP."""
    intent = name[len(PREFIX) :]
    if intent == "rerun":
        procedure = described(
            plugin,
            name,
            _rerun,
            "Runs the transform of a layer again",
            "Takes a layer that Easel made, asks the same again and adds the result above it.",
        )
    elif intent == "run-recipe":
        procedure = described(
            plugin,
            name,
            _run_recipe,
            "Easel: Runs a recipe",
            "Reads the layer or what is seen of the image, runs a recipe on it and adds what that "
            "makes as layers above it. Starts the Easel daemon where none runs.",
        )
        procedure.add_string_argument(
            "recipe", "_Recipe", "Its name, as easel recipe list shows it", "", _BOTH
        )
        _source_arguments(procedure)
    else:
        about = next(about for it, _, about in words.INTENTS if it == intent)
        procedure = described(
            plugin,
            name,
            _transform,
            f"Easel: {about}",
            "Reads the layer or what is seen of the image, runs one model or several to compare, "
            "and adds what they make as layers above it. Starts the Easel daemon where none runs.",
        )
        _arguments(procedure, intent)
    procedure.add_layer_return_value(
        "layer",
        "Layer",
        "The new layer; of several, the group that holds them in their order",
        False,
        _BOTH,
    )
    return procedure


def described(
    plugin: Gimp.PlugIn, name: str, run: Callable[..., Any], blurb: str, help: str
) -> Gimp.Procedure:
    """A procedure on images of every kind: it says itself what it cannot do, and why."""
    procedure = Gimp.ImageProcedure.new(plugin, name, Gimp.PDBProcType.PLUGIN, run, None)
    procedure.set_image_types("*")
    procedure.set_sensitivity_mask(
        Gimp.ProcedureSensitivityMask.DRAWABLE
        | Gimp.ProcedureSensitivityMask.DRAWABLES
        | Gimp.ProcedureSensitivityMask.NO_DRAWABLES
        | Gimp.ProcedureSensitivityMask.NO_IMAGE
    )
    procedure.set_documentation(blurb, help, name)
    procedure.set_attribution("The Easel authors", "The Easel authors", "2026")
    return procedure


def _arguments(procedure: Gimp.Procedure, intent: str) -> None:
    add = procedure
    add.add_string_argument("prompt", "_Prompt", "What should change", "", _BOTH)
    add.add_string_argument(
        "models", "_Models", "Names of models, separated by commas; auto picks one", "auto", _BOTH
    )
    add.add_string_argument(
        "keep",
        "_Keep",
        "What must stay: subject, pose, composition, colours, text; empty: as the intent suggests; "
        "none: nothing",
        "",
        _BOTH,
    )
    add.add_string_argument(
        "style", "St_yle", "Names of styles, blended by weight: mosaic:0.7, candy:0.3", "", _BOTH
    )
    add.add_double_argument(
        "strength",
        "S_trength",
        "How much of the change, 0 to 1; -1: as the model does",
        -1,
        1,
        -1,
        _BOTH,
    )
    add.add_int_argument(
        "seed", "S_eed", "Repeats a picture; -1: a new one", -1, _LARGEST, -1, _BOTH
    )
    add.add_string_argument(
        "size", "Si_ze", "A resolution that the model offers, such as 2K", "", _BOTH
    )
    add.add_int_argument(
        "count",
        "_Count",
        "How many pictures each model gives; 0: as the model does",
        0,
        64,
        0,
        _BOTH,
    )
    add.add_int_argument(
        "scale", "Sc_ale", "By how much the result is larger: 1, 2 or 4", 1, 4, 1, _BOTH
    )
    add.add_int_argument(
        "feather",
        "_Feather",
        "How softly the change fades at the selection's edge, in pixels; -1: as usual",
        -1,
        4096,
        -1,
        _BOTH,
    )
    add.add_double_argument(
        "context",
        "Conte_xt",
        "How much of the surroundings a model sees around the selection, as "
        "a share of its size; -1: as usual",
        -1,
        100,
        -1,
        _BOTH,
    )
    add.add_string_argument(
        "parameters", "Para_meters", "Parameters of the models' own, as a JSON object", "", _BOTH
    )
    add.add_string_array_argument(
        "references", "_References", "Paths of pictures that guide the change", _BOTH
    )
    _source_arguments(procedure)
    if intent == "expand":
        for side in _SIDES:
            add.add_int_argument(
                side,
                side.capitalize(),
                f"By how many pixels to grow at the {side}; -1: a quarter",
                -1,
                65536,
                -1,
                _BOTH,
            )


def _source_arguments(procedure: Gimp.Procedure) -> None:
    procedure.add_boolean_argument(
        "use-selection", "_Use selection", "Change nothing outside the selection", True, _BOTH
    )
    area = Gimp.Choice.new()
    area.add("layer", 0, "Layer or group", "The given drawable, or the selected layer or group")
    area.add("visible", 1, "All that is seen", "The whole image as it is seen")
    procedure.add_choice_argument("area", "_Area", "What is read", area, "layer", _BOTH)


def settings_of(procedure: str, config: Any) -> Settings:
    """The settings that arguments stand for; raises where they say nothing that can be done."""
    intent = procedure[len(PREFIX) :]
    changes: dict[str, Any] = {
        "intent": intent,
        "prompt": config.get_property("prompt") or "",
        "models": tuple(_list(config.get_property("models"))) or ("auto",),
        "styles": dict(_weighted(it) for it in _list(config.get_property("style"))),
        "size": (config.get_property("size") or "").strip() or None,
        "scale": config.get_property("scale"),
        "use_selection": config.get_property("use-selection"),
        "area": config.get_property("area"),
        "params": _object(config.get_property("parameters")),
    }
    for name, unset in _PLAIN.items():
        value = config.get_property(name)
        if value != unset:
            changes[name] = value
    keep = _list(config.get_property("keep"))
    if keep:
        known = [aspect for aspect, _ in words.KEEPS]
        for aspect in keep:
            if aspect not in (*known, "none"):
                hint = "use " + ", ".join(f"`{it}`" for it in (*known, "none"))
                raise EaselError("invalid_request", f"`{aspect}` is nothing to keep", hint)
        changes["keep"] = tuple(aspect for aspect in keep if aspect != "none")
    if intent == "expand":
        margins = {side: config.get_property(side) for side in _SIDES}
        given = {side: pixels for side, pixels in margins.items() if pixels >= 0}
        if given:
            changes["margins"] = {side: given.get(side, 0) for side in _SIDES}
    return Settings(**changes)


def _list(text: str | None) -> list[str]:
    return [part for part in (it.strip() for it in (text or "").split(",")) if part]


def _weighted(text: str) -> tuple[str, float]:
    name, _, weight = text.partition(":")
    try:
        return name.strip(), float(weight) if weight.strip() else 1.0
    except ValueError:
        message = f"`{weight.strip()}` is no weight of the style `{name.strip()}`"
        raise EaselError("invalid_request", message, "write it as `mosaic:0.7`") from None


def _object(text: str | None) -> dict[str, Any]:
    if not text or not text.strip():
        return {}
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        hint = 'write them as `{"steps": 20}`'
        raise EaselError("invalid_request", "the parameters are no JSON object", hint)
    return found


def _transform(
    procedure: Any, mode: Any, image: Any, drawables: Any, config: Any, data: Any
) -> Any:
    def run() -> Placed:
        editor = GimpEditor(image)
        settings = settings_of(procedure.get_name(), config)
        if settings.area == "layer" and drawables:
            editor.layer = _layer(drawables)
        return script.transform(editor, settings, config.get_property("references") or ())[0]

    return answer(procedure, run)


def _run_recipe(
    procedure: Any, mode: Any, image: Any, drawables: Any, config: Any, data: Any
) -> Any:
    def run() -> Placed:
        editor = GimpEditor(image)
        settings = Settings(
            recipe=(config.get_property("recipe") or "").strip(),
            use_selection=config.get_property("use-selection"),
            area=config.get_property("area"),
        )
        if not settings.recipe:
            hint = "`easel recipe list` shows the names"
            raise EaselError("invalid_request", "no recipe is named", hint)
        if settings.area == "layer" and drawables:
            editor.layer = _layer(drawables)
        return script.recipe(editor, settings)

    return answer(procedure, run)


def _rerun(procedure: Any, mode: Any, image: Any, drawables: Any, config: Any, data: Any) -> Any:
    return answer(procedure, lambda: script.again(GimpEditor(image), _layer(drawables))[0])


def repeat(procedure: Any, mode: Any, image: Any, drawables: Any, config: Any, data: Any) -> Any:
    """Runs the last settings on the selected layer."""

    def run() -> Placed:
        editor, settings = GimpEditor(image), store.load()[0]
        if settings.recipe is not None:
            return script.recipe(editor, settings)
        return script.transform(editor, settings)[0]

    return answer(procedure, run)


def _layer(drawables: Any) -> Gimp.Layer:
    if len(drawables) != 1:
        message = f"{len(drawables)} drawables are given" if drawables else "no layer is given"
        raise EaselError("invalid_request", message, "give one layer or group")
    if not isinstance(drawables[0], Gimp.Layer):
        hint = "give a layer or a group; a layer mask or a channel is none"
        raise EaselError("invalid_request", "the drawable is no layer", hint)
    return drawables[0]


def failed(procedure: Gimp.Procedure, error: EaselError) -> Gimp.ValueArray:
    """What went wrong, as GIMP shows it and scripts read it."""
    said = [error.message]
    if error.charged is not None:
        said.append(f"charged: {error.charged}")
    if error.hint:
        said.append(f"hint: {error.hint}")
    return procedure.new_return_values(
        Gimp.PDBStatusType.EXECUTION_ERROR, GLib.Error("\n".join(said), "easel", 0)
    )


def answer(procedure: Gimp.Procedure, run: Callable[[], Placed]) -> Gimp.ValueArray:
    """Runs, and says what came of it as GIMP wants it: a layer, or what went wrong and a hint."""
    try:
        placed = run()
    except EaselError as error:
        return failed(procedure, error)
    except Exception as error:
        # Whoever called is told all the same, and not only that nothing came back.
        traceback.print_exc()
        message = f"a fault in the plug-in: {type(error).__name__}: {error}"
        return failed(procedure, EaselError("internal", message, "please report it"))
    values = procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, None)
    if values.length() > 1:
        # Python can neither give nor read GIMP's arrays of layers; a group holds them as well.
        values.remove(1)
        values.append(GObject.Value(Gimp.Layer, Gimp.Layer.get_by_id(placed.items[0])))
    return values
