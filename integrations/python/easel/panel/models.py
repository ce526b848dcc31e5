"""The models as the panel lists them: one line each, dimmed with a reason where they cannot do what
is asked, and the controls that the ticked ones understand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..protocol import (
    Advice,
    Choice,
    Keep,
    ModelEntry,
    ModelRecord,
    ParamRecord,
    SizeOffer,
    StyleRecord,
    TransformPlan,
)
from . import words
from .settings import Settings

AUTO = "auto"


@dataclass(frozen=True)
class ModelRow:
    """One line of the list."""

    id: str
    label: str
    strengths: str
    limitation: str
    #: Short facts: mask, references, sizes, seed, price, time.
    chips: tuple[str, ...] = ()
    #: What this ask would cost with it, and about how long it would take.
    price: str = ""
    seconds: float | None = None
    #: Why it cannot do what is asked; `None` where it can.
    reason: str | None = None
    ticked: bool = False
    cost: float = 0.0
    currency: str = ""


@dataclass(frozen=True)
class Controls:
    """What the ticked models understand: a view offers nothing else, and says why."""

    prompt: bool = True
    #: The prompt does nothing at all with any of them: why.
    prompt_hint: str = ""
    keep: frozenset[Keep] = frozenset()
    strength: bool = False
    seed: bool = False
    max_count: int = 1
    max_references: int = 0
    sizes: tuple[SizeOffer, ...] = ()
    scales: tuple[int, ...] = ()
    styles: tuple[StyleRecord, ...] = ()
    params: tuple[ParamRecord, ...] = ()
    #: The labels of the models that these are the controls of.
    models: tuple[str, ...] = field(default_factory=tuple)


def rows(
    entries: Iterable[ModelEntry], advice: Advice | None, settings: Settings, megapixels: float
) -> list[ModelRow]:
    """The list: `Auto` first, then those that can do it, the best first, then the rest."""
    entries = [it for it in entries if settings.intent in it["record"]["intents"]]
    choices = {choice["model"]: choice for choice in (advice or {"choices": []})["choices"]}
    order = {model: place for place, model in enumerate(choices)}
    listed = [
        _row(entry, choices.get(entry["record"]["id"]), settings, megapixels) for entry in entries
    ]
    listed.sort(key=lambda row: (row.reason is not None, order.get(row.id, len(order))))
    return [_auto(listed, choices, settings), *listed]


def _row(
    entry: ModelEntry, choice: Choice | None, settings: Settings, megapixels: float
) -> ModelRow:
    record = entry["record"]
    reason = None
    if not entry["available"]:
        reason = words.sentence(entry.get("reason") or "it cannot be used now")
    elif choice is not None and "failure" in choice:
        # It stands in the model's own line, which has its name.
        message = choice["failure"]["message"].removeprefix(f"`{record['id']}` ")
        reason = words.sentence(message)
    pace = record.get("seconds_per_megapixel")
    seconds = pace * megapixels if pace is not None and megapixels else None
    cost, currency = (choice["cost"], choice["currency"]) if choice else (0.0, "")
    # Before it was asked, a model that costs is not called free.
    price = words.money(cost, currency) if choice or not record.get("price") else ""
    return ModelRow(
        id=record["id"],
        label=record["label"],
        strengths=record["strengths"],
        limitation=record["limitation"],
        chips=_chips(record, price, seconds),
        price=price,
        seconds=seconds,
        reason=reason,
        ticked=record["id"] in settings.models,
        cost=cost,
        currency=currency,
    )


def _chips(record: ModelRecord, price: str, seconds: float | None) -> tuple[str, ...]:
    chips: list[str] = []
    if record.get("mask") == "native":
        chips.append("mask")
    most = (record.get("references") or [0, 0])[1]
    if most:
        chips.append("1 reference" if most == 1 else f"{most} references")
    sizes = record.get("sizes") or []
    if sizes:
        first, last = sizes[0]["name"], sizes[-1]["name"]
        chips.append(first if first == last else f"{first}–{last}")
    if record.get("seed", "none") != "none":
        chips.append("seed")
    if price:
        chips.append(price)
    if seconds is not None:
        chips.append(f"about {words.duration(seconds)}")
    return tuple(chips)


def _auto(listed: Sequence[ModelRow], choices: dict[str, Choice], settings: Settings) -> ModelRow:
    picked = chosen(listed, settings)
    ticked = AUTO in settings.models
    if picked is None:
        if any(row.reason is None for row in listed):
            reason, first = "Nothing is left to pick", "All that can do this are ticked."
        else:
            reason = "No model can do this"
            first = next((f"{row.label}: {row.reason}" for row in listed if row.reason), "")
        return ModelRow(AUTO, "Auto", reason, first, reason=reason, ticked=ticked)
    why = choices[picked.id]["reason"] if picked.id in choices else picked.strengths
    return ModelRow(
        AUTO,
        "Auto",
        f"picks {picked.label}",
        words.sentence(why),
        chips=picked.chips,
        price=picked.price,
        seconds=picked.seconds,
        ticked=ticked,
        cost=picked.cost,
        currency=picked.currency,
    )


def compare(advice: Advice, plan: TransformPlan) -> None:
    """Takes from the plan of a comparison what it says of the models in it."""
    planned = {job["model"]: job for job in plan["jobs"]}
    for choice in advice["choices"]:
        job = planned.get(choice["model"])
        if job is None:
            continue
        choice.pop("failure", None)
        failure = job.get("failure")
        if failure is not None:
            choice["failure"] = failure
        else:
            choice["cost"], choice["currency"] = job["cost"], job["currency"]


def chosen(listed: Sequence[ModelRow], settings: Settings) -> ModelRow | None:
    """The model that `auto` stands for: the best that is not named anyway."""
    can = (row for row in listed if row.id != AUTO and row.reason is None)
    return next((row for row in can if row.id not in settings.models), None)


def ticked(listed: Sequence[ModelRow], settings: Settings) -> list[ModelRow]:
    """The rows that an ask would name, `Auto` as itself, in the settings' order."""
    by_id = {row.id: row for row in listed}
    return [by_id[id] for id in settings.models if id in by_id]


def controls(
    entries: Iterable[ModelEntry], listed: Sequence[ModelRow], settings: Settings
) -> Controls:
    """What the ticked models understand, `auto` as the model it stands for. In a comparison, a
    style or a reference is for those that take one; strength, seed, count and size are for all.
    """
    names = [id for id in settings.models if id != AUTO]
    picked = chosen(listed, settings)
    if AUTO in settings.models and picked is not None:
        names.append(picked.id)
    known = {entry["record"]["id"]: entry["record"] for entry in entries}
    records = [known[name] for name in names if name in known]
    if not records:
        return Controls()
    sizes = [record.get("sizes") or [] for record in records]
    names_of = [{it["name"] for it in offered} for offered in sizes]
    common = names_of[0].intersection(*names_of)
    scales = set(records[0].get("scales") or []).intersection(
        *[set(record.get("scales") or []) for record in records]
    )
    params: dict[str, ParamRecord] = {}
    styles: dict[str, StyleRecord] = {}
    for record in records:
        params.update({it["name"]: it for it in record.get("params") or []})
        styles.update({it["name"]: it for it in record.get("styles") or []})
    reads = [record for record in records if record.get("prompt", "none") != "none"]
    hint = ""
    if not reads:
        name = records[0]["label"] if len(records) == 1 else "These models"
        hint = f"{name} reads no prompt" if len(records) == 1 else f"{name} read no prompt"
        if styles:
            hint += ": choose a style, or name one here"
    return Controls(
        prompt=bool(reads) or bool(styles),
        prompt_hint=hint,
        keep=frozenset(set(records[0]["keep"]).intersection(*[set(it["keep"]) for it in records])),
        strength=all(record.get("strength") for record in records),
        seed=all(record.get("seed", "none") != "none" for record in records),
        max_count=min(record.get("max_count", 1) for record in records),
        max_references=max((record.get("references") or [0, 0])[1] for record in records),
        sizes=tuple(it for it in sizes[0] if it["name"] in common),
        scales=tuple(sorted(scales)),
        styles=tuple(styles.values()),
        params=tuple(params.values()),
        models=tuple(record["label"] for record in records),
    )
