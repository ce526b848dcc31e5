"""The part of the panel for recipes: which there are, which one is chosen, and running it. A run
that was begun before the editor was closed is found again, and its layers come all the same.
"""

from __future__ import annotations

import uuid
from typing import Any

from ..errors import EaselError, UnreachableError
from ..flows import FINAL, Flow
from ..protocol import BlobId, Event, Origin, RecipeList, RecipeRunParams, RunRecord
from . import recipe_rows, recipe_run, words
from . import run as running
from .editor import Source
from .prices import Button, Prices
from .recipe_layers import step_of
from .recipe_rows import RecipeRow
from .recipe_run import RecipeBrought, RecipeRun
from .run import Run
from .settings import Begun

#: Begins the keys of panels' runs: what scripts run is placed by them.
_OWN = "panel-"
#: So many runs are kept in mind until their layers have come, and looked for in the history.
_MOST = 8
#: Runs that a panel of this process follows: an editor may have one panel in each window.
_followed: set[str] = set()


class Recipes(Prices):
    """The menu of recipes, and the runs."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        #: What runs now.
        self.run: Run | None = None
        #: The entries of the menu; before the daemon has answered it is empty.
        self.recipes: list[RecipeRow] = []
        #: The folder that they lie in.
        self.recipe_folder = ""
        self._recipes_known = False
        #: Runs of an earlier session that wait for their document, by their ids.
        self._lost: dict[str, Origin] = {}

    # The menu.

    def load_recipes(self) -> None:
        """Asks which recipes there are: files come and go."""

        def loaded(listed: RecipeList) -> None:
            self._recipes_known = True
            self.recipe_folder = listed["folder"]
            self.recipes = recipe_rows.rows(listed, self.label)
            self._changed("recipes")

        self._run(self.session.call("recipe.list"), loaded)

    def choose_recipe(self, name: str | None) -> None:
        """Chooses a recipe by its name; with `None`, what is set in the panel counts again."""
        self.set(recipe=name)

    @property
    def recipe(self) -> RecipeRow | None:
        """The recipe that is chosen, whether it can run or not."""
        name = self.settings.recipe
        if name is None:
            return None
        return next((it for it in self.recipes if it.name == name), recipe_rows.missing(name))

    @property
    def no_recipes(self) -> words.Line | None:
        """What is said where there are none."""
        if self.recipes or not self._recipes_known:
            return None
        return recipe_rows.nothing(self.recipe_folder)

    @property
    def button(self) -> Button:
        """What the one button says: for a recipe, how many pictures it gives and what they cost."""
        recipe = self.recipe
        if recipe is None:
            return super().button
        parts = ["Run recipe"]
        if recipe.pictures:
            parts.append(words.several(recipe.pictures, "picture", "pictures"))
        if recipe.price:
            parts.append(recipe.price)
        reason = self._unsendable()
        if not reason and recipe.reason is not None:
            known = self._recipes_known
            reason = f"{recipe.title}: {recipe.reason}" if known else "The recipes are being listed"
        return Button(" · ".join(parts), not reason, reason)

    # Running.

    def _launch_recipe(self, recipe: RecipeRow, source: Source | None) -> None:
        """Runs a recipe on what was read, or on the result that is iterated from."""
        origin, title, _ = self._about_source()
        # Made now: what is chosen in the panel while it is sent is for the next one.
        params: RecipeRunParams = {
            "key": f"{_OWN}{uuid.uuid4().hex}",
            "recipe": recipe.name,
            "title": title,
            "client": self.editor.client,
            "origin": origin,
        }
        pictures = self._send_pictures(source)

        def flow() -> Flow[RecipeRunParams]:
            params["source"], mask = yield from pictures
            if mask is not None:
                params["mask"] = mask
            return params

        format = self.editor.formats(origin)
        steps = recipe_run.run(self.session, flow(), origin, format, self.label)
        self._follow_recipe(steps, RecipeRun(recipe.title), origin)

    def _send_pictures(self, source: Source | None) -> Flow[tuple[BlobId, BlobId | None]]:
        """Uploads the source and its mask; those of a result are there already."""
        session, parent = self.session, self.parent

        def of_result() -> Flow[tuple[BlobId, BlobId | None]]:
            assert parent is not None and parent.blob is not None
            return parent.blob, (yield from running.parent_mask(session, parent))

        def of_layer(source: Source) -> Flow[tuple[BlobId, BlobId | None]]:
            pixels, mask = source.pixels, None
            blob = yield from running.upload(session, pixels)
            if source.mask is not None:
                size = (pixels.width, pixels.height)
                mask = yield from running.upload_mask(session, source.mask, *size)
            return blob, mask

        return of_result() if source is None else of_layer(source)

    def _follow_recipe(self, flow: Flow[RecipeBrought], run: RecipeRun, origin: Origin) -> None:
        def ended(error: EaselError | None = None) -> bool:
            current = self.run is run
            if current:
                self.leave_run()
                self.run = None
                # A run goes on without anybody who follows it: the next session finds it.
                if run.id is not None and not isinstance(error, UnreachableError):
                    self._forget(run.id)
            return current

        def done(brought: RecipeBrought) -> None:
            if ended():
                self._recipe_arrived(brought)
                self._changed("run")

        def failed(error: EaselError) -> None:
            if ended(error):
                self._fail(error)
                if run.record is None and error.kind in ("not_found", "invalid_request"):
                    # Its file was changed since it was listed.
                    self.load_recipes()
                self._changed("run")

        def told(record: RunRecord) -> None:
            begun = run.record is None
            run.stands(record)
            if begun:
                _followed.add(record["id"])
                self._remember(Begun(record["id"], origin))
                if run.cancelling:
                    self._cancel(run)
            self._changed("run")

        self._say(None)
        self.run = run
        run.running = self._run(flow, done, failed, told)
        self._changed("run")

    def leave_run(self) -> None:
        """Follows the run no more; another panel may."""
        if isinstance(self.run, RecipeRun) and self.run.id is not None:
            _followed.discard(self.run.id)

    def _recipe_arrived(self, brought: RecipeBrought) -> None:
        """Places what was made, and says what was not."""
        self._take(brought.transforms)
        if brought.layers:
            try:
                self.editor.place(recipe_run.placement(brought))
            except EaselError as error:
                self._fail(error)
                return
        self._say(recipe_run.ending(brought))

    def _cancel(self, run: Run) -> None:
        flow = run.cancel(self.session)
        if flow is not None:
            self._run(flow, lambda _: None)

    def _show_preview(self, run: Run, blob: BlobId) -> None:
        def shown(png: bytes) -> None:
            run.preview = png
            self._changed("run")

        self._run(self.session.preview(blob, 256), shown, lambda _: None)

    def _minds(self, event: Event) -> bool:
        run = self.run
        return super()._minds(event) or (isinstance(run, RecipeRun) and run.concerns(event))

    def _happened(self, event: Event) -> None:
        super()._happened(event)
        run = self.run
        if isinstance(run, RecipeRun) and run.concerns(event):
            run.heard(event)
            if event["event"] == "preview":
                self._show_preview(run, event["blob"])
            self._changed("run")

    # Runs of an earlier session.

    def _remember(self, begun: Begun) -> None:
        others = tuple(it for it in self.settings.begun if it.id != begun.id)
        self.set(begun=(*others, begun)[-_MOST:])

    def _forget(self, id: str) -> None:
        self.set(begun=tuple(it for it in self.settings.begun if it.id != id))

    def _find_runs(self) -> None:
        """Looks for runs that were begun here before the editor was closed: those that it kept, and
        those that the history knows, where it was killed before it could keep them.
        """
        kept = {it.id: it.origin for it in self.settings.begun}
        likely: dict[str, Origin] = {}
        for _, record in sorted(self._records.items(), reverse=True):
            step, ask = step_of(record["key"]), record["ask"]
            origin = ask.get("origin")
            if step is not None and origin is not None and ask.get("client") == self.editor.client:
                likely.setdefault(step.run, origin)
        sought = {**dict(list(likely.items())[:_MOST]), **kept}

        def flow() -> Flow[list[str]]:
            found: list[str] = []
            for id in sought:
                try:
                    record: RunRecord = yield from self.session.call("run.get", {"id": id})
                except EaselError as error:
                    if error.kind != "not_found":
                        raise
                    continue
                runs = record["state"] not in FINAL and record["key"].startswith(_OWN)
                if id in kept or runs:
                    found.append(id)
            return found

        def looked(found: list[str]) -> None:
            self._lost = {id: sought[id] for id in found}
            for id in kept.keys() - set(found):
                self._forget(id)
            self._resume_lost()

        if sought:
            self._run(flow(), looked, lambda _: None)

    @property
    def waiting_runs(self) -> int:
        """How many runs of an earlier session wait for their document to be opened."""
        return len(self._lost)

    def _resume_lost(self) -> None:
        """Goes on with a run whose document is open again."""
        if self.run is not None:
            return
        for id, origin in list(self._lost.items()):
            if id in _followed:
                del self._lost[id]
                continue
            format = self.editor.formats(origin)
            if format is not None:
                del self._lost[id]
                _followed.add(id)
                flow = recipe_run.resume(self.session, id, origin, format, self.label)
                self._follow_recipe(flow, RecipeRun("recipe", id=id), origin)
                return
