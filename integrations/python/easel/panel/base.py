"""What the parts of the panel share: the editor, the driver, and telling whoever listens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import EaselError
from ..flows import Flow, Session, T
from ..protocol import ModelEntry
from . import words
from .editor import Driver, Editor, Running, Sight
from .models import AUTO, Controls, ModelRow
from .settings import Settings


class Base:
    """State that several parts of the panel read."""

    def __init__(
        self, editor: Editor, driver: Driver, session: Session, settings: Settings
    ) -> None:
        self.editor = editor
        self.driver = driver
        self.session = session
        #: What is set; changed with `Panel.set` alone.
        self.settings = settings
        #: What would be sent now.
        self.sight: Sight | None = None
        #: The list of models; before the daemon has answered it is empty.
        self.models: list[ModelRow] = []
        self.controls = Controls()
        #: What is said below the button.
        self.status: words.Line | None = None
        #: The daemon has answered.
        self.connected = False
        self._entries: list[ModelEntry] = []
        self._labels: dict[str, str] = {AUTO: "Auto"}
        self._listeners: list[Callable[[set[str]], None]] = []
        self._waiting: dict[str, Running] = {}
        self._closed = False

    def listen(self, callback: Callable[[set[str]], None]) -> None:
        """Calls back with the names of what changed: `sight`, `settings`, `models`,
        `recipes`, `run`, `results`, `references`, `status`.
        """
        self._listeners.append(callback)

    def _changed(self, *topics: str) -> None:
        for callback in list(self._listeners):
            callback(set(topics))

    def _say(self, line: words.Line | None) -> None:
        if line != self.status:
            self.status = line
            self._changed("status")

    def say(self, line: words.Line | None) -> None:
        """Shows a line below the button, or takes it away: for what a view itself has to say."""
        self._say(line)

    def _fail(self, error: EaselError) -> None:
        self._say(words.failure_line(error))

    def _run(
        self,
        flow: Flow[T],
        done: Callable[[T], None],
        failed: Callable[[EaselError], None] | None = None,
        told: Callable[[Any], None] | None = None,
    ) -> Running:
        return self.driver.run(flow, done, failed or self._fail, told)

    def _soon(self, name: str, seconds: float, call: Callable[[], None]) -> None:
        """Calls once things have settled: a later wish of the same name takes its place."""
        waiting = self._waiting.pop(name, None)
        if waiting is not None:
            waiting.stop()
        if not self._closed:
            self._waiting[name] = self.driver.after(seconds, call)

    def label(self, model: str) -> str:
        """A model's name on screens."""
        return self._labels.get(model, model)
