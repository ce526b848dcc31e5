"""What was made, newest first, in this and in earlier sessions: the daemon keeps it. One result is
chosen, and what can be done with it lies below it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..easel.panel import Panel, Result, words
from ..qt import (
    QColor,
    QEvent,
    QFontMetrics,
    QHBoxLayout,
    QMenu,
    QPainter,
    QPalette,
    QPixmap,
    QPushButton,
    QRect,
    QRectF,
    QSize,
    QSizePolicy,
    Qt,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from ..safe import safely
from .parts import UNIT, Section, Text, draw_picture, fetch_picture, mixed, on

_SIDE = 60
_BARS = (("structure", "Structure"), ("colour", "Colour"), ("outside", "Outside"))


class ResultView(Section):
    """Section 8 of the panel."""

    def __init__(self, panel: Panel, compare: Callable[[Result, bool], None]) -> None:
        super().__init__("Results")
        self._panel = panel
        self._lines: dict[str, ResultLine] = {}
        self.chosen: str | None = None
        self._list = QVBoxLayout()
        self._list.setContentsMargins(0, 0, 0, 0)
        self._list.setSpacing(2)
        self.empty = Text(words.NO_RESULTS, dim=True, wrap=True)
        self.rows.addWidget(self.empty)
        self.rows.addLayout(self._list)
        self.older = QPushButton("Show older")
        self.older.setFlat(True)
        self.rows.addWidget(self.older)
        on(self.older.clicked, lambda *_: panel.more_results())
        self.back = QPushButton("Bring back what was discarded")
        self.back.setFlat(True)
        self.rows.addWidget(self.back)
        on(self.back.clicked, lambda *_: panel.bring_back())
        self.tools = Actions(self, panel, compare)
        self.tools.hide()
        self.renew({"results"})

    def line(self, key: str) -> ResultLine:
        """The line of a result."""
        return self._lines[key]

    def renew(self, topics: set[str]) -> None:
        """Shows what is so now."""
        if "results" not in topics:
            return
        panel = self._panel
        wanted = {result.key: result for result in panel.results}
        for key in [key for key in self._lines if key not in wanted]:
            gone = self._lines.pop(key)
            if key == self.chosen:
                self._close()
            self._list.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for place, (key, result) in enumerate(wanted.items()):
            line = self._lines.get(key)
            if line is None:
                line = self._lines[key] = ResultLine(self, panel)
            line.show_result(result)
            if self._list.indexOf(line) != place:
                self._list.removeWidget(line)
                self._list.insertWidget(place, line)
        self._follow()
        self.empty.setVisible(not wanted)
        self.older.setVisible(panel.has_more)
        self.back.setVisible(bool(panel.discarded))
        if self.chosen is not None:
            self.tools.show_result(self._lines[self.chosen].result)

    def choose(self, key: str | None) -> None:
        """Chooses a result."""
        before, self.chosen = self.chosen, key
        for it in (before, key):
            if it in self._lines:
                self._lines[it].update()
        if key is None or key not in self._lines:
            self._close()
            return
        self.tools.show_result(self._lines[key].result)
        self._follow()

    def step(self, by: int) -> None:
        """Chooses the next or the previous one."""
        keys = [result.key for result in self._panel.results]
        if keys:
            at = keys.index(self.chosen) + by if self.chosen in keys else 0
            self.number(min(max(at, 0), len(keys) - 1))

    def number(self, at: int) -> None:
        """Chooses by the place in the list."""
        if 0 <= at < len(self._panel.results):
            key = self._panel.results[at].key
            self.choose(key)
            self._lines[key].setFocus(Qt.FocusReason.OtherFocusReason)

    def _close(self) -> None:
        self.chosen = None
        self.tools.hide()

    def _follow(self) -> None:
        """Moves the actions below the line that is chosen."""
        if self.chosen not in self._lines:
            self._close()
            return
        place = self._list.indexOf(self._lines[self.chosen]) + 1
        if self._list.indexOf(self.tools) != place:
            self._list.removeWidget(self.tools)
            place = self._list.indexOf(self._lines[self.chosen]) + 1
            self._list.insertWidget(place, self.tools)
        self.tools.show()


class Actions(QWidget):
    """What can be done with the chosen result."""

    def __init__(
        self, view: ResultView, panel: Panel, compare: Callable[[Result, bool], None]
    ) -> None:
        super().__init__()
        self._view, self._panel = view, panel
        self.result: Result | None = None
        self.apply = _action("Apply", "Shows its layer and hides the others (Return)")
        self.iterate = _action("Iterate", "Iterate from this: the next transform starts here (I)")
        self.compare = _action("Compare", "Shows the source as long as it is held (Space)")
        self.discard = _action("Discard", "Takes it out of the list (Delete)")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, UNIT)
        row.setSpacing(2)
        for button in (self.apply, self.iterate, self.compare, self.discard):
            row.addWidget(button, 1)
        on(self.apply.clicked, lambda *_: self._do(panel.apply))
        on(self.iterate.clicked, lambda *_: self._do(panel.iterate))
        on(self.discard.clicked, lambda *_: self._do(panel.discard))
        on(self.compare.pressed, lambda: self._do(lambda it: compare(it, False)))
        on(self.compare.released, lambda: self._do(lambda it: compare(it, True)))

    def _do(self, call: Callable[[Result], None]) -> None:
        if self.result is not None:
            call(self.result)

    def show_result(self, result: Result) -> None:
        """Says which result it is about."""
        self.result = result
        for button in (self.apply, self.iterate, self.compare, self.discard):
            button.setEnabled(result.artifact is not None)

    def menu(self, where: Any) -> None:
        """Everything that can be done, as a menu."""
        result, panel = self.result, self._panel
        if result is None:
            return
        menu = QMenu(self._view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        entries: list[tuple[str, Callable[[Result], None], bool]] = [
            ("Apply", panel.apply, result.artifact is not None),
            ("Iterate from this", panel.iterate, result.artifact is not None),
            ("Re-run", panel.rerun, result.state not in ("queued", "running")),
            ("Copy settings", panel.copy_settings, True),
            ("Discard", panel.discard, result.artifact is not None),
        ]
        for label, call, possible in entries:
            entry = menu.addAction(label)
            entry.setEnabled(possible)
            on(entry.triggered, lambda *_, call=call: call(result))
        menu.popup(where)


def _action(label: str, hint: str) -> QToolButton:
    button = QToolButton()
    button.setText(label)
    button.setToolTip(hint)
    button.setAccessibleName(label)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.setMinimumHeight(28)
    button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return button


class ResultLine(QWidget):
    """One result: its picture, its model, how faithful it is, what it took and cost."""

    def __init__(self, view: ResultView, panel: Panel) -> None:
        super().__init__()
        self._view, self._panel = view, panel
        self.result: Any = None
        self._picture: QPixmap | None = None
        self._blob: str | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_SIDE + 2 * UNIT)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.DefaultContextMenu)

    def show_result(self, result: Result) -> None:
        """Shows a result."""
        if result == self.result:
            return
        self.result = result
        facts = [result.model_label, result.title, result.time, result.cost]
        if result.failure is not None:
            facts.append(result.failure.text)
        else:
            facts += [f"{label} {_percent(result, name)}" for name, label in _BARS]
        self.setAccessibleName(", ".join(it for it in facts if it))
        tip = [result.title, *result.notes]
        if result.failure is not None:
            tip += [result.failure.text, result.failure.hint]
        elif result.artifact is not None:
            tip += [f"{label} kept: {_percent(result, name)}" for name, label in _BARS]
        self.setToolTip("\n".join(it for it in tip if it))
        if result.blob is not None and result.blob != self._blob:
            self._blob = result.blob
            side = round(_SIDE * self.devicePixelRatioF())
            fetch_picture(self._panel, result.blob, side, self._take)
        self.update()

    def _take(self, picture: QPixmap) -> None:
        self._picture = picture
        self.update()

    # Painting.

    def paintEvent(self, event: Any) -> None:
        if self.result is None:
            return
        painter = QPainter(self)
        palette = self.palette()
        chosen = self._view.chosen == self.result.key
        box = self.rect()
        if chosen:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(mixed(palette, 0.1))
            painter.drawRoundedRect(QRectF(box), 3, 3)
        where = QRect(UNIT, UNIT, _SIDE, _SIDE)
        draw_picture(painter, where, self._picture, palette)
        text = box.adjusted(_SIDE + 3 * UNIT, UNIT, -2 * UNIT, -UNIT)
        self._draw_text(painter, text, palette)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(palette.color(QPalette.ColorRole.Highlight))
            painter.drawRect(box.adjusted(0, 0, -1, -1))
        painter.end()

    def _draw_text(self, painter: QPainter, box: QRect, palette: QPalette) -> None:
        result = self.result
        text, quiet = palette.color(QPalette.ColorRole.WindowText), mixed(palette, 0.62)
        normal = self.font()
        bold = self.font()
        bold.setBold(True)
        step = QFontMetrics(normal).lineSpacing()
        right = " · ".join(it for it in (result.time, result.cost) if it)
        wide = QFontMetrics(normal).horizontalAdvance(right) + 2 * UNIT if right else 0
        name = result.model_label + (f" ({result.number})" if result.number else "")
        _line(painter, box.adjusted(0, 0, -wide, 0), name, bold, text)
        painter.setFont(normal)
        painter.setPen(quiet)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, right)
        second = box.adjusted(0, step + 1, 0, 0)
        third = box.adjusted(0, 2 * step + 2, 0, 0)
        _line(painter, second, result.title, normal, quiet)
        if result.artifact is not None:
            self._draw_bars(painter, third, palette)
        elif result.failure is not None:
            _line(painter, third, result.failure.text, normal, text)
        else:
            said = {"queued": "Waits", "running": "Runs", "cancelled": "Cancelled"}
            _line(painter, third, said.get(result.state, result.state), normal, quiet)

    def _draw_bars(self, painter: QPainter, box: QRect, palette: QPalette) -> None:
        """Three small bars, longer where more stayed as it was."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        small = self.font()
        small.setPointSizeF(max(6.0, small.pointSizeF() - 1.5))
        painter.setFont(small)
        height = QFontMetrics(small).height()
        across = (box.width() - 2 * 2 * UNIT) / len(_BARS)
        for place, (name, label) in enumerate(_BARS):
            left = box.x() + place * (across + 2 * UNIT)
            cut = QFontMetrics(small).elidedText(label, Qt.TextElideMode.ElideRight, int(across))
            painter.setPen(mixed(palette, 0.62))
            painter.drawText(QRectF(left, box.y() - 1, across, height), 0, cut)
            bar = QRectF(left, box.y() + height + 0.5, across, 3)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(mixed(palette, 0.16))
            painter.drawRoundedRect(bar, 1.5, 1.5)
            bar.setWidth(max(3.0, across * getattr(self.result, name)))
            painter.setBrush(mixed(palette, 0.62))
            painter.drawRoundedRect(bar, 1.5, 1.5)

    # What one does with it.

    def event(self, event: Any) -> bool:
        # Keys that mean something here are no shortcuts of Krita's meanwhile.
        if event.type() == QEvent.Type.ShortcutOverride and event.key() in _KEYS:
            event.accept()
            return True
        return bool(super().event(event))

    def focusInEvent(self, event: Any) -> None:
        super().focusInEvent(event)
        if self.result is not None:
            self._view.choose(self.result.key)

    def mousePressEvent(self, event: Any) -> None:
        self._view.choose(self.result.key)

    def mouseDoubleClickEvent(self, event: Any) -> None:
        safely(self._panel.apply)(self.result)

    def contextMenuEvent(self, event: Any) -> None:
        self._view.choose(self.result.key)
        self._view.tools.menu(event.globalPos())

    def keyPressEvent(self, event: Any) -> None:
        key, actions = event.key(), self._view.tools
        if event.isAutoRepeat() and key not in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            return
        if key == Qt.Key.Key_Down:
            self._view.step(1)
        elif key == Qt.Key.Key_Up:
            self._view.step(-1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            actions.apply.click()
        elif key == Qt.Key.Key_I:
            actions.iterate.click()
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            actions.discard.click()
        elif key == Qt.Key.Key_Space:
            actions.compare.pressed.emit()
        elif key in _DIGITS:
            self._view.number(_DIGITS.index(key))
        elif key == Qt.Key.Key_Escape:
            self._panel.cancel()
        else:
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: Any) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._view.tools.compare.released.emit()

    def sizeHint(self) -> QSize:
        return QSize(200, _SIDE + 2 * UNIT)


_DIGITS = [getattr(Qt.Key, f"Key_{digit}") for digit in range(1, 10)]
_KEYS = {
    *_DIGITS,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Return,
    Qt.Key.Key_Enter,
    Qt.Key.Key_Space,
    Qt.Key.Key_Delete,
    Qt.Key.Key_Backspace,
    Qt.Key.Key_I,
    Qt.Key.Key_Escape,
}


def _percent(result: Result, name: str) -> str:
    return f"{round(100 * getattr(result, name))} %"


def _line(painter: QPainter, box: QRect, text: str, font: Any, colour: QColor) -> None:
    cut = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, max(0, box.width()))
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, cut)
