"""The part of the panel before anything is sent: what is set, which models could do it, and what it
would cost.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from typing import Any, NamedTuple

from ..errors import EaselError
from ..flows import Flow
from ..protocol import Advice, Ask, AskShape, BlobId, Keep, ModelList, Origin, TransformPlan
from . import models, words
from .editor import Sight
from .models import AUTO, ModelRow
from .references import References
from .results import Result
from .settings import Reference, Settings, ask_of, margins_of, settings_of

#: Before prices are asked for anew things settle, in seconds.
_SETTLED = 0.2
#: Before they are asked for again where there was no answer.
_AGAIN = 2.0
#: A reference whose size nobody knows is taken to be so large.
_UNKNOWN_SIDE = 1024
#: Stands for pictures that were not sent yet.
NOT_SENT: BlobId = "0" * 64
_NOWHERE: Origin = {"x": 0, "y": 0}


class Button(NamedTuple):
    """The one accented button."""

    label: str
    enabled: bool
    #: Why it is not.
    reason: str = ""


class Prices(References):
    """Settings, models and the button."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._advice: Advice | None = None
        self._advised_for: Any = None
        #: When it was asked which models there are.
        self._listed = 0.0
        #: A result that is paid for once more when it is re-run again.
        self._confirm: str | None = None

    def reload_models(self) -> None:
        """Asks for the models anew: a backend may have been trusted, or a key set."""
        self._listed = time.monotonic()
        flow = self.session.call("model.list")
        # Whatever needs the daemon says what is wrong with it.
        self._run(flow, self._take_models, lambda _: None)

    def _take_models(self, listed: ModelList) -> None:
        self._listed = time.monotonic()
        if listed["models"] == self._entries:
            return
        self._entries = listed["models"]
        self._labels.update({it["record"]["id"]: it["record"]["label"] for it in self._entries})
        self._advised_for = None
        self._list_models()
        self._soon("advice", 0, self._ask_advice)

    # Settings.

    def set(self, **changes: Any) -> None:
        """Changes settings."""
        before = self.settings
        self.settings = self._serving(before.with_changes(changes), before)
        if self.settings == before:
            return
        self._confirm = None
        self._changed("settings")
        self._list_models()
        self._soon("advice", _SETTLED, self._ask_advice)

    def _serving(self, settings: Settings, before: Settings) -> Settings:
        """Another intent is another list of models: those that do not serve it lose their tick."""
        if settings.intent == before.intent or not self._entries:
            return settings
        serving = {AUTO}
        for entry in self._entries:
            if settings.intent in entry["record"]["intents"]:
                serving.add(entry["record"]["id"])
        named = tuple(model for model in settings.models if model in serving)
        return dataclasses.replace(settings, models=named or (AUTO,))

    def tick(self, id: str, on: bool) -> None:
        """Ticks a model, or takes the tick away; several are a comparison."""
        named = [model for model in self.settings.models if model != id]
        self.set(models=(*named, id) if on else tuple(named))

    def copy_settings(self, result: Result) -> None:
        """Takes the settings that a result was made with."""
        self.set(**dataclasses.asdict(settings_of(result.ask, self.settings)))

    # Models, advice, price.

    @property
    def ticked(self) -> list[ModelRow]:
        """The rows that Transform would run."""
        return models.ticked(self.models, self.settings)

    def _list_models(self) -> None:
        sight = self._seen()
        pixels = sight.width * sight.height / 1e6 if sight is not None else 0.0
        self.models = models.rows(self._entries, self._advice, self.settings, pixels)
        self.controls = models.controls(self._entries, self.models, self.settings)
        self._changed("models")

    def _seen(self) -> Sight | None:
        sight = self.sight
        return sight if sight is not None and sight.problem is None else None

    def _shape(self, references: Sequence[Reference]) -> AskShape | None:
        """What would be sent, for a price before it is."""
        sizes = [[it.width or _UNKNOWN_SIDE, it.height or _UNKNOWN_SIDE] for it in references]
        if self.parent is not None:
            shape: AskShape = {"width": self.parent.width, "height": self.parent.height}
        else:
            sight = self._seen()
            if sight is None:
                return None
            shape = {"width": sight.width, "height": sight.height}
            if self.settings.use_selection and sight.selection is not None:
                shape["mask"] = sight.selection
        shape["references"] = sizes
        return shape

    def _ask_advice(self) -> None:
        """Asks what each model would do with what is wished, and what the ticked ones would do with
        what they understand of it.
        """
        settings, effective = self.settings, self._effective()
        shape = self._shape(settings.references)
        sent = self._shape(effective.references)
        if not self.connected or shape is None or sent is None:
            self._list_models()
            return
        # What the intent merely suggests is left out where a model cannot be told.
        wished = dataclasses.replace(
            effective, styles=settings.styles, references=settings.references
        )
        ask = self._ask_of(NOT_SENT, None, settings.keep or (), (1, 1), wished)
        chosen: tuple[Keep, ...] = settings.keep or ()
        keep: tuple[Keep, ...] = tuple(it for it in chosen if it in self.controls.keep)
        plan = self._ask_of(NOT_SENT, None, keep, (1, 1), effective)
        if settings.intent == "expand":
            margins = margins_of(settings, (shape["width"], shape["height"]))
            ask["expand"] = plan["expand"] = margins
        plan["models"] = [model for model in settings.models if model != AUTO]
        ask["models"] = [AUTO]
        asked = (ask, plan, shape)
        if asked == self._advised_for and self._advice is not None:
            return
        self._advised_for = asked

        def advised(advice: Advice) -> None:
            if self._advised_for is asked:
                self._advice = advice
                self._list_models()

        def flow() -> Flow[Advice]:
            params = {"ask": ask, "shape": shape}
            advice: Advice = yield from self.session.call("model.advise", params)
            if plan["models"]:
                # A style or a reference is for those that take one: what hinders a model need not
                # hinder it where it is ticked, alone or in a comparison.
                params = {"ask": plan, "shape": sent}
                planned: TransformPlan = yield from self.session.call("transform.plan", params)
                models.compare(advice, planned)
            return advice

        def failed(_: EaselError) -> None:
            # The list stays as it was; whatever needs the daemon says what is wrong with it.
            self._advised_for = None
            self._soon("advice", _AGAIN, self._ask_advice)

        self._run(flow(), advised, failed)

    @property
    def button(self) -> Button:
        """What Transform says: how many models, and what they cost."""
        rows = self.ticked
        parts = ["Transform"]
        if len(rows) > 1:
            parts.append(f"{len(rows)} models")
        currencies = {row.currency for row in rows if row.cost}
        if len(currencies) == 1:
            parts.append(words.money(sum(row.cost for row in rows), currencies.pop()))
        label = " · ".join(parts)
        reason = self._hindrance(rows)
        return Button(label, not reason, reason)

    def _hindrance(self, rows: Sequence[ModelRow]) -> str:
        """Why nothing can be sent now; empty where something can."""
        unsendable = self._unsendable()
        if unsendable:
            return unsendable
        if not rows:
            return "Tick a model"
        return next((f"{row.label}: {row.reason}" for row in rows if row.reason), "")

    def _unsendable(self) -> str:
        """Why there is no source to send, or nobody to send it to."""
        if not self.connected:
            return "The daemon is starting" if self.status is None else self.status.text
        if self.parent is None:
            if self.sight is None:
                return words.NO_DOCUMENT
            if self.sight.problem is not None:
                return words.failure_line(self.sight.problem).text
        return ""

    # The ask.

    def _effective(self) -> Settings:
        """The settings as far as the ticked models understand them: what a view does not offer any
        more, because other models were ticked since, hinders nobody.
        """
        now, offered = self.settings, self.controls
        sizes = {size["name"] for size in offered.sizes}
        styles = {style["name"] for style in offered.styles}
        # A parameter belongs to its model: another one must not refuse the ask for it.
        params = {
            f"{entry['record']['id']}:{name}": value
            for entry in self._entries
            for name, value in now.params.items()
            if any(it["name"] == name for it in entry["record"].get("params") or [])
        }
        return dataclasses.replace(
            now,
            strength=now.strength if offered.strength else None,
            seed=now.seed if offered.seed else None,
            count=min(now.count, offered.max_count) if now.count else None,
            size=now.size if now.size in sizes else None,
            scale=now.scale if now.scale in offered.scales else 1,
            styles={name: share for name, share in now.styles.items() if name in styles},
            params=params,
            references=now.references if offered.max_references else (),
        )

    def _kept(self) -> tuple[Keep, ...]:
        possible = set(self.controls.keep)
        return tuple(it for it in self.settings.kept(possible) if it in possible)

    def _ask_of(
        self,
        source: BlobId,
        mask: BlobId | None,
        keep: tuple[Keep, ...],
        size: tuple[int, int],
        settings: Settings | None = None,
    ) -> Ask:
        origin, title, parent = self._about_source()
        return ask_of(
            settings or self._effective(),
            self.editor.client,
            source,
            mask,
            size=size,
            keep=keep,
            title=title,
            origin=origin,
            parent=parent,
        )

    def _about_source(self) -> tuple[Origin, str, str | None]:
        """Where the source lies, what it is called, and the result that it is, if it is one."""
        parent, sight = self.parent, self.sight
        if parent is not None and parent.place is not None:
            x, y = parent.place["x"], parent.place["y"]
            origin = parent.origin.copy()
            origin.update({"x": origin["x"] + x, "y": origin["y"] + y})
            return origin, parent.ask.get("title") or parent.model_label, parent.artifact
        if sight is None:
            return _NOWHERE, "", None
        return sight.origin, sight.title, None
