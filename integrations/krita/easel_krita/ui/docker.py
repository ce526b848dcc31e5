"""The docker: the sections of the panel from top to bottom, a timer that looks at the document, and
what is kept between sessions.
"""

from __future__ import annotations

import contextlib
import json
from typing import Any

from krita import DockWidget, Krita

from .. import safe
from ..driver import QtDriver
from ..easel.flows import Session
from ..easel.panel import Panel, Result, Settings
from ..easel.panel.recipe_layers import step_of
from ..easel.panel.words import Line
from ..editor import KritaEditor
from ..place import Placer
from ..qt import (
    QApplication,
    QFrame,
    QScrollArea,
    QSize,
    Qt,
    QTimer,
    QVBoxLayout,
    QWidget,
)
from .change import ChangeView, KeepView
from .models import ModelView
from .more import MoreView
from .parts import UNIT, in_order, on
from .recipes import RecipeView
from .references import ReferenceView
from .results import ResultView
from .run import RunView
from .source import SourceView

#: How often the document is looked at, in milliseconds.
_LOOK = 500
#: Settings are written once they have settled, in milliseconds.
_WRITE = 1000
#: Until the models have answered to other settings, in seconds.
_ADVISED = 0.5
_GROUP = "easel"


class EaselDocker(DockWidget):
    """The one panel."""

    def __init__(self) -> None:
        super().__init__()
        self.setWindowTitle("Easel")
        self._opened = False
        self._dirty = False
        self._gone = False
        # Krita calls back into what it is given, whenever it likes: nothing here may raise.
        safe.safely(self._build)()

    def _build(self) -> None:
        self.driver = QtDriver(self)
        self.placer = Placer(self.driver)
        self.editor = KritaEditor(self.placer)
        self.panel = Panel(self.editor, self.driver, Session(), _settings())
        safe.report = self._report
        panel = self.panel
        self.source = SourceView(panel)
        self.recipes = RecipeView(panel)
        self.change = ChangeView(panel)
        self.keep = KeepView(panel)
        self.models = ModelView(panel)
        self.references = ReferenceView(panel)
        self.more = MoreView(panel)
        self.run = RunView(panel)
        self.results = ResultView(panel, self._compare)
        self._sections = (
            self.source,
            self.recipes,
            self.change,
            self.keep,
            self.models,
            self.references,
            self.more,
            self.run,
            self.results,
        )
        content = _Content(panel)
        rows = QVBoxLayout(content)
        rows.setContentsMargins(2 * UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT)
        rows.setSpacing(3 * UNIT)
        # What a recipe decides is folded away together.
        self._decided = QWidget()
        decided = QVBoxLayout(self._decided)
        decided.setContentsMargins(0, 0, 0, 0)
        decided.setSpacing(3 * UNIT)
        for section in (self.change, self.keep, self.models, self.references, self.more):
            decided.addWidget(section)
        for widget in (self.source, self.recipes, self._decided, self.run, self.results):
            rows.addWidget(widget)
        rows.addStretch()
        self.scroll = QScrollArea()
        self.scroll.setWidget(content)
        self.scroll.setWidgetResizable(True)
        self.scroll.setFrameShape(QFrame.Shape.NoFrame)
        self.scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroll.setMinimumWidth(240)
        self.setWidget(self.scroll)

        self.more.open(Krita.instance().readSetting(_GROUP, "more", "") == "open")
        self.more.folded = lambda opened: Krita.instance().writeSetting(
            _GROUP, "more", "open" if opened else "folded"
        )
        self.editor.use_selection = panel.settings.use_selection
        self._decided.setVisible(panel.settings.recipe is None)
        panel.listen(safe.safely(self._renew))
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK)
        on(self._timer.timeout, panel.refresh)
        self._writer = QTimer(self)
        self._writer.setSingleShot(True)
        self._writer.setInterval(_WRITE)
        on(self._writer.timeout, self._write)
        # What comes later would be last for the tab key, wherever it is put.
        self._orderer = QTimer(self)
        self._orderer.setSingleShot(True)
        self._orderer.setInterval(0)
        on(self._orderer.timeout, self._order)
        on(self.visibilityChanged, self._seen)
        on(QApplication.instance().aboutToQuit, self._quit)
        # A window may be closed while Krita goes on: by then Qt has deleted what the panel shows.
        on(self.destroyed, lambda *_: self._quit())

    # What Krita calls.

    def canvasChanged(self, canvas: Any) -> None:
        """Another document, or none."""
        if self._opened:
            safe.safely(self.panel.refresh)()

    def sizeHint(self) -> QSize:
        return QSize(340, 800)

    # What actions call.

    def transform(self) -> None:
        """Transforms as the panel is set."""
        self.raise_panel()
        self.panel.transform()

    def repeat(self) -> None:
        """Runs the newest transform once more, on the layer that is active now."""
        self.raise_panel()
        results, chosen = self.panel.results, self.panel.settings.recipe
        # With a recipe chosen that made it, the recipe is what runs again, and not its last step.
        if results and (chosen is None or step_of(results[0].asked_by) is None):
            self.panel.copy_settings(results[0])
        # What the models say of these settings takes a moment.
        self.driver.after(_ADVISED, self.panel.transform)

    def raise_panel(self) -> None:
        """Shows the docker."""
        self.show()
        self.raise_()
        self._open()
        self.panel.refresh()

    # Between panel and view.

    def _seen(self, visible: bool) -> None:
        if visible:
            self._open()
            self._timer.start()
        elif not self.panel.settings.live:
            self._timer.stop()

    def _open(self) -> None:
        """Finds or starts the daemon once somebody looks at the panel, not before."""
        if not self._opened:
            self._opened = True
            self.panel.open()
            self.panel.refresh()
            self._timer.start()

    def _renew(self, topics: set[str]) -> None:
        if self._gone:
            return
        for section in self._sections:
            section.renew(topics)
        self._decided.setVisible(self.panel.settings.recipe is None)
        if topics & {"models", "results", "references", "settings", "recipes"}:
            self._orderer.start()
        self.editor.use_selection = self.panel.settings.use_selection
        if "settings" in topics or "references" in topics:
            self._dirty = True
            self._writer.start()

    def _order(self) -> None:
        before: QWidget | None = None
        for widget in in_order(self.scroll.widget()):
            if before is not None:
                QWidget.setTabOrder(before, widget)
            before = widget

    def _compare(self, result: Result, visible: bool) -> None:
        if not self.editor.show(result, visible):
            line = Line("info", "Its layer is not in this document", "Apply brings it back.")
            self.panel.say(line)

    def _report(self, text: str) -> None:
        self.panel.say(Line("error", f"A fault in the plugin: {text}", "Please report it."))

    def _write(self) -> None:
        if self._dirty:
            self._dirty = False
            data = json.dumps(self.panel.settings.to_json())
            Krita.instance().writeSetting(_GROUP, "settings", data)

    def _quit(self) -> None:
        if self._gone:
            return
        self._gone = True
        self._write()
        with contextlib.suppress(RuntimeError):
            # What Qt has deleted already needs no end.
            self.panel.close()
            self.placer.close()
            self.driver.close()


class _Content(QWidget):
    """Everything in the docker. Escape cancels, wherever in it one is."""

    def __init__(self, panel: Panel) -> None:
        super().__init__()
        self._panel = panel

    def keyPressEvent(self, event: Any) -> None:
        if event.key() == Qt.Key.Key_Escape and self._panel.run is not None:
            safe.safely(self._panel.cancel)()
        else:
            super().keyPressEvent(event)


def _settings() -> Settings:
    try:
        return Settings.from_json(json.loads(Krita.instance().readSetting(_GROUP, "settings", "")))
    except ValueError:
        return Settings()
