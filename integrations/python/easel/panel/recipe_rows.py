"""The recipes as the menu lists them: one entry each, dimmed with a reason where one cannot run,
and the line that says what a chosen one does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..protocol import Intent, RecipeList, RecipeRecord
from . import words

_LABELS: dict[Intent, str] = {intent: label for intent, label, _ in words.INTENTS}


@dataclass(frozen=True)
class RecipeRow:
    """One entry of the menu."""

    #: What it is run by.
    name: str
    title: str
    #: Steps, pictures and price in a few words.
    note: str = ""
    #: What it does: its description, its steps in order and who does them.
    about: str = ""
    #: How many pictures it gives.
    pictures: int = 0
    #: About what a picture of a megapixel costs; empty where it is free.
    price: str = ""
    #: Why it cannot run; `None` where it can.
    reason: str | None = None
    #: What to do about that.
    hint: str = ""

    @property
    def said(self) -> str:
        """What stands beside the title: the note, or why it cannot run."""
        return self.reason or self.note


def rows(listed: RecipeList, label: Callable[[str], str]) -> list[RecipeRow]:
    """The entries, in the order of the daemon. `label` names a model."""
    return [_row(record, label) for record in listed["recipes"]]


def missing(name: str) -> RecipeRow:
    """A recipe that was chosen, and whose file is not there any more."""
    hint = "Choose another one, or none."
    return RecipeRow(name, name, reason="The recipe is not there any more", hint=hint)


def nothing(folder: str) -> words.Line:
    """What an empty list teaches."""
    text = f"Recipes lie in {folder}" if folder else "There are no recipes yet"
    return words.Line("info", text, "In a terminal, easel recipe new --shared writes one there.")


def _row(record: RecipeRecord, label: Callable[[str], str]) -> RecipeRow:
    failure = record.get("failure")
    price = " + ".join(
        words.money(it["amount"], it["currency"]) for it in record["price"] if it["amount"]
    )
    facts = [
        words.several(len(record["intents"]), "step", "steps"),
        words.several(record["results"], "picture", "pictures"),
        price or "free",
    ]
    line = words.failure_line(failure) if failure is not None else None
    return RecipeRow(
        name=record["name"],
        title=record["title"],
        note=" · ".join(facts) if record["intents"] else "",
        about=_about(record, label),
        pictures=record["results"],
        price=price,
        reason=line.text if line is not None else None,
        hint=line.hint if line is not None else "",
    )


def _about(record: RecipeRecord, label: Callable[[str], str]) -> str:
    """One line: what it is for, the intents in order, the models."""
    said = " ".join((record.get("description") or "").split())
    steps = " → ".join(_LABELS.get(intent, intent) for intent in record["intents"])
    named = [_model(model, label) for model in record["models"]]
    models = ", ".join(dict.fromkeys(named))
    does = " · ".join(part for part in (steps, models) if part)
    if said and said[-1] not in ".!?…":
        said += "."
    return " ".join(part for part in (said, does) if part)


def _model(model: str, label: Callable[[str], str]) -> str:
    """`auto:price` is what `auto` is in the list of models, with what it looks at."""
    name, _, by = model.partition(":")
    return f"{label(name)} by {by}" if name == "auto" and by else label(model)
