"""The models: one or several to tick, the best for the present ask first, those that cannot do it
dimmed with the reason.
"""

from __future__ import annotations

from typing import Any

from ..easel.panel import ModelRow, Panel, words
from ..qt import QCheckBox, QFrame, QHBoxLayout, QLabel, QSizePolicy, Qt, QVBoxLayout
from .parts import UNIT, Section, Text, on


class ModelView(Section):
    """Section 4 of the panel."""

    def __init__(self, panel: Panel) -> None:
        super().__init__("Model")
        self._panel = panel
        self._lines: list[Line] = []
        self.rows.setSpacing(2)
        self.empty = Text(dim=True, wrap=True)
        self.rows.addWidget(self.empty)
        self.renew({"models"})

    def line(self, id: str) -> Line:
        """The line of a model."""
        return next(it for it in self._lines if it.id == id)

    def renew(self, topics: set[str]) -> None:
        """Shows what is so now."""
        if not topics & {"models", "status"}:
            return
        listed = self._panel.models
        while len(self._lines) > len(listed):
            self._lines.pop().deleteLater()
        while len(self._lines) < len(listed):
            line = Line(self._panel)
            self.rows.addWidget(line)
            self._lines.append(line)
        for line, row in zip(self._lines, listed):
            line.show_row(row)
        self.empty.setVisible(not listed)
        self.empty.say("" if listed else "The models are listed once the daemon answers.")


class Line(QFrame):
    """One model: what it is called, what it is good at, what it takes and costs."""

    def __init__(self, panel: Panel) -> None:
        super().__init__()
        self.id = ""
        self._panel = panel
        self._row: ModelRow | None = None
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.box = QCheckBox()
        self.box.setFixedWidth(22)
        self.box.setMinimumHeight(24)
        self.box.setToolTip("Several models are a comparison; beside the box: this one alone")
        self.name = Text(bold=True)
        self.cost = QLabel()
        self.strengths = Text(dim=True)
        self.more = Text(dim=True, wrap=True)
        head = QHBoxLayout()
        head.setSpacing(0)
        head.addWidget(self.box)
        head.addWidget(self.name, 1)
        head.addSpacing(2 * UNIT)
        head.addWidget(self.cost)
        below = QVBoxLayout()
        below.setContentsMargins(22, 0, 0, 0)
        below.setSpacing(1)
        below.addWidget(self.strengths)
        below.addWidget(self.more)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 2)
        rows.setSpacing(0)
        rows.addLayout(head)
        rows.addLayout(below)
        on(self.box.clicked, lambda checked: panel.tick(self.id, bool(checked)))

    def mouseReleaseEvent(self, event: Any) -> None:
        # Beside the box: this model alone, which is what one wants most often. One that is dimmed
        # too: what it lacks, such as a reference, is offered then.
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.pos()):
            self._panel.set(models=(self.id,))

    def show_row(self, row: ModelRow) -> None:
        """Shows a model."""
        self.box.setChecked(row.ticked)
        if row == self._row:
            return
        self._row = row
        self.id = row.id
        self.name.say(row.label)
        time = f"about {words.duration(row.seconds)}" if row.seconds is not None else ""
        self.cost.setText(" · ".join(it for it in (row.price, time) if it))
        self.strengths.say(row.reason or row.strengths)
        apart = {row.price, time}
        chips = [chip for chip in row.chips if chip not in apart]
        more = [" · ".join(chips), row.limitation]
        self.more.say("\n".join(it for it in more if it))
        self.more.setVisible(row.ticked and bool(self.more.whole()))
        dimmed = row.reason is not None
        for widget in (self.name, self.cost, self.strengths):
            widget.setEnabled(not dimmed)
        self.setToolTip("\n".join(it for it in (row.strengths, row.limitation) if it))
        name = [row.label, self.cost.text(), row.reason or row.strengths]
        self.box.setAccessibleName(", ".join(it for it in name if it))
