"""What a person has set in the panel, and the ask it makes. Plain values: an editor keeps them as
JSON between sessions, and takes them from a stored ask to repeat it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, NamedTuple, cast

from ..protocol import Ask, BlobId, Intent, Keep, Margins, Origin
from . import words


class Reference(NamedTuple):
    """A picture that guides the change."""

    blob: BlobId
    title: str
    width: int = 0
    height: int = 0


class Begun(NamedTuple):
    """A recipe's run that was begun here, and whose layers have not come yet."""

    id: str
    #: Where its source lies.
    origin: Origin


@dataclass(frozen=True)
class Settings:
    """Everything that the panel lets one set. What is `None` is left to the model."""

    intent: Intent = "restyle"
    prompt: str = ""
    #: What must stay; `None`: as the intent suggests, as far as the models can be told so.
    keep: tuple[Keep, ...] | None = None
    #: Ids of models; `auto` stands for the one that suits best.
    models: tuple[str, ...] = ("auto",)
    #: Styles by name with their weights.
    styles: Mapping[str, float] = field(default_factory=dict[str, float])
    strength: float | None = None
    seed: int | None = None
    count: int | None = None
    #: By how much the result is larger than the source; 1 keeps its size.
    scale: int = 1
    size: str | None = None
    feather: int | None = None
    context: float | None = None
    #: By how many pixels the picture grows at each side, for `expand`; empty: by a quarter.
    margins: Mapping[str, int] = field(default_factory=dict[str, int])
    #: Parameters of the models' own, by name.
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    references: tuple[Reference, ...] = ()
    #: `layer`: the active layer or group; `visible`: all that is seen.
    area: str = "layer"
    #: Only where the selection is, if there is one.
    use_selection: bool = True
    #: Runs again whenever something changes and settles.
    live: bool = False
    #: The recipe that decides everything but the source, by its name; `None`: what is set here.
    recipe: str | None = None
    #: Kept with the rest, so that they are found again after the editor was closed.
    begun: tuple[Begun, ...] = ()

    def with_changes(self, changes: Mapping[str, Any]) -> Settings:
        """These settings with some of them changed. Another intent brings its own defaults."""
        changed = replace(self, **dict(changes))
        if changed.recipe is not None and changed.live:
            # Several steps, some of which may cost, are begun by a person each time.
            changed = replace(changed, live=False)
        if "intent" in changes and changes["intent"] != self.intent:
            # Styles and parameters are a matter of the models, and those of the intent.
            given = set(changes)
            fresh: dict[str, Any] = {"keep": None, "styles": {}, "params": {}, "scale": 1}
            kept = {name: value for name, value in fresh.items() if name not in given}
            changed = replace(changed, **kept)
        return changed

    def kept(self, possible: set[Keep] | None = None) -> tuple[Keep, ...]:
        """What stays: as it was set, or as the intent suggests, as far as that is possible."""
        if self.keep is not None:
            return self.keep
        suggested = words.KEPT_BY_DEFAULT[self.intent]
        return tuple(it for it in suggested if possible is None or it in possible)

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Any) -> Settings:
        """From plain data of this or an older version; what cannot be used is left out."""
        if not isinstance(data, dict):
            return cls()
        read = cast("dict[str, Any]", data)
        given: dict[str, Any] = {it.name: read[it.name] for it in fields(cls) if it.name in read}
        try:
            given["references"] = tuple(Reference(*it) for it in given.get("references") or ())
            given["begun"] = tuple(Begun(*it) for it in given.get("begun") or ())
            given["models"] = tuple(given.get("models") or ("auto",))
            if given.get("keep") is not None:
                given["keep"] = tuple(given["keep"])
            if given.get("intent", "restyle") not in words.KEPT_BY_DEFAULT:
                del given["intent"]
            # A panel does not begin to send by itself when its editor starts.
            given["live"] = False
            return cls(**given)
        except (TypeError, ValueError):
            return cls()


def ask_of(
    settings: Settings,
    client: str,
    source: BlobId,
    mask: BlobId | None,
    *,
    size: tuple[int, int],
    keep: tuple[Keep, ...],
    title: str,
    origin: Origin,
    parent: str | None = None,
) -> Ask:
    """The ask that settings make of a source."""
    ask: Ask = {
        "intent": settings.intent,
        "source": source,
        "models": list(settings.models),
        "client": client,
        "title": title,
        "origin": origin,
    }
    if mask is not None:
        ask["mask"] = mask
    if settings.prompt.strip():
        ask["prompt"] = settings.prompt.strip()
    if keep:
        ask["keep"] = list(keep)
    if settings.references:
        ask["references"] = [reference.blob for reference in settings.references]
    if settings.styles:
        ask["style"] = [
            {"name": name, "weight": weight} for name, weight in settings.styles.items()
        ]
    for name in ("strength", "seed", "count", "size", "feather", "context"):
        value = getattr(settings, name)
        if value is not None:
            ask[name] = value  # type: ignore[literal-required]
    if settings.params:
        ask["params"] = dict(settings.params)
    if settings.intent == "expand":
        ask["expand"] = margins_of(settings, size)
    else:
        # Without a word on it, a model that enlarges would: layers keep their size unless asked.
        ask["scale"] = settings.scale
    if parent is not None:
        ask["parent"] = parent
    return ask


def margins_of(settings: Settings, size: tuple[int, int]) -> Margins:
    """By how many pixels a picture of a size is to grow."""
    across, down = max(1, size[0] // 4), max(1, size[1] // 4)
    suggested = {"top": down, "right": across, "bottom": down, "left": across}
    given = dict(settings.margins) or suggested
    return {
        "top": int(given.get("top", 0)),
        "right": int(given.get("right", 0)),
        "bottom": int(given.get("bottom", 0)),
        "left": int(given.get("left", 0)),
    }


def settings_of(ask: Ask, now: Settings) -> Settings:
    """The settings that a stored ask was made with; what an ask does not say stays as it is now."""
    kept: tuple[Keep, ...] = tuple(ask.get("keep") or ())
    return replace(
        now,
        intent=ask["intent"],
        prompt=ask.get("prompt") or "",
        keep=kept,
        models=tuple(ask["models"]),
        recipe=None,
        styles={it["name"]: it.get("weight", 1.0) for it in ask.get("style") or ()},
        strength=ask.get("strength"),
        seed=ask.get("seed"),
        count=ask.get("count"),
        scale=ask.get("scale") or 1,
        size=ask.get("size"),
        feather=ask.get("feather"),
        context=ask.get("context"),
        margins=dict(ask.get("expand") or {}),
        params={key.split(":", 1)[-1]: it for key, it in (ask.get("params") or {}).items()},
        references=tuple(
            Reference(blob, f"reference {number}")
            for number, blob in enumerate(ask.get("references") or (), 1)
        ),
    )
