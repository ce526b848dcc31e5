"""The panel itself: what an artist does in an editor, without a toolkit. A view shows its state,
calls its methods and listens for what changed; an `Editor` reads and places layers.
"""

from __future__ import annotations

import dataclasses
import time
from typing import Any

from ..errors import EaselError
from ..flows import Flow
from ..protocol import Ask, ModelList, ServerInfo
from . import run as running
from . import words
from .editor import Source
from .prices import NOT_SENT
from .recipe_run import RecipeRun
from .recipes import Recipes
from .results import Result
from .run import Brought, Run

#: Before prices are asked for anew, and before a live transform starts: things settle, in seconds.
_SETTLED = 0.2
_LIVE_SETTLED = 0.4
#: How often it is asked which models there are: somebody may trust a backend, or set a key.
_MODELS_AGAIN = 10.0
#: Before a daemon that cannot be reached is tried again, in seconds: at first, and at most.
_AGAIN, _AGAIN_AT_MOST = 5.0, 60.0


class Panel(Recipes):
    """Everything behind the docker, the window and the page of an integration."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._live_placed: Any = None
        self._live_results: list[Result] = []
        self._live_token: Any = None
        self._again = _AGAIN
        self.session.revive = True

    # Beginning and end.

    def open(self) -> None:
        """Finds the daemon, or starts it, and loads what it knows."""

        def flow() -> Flow[tuple[ServerInfo, ModelList]]:
            info = yield from self.session.start()
            return info, (yield from self.session.call("model.list"))

        def loaded(answer: tuple[ServerInfo, ModelList]) -> None:
            info, listed = answer
            self.connected = True
            self._last_event = info["last_event"]
            self._say(None)
            self._take_models(listed)
            self._load_sets()
            self.load_recipes()
            self._load_history()
            self._watch()

        def failed(error: EaselError) -> None:
            self.connected = False
            self._fail(error)
            self._soon("open", self._again, self.open)
            self._again = min(2 * self._again, _AGAIN_AT_MOST)

        self._run(flow(), loaded, failed)

    def close(self) -> None:
        """Ends what runs here. Jobs go on in the daemon, and their results are in the history."""
        self._closed = True
        for waiting in self._waiting.values():
            waiting.stop()
        self.leave_run()
        if self.run is not None and self.run.running is not None:
            self.run.running.stop()

    def refresh(self) -> None:
        """Looks at the document again; for a timer, about twice a second."""
        try:
            sight = self.editor.look(self.settings.area)
        except EaselError as error:
            sight = None
            self._fail(error)
        before, self.sight = self.sight, sight
        if sight != before:
            self._changed("sight")
            self._soon("advice", _SETTLED, self._ask_advice)
        if self.run is not None:
            # Its elapsed time goes on.
            self._changed("run")
        elif self.connected and time.monotonic() - self._listed > _MODELS_AGAIN:
            self.reload_models()
        if self._lost:
            self._resume_lost()
        self._watch_live()

    def set(self, **changes: Any) -> None:
        """Changes settings."""
        area = self.settings.area
        super().set(**changes)
        if self.settings.area != area:
            self.refresh()
        self._watch_live()

    # Transform.

    def transform(self) -> None:
        """Sends the source and runs the ticked models, or the recipe that is chosen; what they make
        becomes layers.
        """
        if self.run is not None or self._refused():
            return
        self._start(live=False)

    def _refused(self) -> bool:
        button = self.button
        if not button.enabled:
            self._say(words.Line("warning", button.reason))
        return not button.enabled

    def _start(self, live: bool) -> None:
        settings, parent, recipe = self.settings, self.parent, self.recipe
        source: Source | None = None
        if parent is None:
            try:
                source = self.editor.read(settings.area, settings.use_selection)
            except EaselError as error:
                self._fail(error)
                return
            # What was read counts, not what was seen half a second ago.
            self.sight = source.sight
        if recipe is not None:
            self._launch_recipe(recipe, source)
        elif source is not None:
            size = (source.pixels.width, source.pixels.height)
            self._launch(self._send(source, size), source.sight.origin, live)
        elif parent is not None:
            self._launch(self._send(None, (parent.width, parent.height)), parent.origin, live)

    def _send(self, source: Source | None, size: tuple[int, int]) -> Flow[Ask]:
        # Made now: what is changed in the panel while it is sent is for the next one.
        template = self._ask_of(NOT_SENT, None, self._kept(), size)
        pictures = self._send_pictures(source)

        def flow() -> Flow[Ask]:
            template["source"], mask = yield from pictures
            if mask is not None:
                template["mask"] = mask
            return template

        return flow()

    def rerun(self, result: Result) -> None:
        """Asks the same again. A job that failed and may have been charged is only sent again when
        this is called twice.
        """
        if self.run is not None:
            self._say(words.Line("warning", "Something runs already", "Cancel it, or wait."))
            return
        if result.state in ("failed", "cancelled"):
            self._retry(result)
            return

        def same() -> Flow[Ask]:
            # It needs nothing from the editor: what was sent then is still there.
            yield from ()
            return result.ask

        self._launch(same(), result.origin, live=False)

    def _retry(self, result: Result) -> None:
        again = self._confirm == result.key
        self._confirm = None

        def queued(_: Any) -> None:
            format = self.editor.formats(result.origin)
            flow = running.resume(self.session, result.transform, format, self.label)
            self._follow(flow, Run(result.model_label))

        def failed(error: EaselError) -> None:
            self._fail(error)
            if error.kind == "conflict":
                self._confirm = result.key
                hint = "Re-run it once more to pay again."
                self._say(words.Line("warning", words.sentence(error.message), hint))

        params = {"id": result.job, "pay_again": again}
        self._run(self.session.call("job.retry", params), queued, failed)

    def _launch(self, ask: Flow[Ask], origin: Any, live: bool) -> None:
        format = self.editor.formats(origin)
        flow = running.transform(self.session, ask, format, self.label)
        title = ", ".join(row.label for row in self.ticked)
        self._follow(flow, Run(title, live=live))

    def _follow(self, flow: Flow[Brought], run: Run) -> None:
        def done(brought: Brought) -> None:
            if self.run is run:
                self.run = None
                self._arrived(brought, run)
                self._changed("run")

        def failed(error: EaselError) -> None:
            if self.run is run:
                self.run = None
                self._fail(error)
                self._changed("run")

        def told(value: Any) -> None:
            if isinstance(value, running.Submitted):
                run.submitted(value.record, self.label)
                self._take([value.record])
                if run.cancelling:
                    self._cancel(run)
            else:
                run.heard(value)
                if value["event"] == "preview":
                    self._show_preview(run, value["blob"])
            self._changed("run")

        self._say(None)
        self.run = run
        run.running = self._run(flow, done, failed, told)
        self._changed("run")

    def _arrived(self, brought: Brought, run: Run) -> None:
        """Places what was made, and says what was not."""
        self._take([brought.record])
        failures = [it for it in brought.results if it.failure is not None]
        line: words.Line | None = None
        if brought.layers:
            replaces = self._live_placed if run.live else None
            try:
                placed = self.editor.place(running.placement(brought, replaces))
            except EaselError as error:
                self._fail(error)
                return
            if run.live:
                self._replace_live(placed, brought.results)
        elif run.cancelling and not failures:
            line = words.Line("info", "Cancelled")
        if failures:
            first = failures[0]
            assert first.failure is not None
            severity = "warning" if brought.layers else "error"
            text = f"{first.model_label}: {first.failure.text}"
            if len(failures) > 1:
                text += f" (and {len(failures) - 1} more)"
            line = words.Line(severity, text, first.failure.hint)
        self._say(line)

    def cancel(self) -> None:
        """Stops what runs. What was made before comes back all the same."""
        if self.run is not None and not self.run.cancelling:
            self.run.cancelling = True
            self._changed("run")
            self._cancel(self.run)

    # Live mode.

    def _watch_live(self) -> None:
        """Runs again when the source or the settings have changed and settled."""
        sight = self._seen()
        if not self.settings.live or sight is None or self.settings.area != "layer":
            self._live_token = None
            if not self.settings.live:
                self._live_placed, self._live_results = None, []
            return
        settings = dataclasses.replace(self.settings, begun=())
        token = (sight.token, sight.origin, sight.selection, settings)
        if token != self._live_token:
            self._live_token = token
            self._soon("live", _LIVE_SETTLED, self._run_live)

    def _run_live(self) -> None:
        if not self.settings.live or not self.button.enabled:
            return
        if isinstance(self.run, RecipeRun):
            # What a person has begun goes on to its end.
            self._live_token = None
            return
        if self.run is not None:
            # Only the newest counts.
            outdated, self.run = self.run, None
            if outdated.running is not None:
                outdated.running.stop()
            self._cancel(outdated)
        self._start(live=True)

    def _replace_live(self, placed: Any, results: list[Result]) -> None:
        """What a live result took the place of is not kept in the history."""
        for outdated in self._live_results:
            if outdated.artifact is not None:
                self._put_away(outdated)
        self._live_placed, self._live_results = placed, results
