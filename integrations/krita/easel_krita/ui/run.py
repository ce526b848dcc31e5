"""The one button, and what happens while it runs: stage, time, a preview, a line for each model of
a comparison. What went wrong is said here too.
"""

from __future__ import annotations

from typing import Any

from ..easel.panel import Panel
from ..qt import (
    QEvent,
    QHBoxLayout,
    QLabel,
    QPalette,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStyle,
    Qt,
    QVBoxLayout,
)
from .parts import UNIT, Picture, Section, Text, on, toggle

_PREVIEW = 96


class _Accented(QPushButton):
    """A button in the theme's own accent."""

    def __init__(self) -> None:
        super().__init__()
        self._plain = False
        self.setMinimumHeight(34)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        font = self.font()
        font.setBold(True)
        self.setFont(font)
        self._recolour()

    def plain(self, plain: bool) -> None:
        """Takes the accent away, or gives it back."""
        if plain != self._plain:
            self._plain = plain
            self._recolour()

    def changeEvent(self, event: Any) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.EnabledChange):
            self._recolour()

    def _recolour(self) -> None:
        parent = self.parentWidget()
        palette = QPalette(parent.palette()) if parent is not None else QPalette()
        role = QPalette.ColorRole
        if not self._plain and self.isEnabled():
            palette.setColor(role.Button, palette.color(role.Highlight))
            palette.setColor(role.ButtonText, palette.color(role.HighlightedText))
        if palette.color(role.Button) != self.palette().color(role.Button):
            self.setPalette(palette)

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self._recolour()


class RunView(Section):
    """Section 7 of the panel."""

    def __init__(self, panel: Panel) -> None:
        super().__init__("")
        self._panel = panel
        self._preview_shown: bytes | None = None
        self.button = _Accented()
        self.live = toggle("Live", "Runs again whenever the layer or a setting changes and settles")
        self.live.setMinimumHeight(34)
        row = QHBoxLayout()
        row.setSpacing(UNIT)
        row.addWidget(self.button, 1)
        row.addWidget(self.live)
        self.rows.addLayout(row)
        self.reason = Text(dim=True, wrap=True)
        self.rows.addWidget(self.reason)

        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.stage = Text()
        self.jobs = Text(dim=True, wrap=True)
        self.preview = Picture(_PREVIEW, "Preview")
        facts = QVBoxLayout()
        facts.setSpacing(2)
        facts.addWidget(self.stage)
        facts.addWidget(self.jobs)
        going = QHBoxLayout()
        going.setSpacing(2 * UNIT)
        going.addWidget(self.preview, 0, Qt.AlignmentFlag.AlignTop)
        going.addLayout(facts, 1)
        going.setAlignment(facts, Qt.AlignmentFlag.AlignTop)
        self.rows.addWidget(self.bar)
        self.rows.addLayout(going)

        self.icon = QLabel()
        self.line = Text(wrap=True)
        self.hint = Text(dim=True, wrap=True)
        said = QVBoxLayout()
        said.setSpacing(1)
        said.addWidget(self.line)
        said.addWidget(self.hint)
        status = QHBoxLayout()
        status.setSpacing(2 * UNIT)
        status.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        status.addLayout(said, 1)
        self.rows.addLayout(status)

        on(self.button.clicked, lambda *_: self.press())
        on(self.live.clicked, lambda checked: panel.set(live=bool(checked)))
        self.renew({"run", "status"})

    def press(self) -> None:
        """Begins, or cancels what runs."""
        if self._panel.run is not None and not self._panel.run.live:
            self._panel.cancel()
        else:
            self._panel.transform()

    def renew(self, topics: set[str]) -> None:
        """Shows what is so now."""
        if topics & {"run", "models", "sight", "settings", "status", "recipes"}:
            self._renew_button()
        if "run" in topics:
            self._renew_run()
        if "status" in topics:
            self._renew_status()

    def _renew_button(self) -> None:
        panel, run = self._panel, self._panel.run
        self.live.setChecked(panel.settings.live)
        # A recipe is begun by a person each time.
        self.live.setVisible(panel.settings.recipe is None)
        if run is not None:
            self.button.setText("Cancelling…" if run.cancelling else "Cancel")
            self.button.setEnabled(not run.cancelling)
            self.button.plain(True)
            self.reason.hide()
            return
        button = panel.button
        label = button.label.replace("Transform", "&Transform", 1)
        self.button.setText(label.replace("Run recipe", "Run reci&pe", 1))
        self.button.setAccessibleName(button.label)
        self.button.setEnabled(button.enabled)
        self.button.plain(False)
        said = panel.status.text if panel.status is not None else ""
        # What is said below already is not said twice.
        shown = bool(button.reason) and button.reason != said
        self.reason.say(button.reason + "." if not button.reason.endswith(".") else button.reason)
        self.reason.setVisible(shown and panel.sight is not None)

    def _renew_run(self) -> None:
        run = self._panel.run
        for widget in (self.bar, self.stage):
            widget.setVisible(run is not None)
        several = run is not None and len(run.jobs) > 1
        self.jobs.setVisible(several)
        png = run.preview if run is not None else None
        self.preview.setVisible(png is not None)
        if png is not self._preview_shown:
            self._preview_shown = png
            self.preview.show_png(png)
        if run is None:
            return
        fraction = run.fraction
        # Without a share it only shows that something happens.
        self.bar.setRange(0, 0 if fraction is None else 1000)
        if fraction is not None:
            self.bar.setValue(round(1000 * fraction))
        self.stage.say(f"{run.stage} · {run.elapsed}")
        if several:
            self.jobs.say("\n".join(_job(line) for line in run.jobs.values()))

    def _renew_status(self) -> None:
        status = self._panel.status
        for widget in (self.icon, self.line, self.hint):
            widget.setVisible(status is not None)
        if status is None:
            return
        kinds = {
            "error": QStyle.StandardPixmap.SP_MessageBoxCritical,
            "warning": QStyle.StandardPixmap.SP_MessageBoxWarning,
            "info": QStyle.StandardPixmap.SP_MessageBoxInformation,
        }
        icon = self.style().standardIcon(kinds[status.severity])
        self.icon.setPixmap(icon.pixmap(16, 16))
        self.icon.setVisible(status.severity != "info")
        self.line.say(status.text if status.text.endswith(".") else status.text + ".")
        self.hint.say(status.hint)
        self.hint.setVisible(bool(status.hint))


def _job(line: Any) -> str:
    if line.state == "failed" and line.failure is not None:
        return f"{line.label}: {line.failure.text}"
    if line.state == "running":
        share = f", {round(100 * line.fraction)} %" if line.fraction is not None else ""
        return f"{line.label}: {line.stage or 'running'}{share}"
    words = {"queued": "waits", "done": "done", "cancelled": "cancelled"}
    return f"{line.label}: {words.get(line.state, line.state)}"
