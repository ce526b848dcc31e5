"""What should change, and what must stay: the intent, the words, the styles, and what to keep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..easel.panel import Panel, words
from ..qt import (
    QButtonGroup,
    QComboBox,
    QEvent,
    QGridLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QSizePolicy,
    QSlider,
    Qt,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from .parts import UNIT, Flow, Section, Text, on, toggle

#: The text field grows from so many lines to so many.
_LINES = (2, 8)
#: Access keys of the intents, in their order.
_KEYS = (
    "&Restyle",
    "&Enhance",
    "&Background",
    "&Cut out",
    "Re&imagine",
    "E&dit",
    "Er&ase",
    "E&xpand",
)


class Prompt(QPlainTextEdit):
    """A text field that grows with its text. Ctrl+Return transforms."""

    def __init__(self, submit: Callable[[], None], leave: Callable[[], None]) -> None:
        super().__init__()
        self._submit, self._leave = submit, leave
        self.setTabChangesFocus(True)
        self.setAccessibleName("What should change")
        self.setPlaceholderText("What should change")
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        on(self.textChanged, self._grow)
        self._grow()

    def event(self, event: Any) -> bool:
        # While one writes, no key is a shortcut of Krita's.
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: Any) -> None:
        held = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and held:
            self._submit()
        elif event.key() == Qt.Key.Key_Escape:
            self._leave()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self._grow()

    def _grow(self) -> None:
        lines = round(self.document().size().height())
        shown = min(max(lines, _LINES[0]), _LINES[1])
        margins = 2 * (self.frameWidth() + round(self.document().documentMargin()))
        height = shown * self.fontMetrics().lineSpacing() + margins
        if height != self.height():
            self.setFixedHeight(height)


class ChangeView(Section):
    """Section 2 of the panel: intent, words, styles."""

    def __init__(self, panel: Panel) -> None:
        super().__init__("Change")
        self._panel = panel
        self._intents = QButtonGroup(self)
        self._intents.setExclusive(True)
        grid = QGridLayout()
        grid.setSpacing(UNIT)
        for place, (intent, label, hint) in enumerate(words.INTENTS):
            button = toggle(label, hint)
            button.setText(_KEYS[place])
            button.setProperty("intent", intent)
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            self._intents.addButton(button, place)
            grid.addWidget(button, place // 4, place % 4)
        for column in range(4):
            grid.setColumnStretch(column, 1)
        self.rows.addLayout(grid)
        self.prompt = Prompt(panel.transform, self._leave)
        self.rows.addWidget(self.prompt)
        self.hint = Text(dim=True, wrap=True)
        self.rows.addWidget(self.hint)
        self.styles = Styles(panel)
        self.rows.addWidget(self.styles)
        on(self._intents.idClicked, self._pick)
        on(self.prompt.textChanged, self._write)
        self.renew({"settings", "models"})

    def intent(self, name: str) -> Any:
        """The button of an intent."""
        return next(it for it in self._intents.buttons() if it.property("intent") == name)

    def _pick(self, place: int) -> None:
        self._panel.set(intent=words.INTENTS[place][0])

    def _write(self) -> None:
        text = self.prompt.toPlainText()
        if text != self._panel.settings.prompt:
            self._panel.set(prompt=text)

    def _leave(self) -> None:
        if self._panel.run is not None:
            self._panel.cancel()
        else:
            self.prompt.clearFocus()

    def renew(self, topics: set[str]) -> None:
        """Shows what is so now."""
        if not topics & {"settings", "models"}:
            return
        settings = self._panel.settings
        self.intent(settings.intent).setChecked(True)
        if self.prompt.toPlainText() != settings.prompt:
            self.prompt.setPlainText(settings.prompt)
        hint = self._panel.controls.prompt_hint
        self.hint.say(hint + "." if hint else "")
        self.hint.setVisible(bool(hint))
        self.styles.renew()


class Styles(QWidget):
    """Styles by name; a second one blends with the first."""

    def __init__(self, panel: Panel) -> None:
        super().__init__()
        self._panel = panel
        self._rows = QVBoxLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(UNIT)
        self._lines: list[_Style] = []
        self._known: Any = None

    def renew(self) -> None:
        """Shows the styles that the ticked models know."""
        offered = self._panel.controls.styles
        chosen = list(self._panel.settings.styles.items())
        self.setVisible(bool(offered))
        wanted = min(len(chosen) + 1, 3) if chosen else 1
        if self._known != (offered, wanted):
            self._known = (offered, wanted)
            while self._lines:
                self._lines.pop().deleteLater()
            for place in range(wanted):
                line = _Style(self, place, offered)
                self._rows.addWidget(line)
                self._lines.append(line)
        for place, line in enumerate(self._lines):
            line.show_style(chosen[place] if place < len(chosen) else None, len(chosen) > 1)

    def lines(self) -> list[_Style]:
        """One line a style."""
        return self._lines

    def choose(self, place: int, name: str | None, weight: float) -> None:
        """Takes a style in the place of another, or takes it out."""
        chosen = list(self._panel.settings.styles.items())
        if place < len(chosen):
            chosen.pop(place)
        if name:
            chosen = [it for it in chosen if it[0] != name]
            chosen.insert(place, (name, weight))
        self._panel.set(styles=dict(chosen))


class _Style(QWidget):
    """One style and its share."""

    def __init__(self, styles: Styles, place: int, offered: Any) -> None:
        super().__init__()
        self.combo = QComboBox()
        self.combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.combo.addItem("No style" if place == 0 else "Blend with another style", None)
        self.combo.setAccessibleName("Style" if place == 0 else f"Style {place + 1}")
        for number, style in enumerate(offered, 1):
            mark = " (strong)" if style["strong"] else ""
            label = words.sentence(style["name"].replace("-", " "))
            self.combo.addItem(label + mark, style["name"])
            self.combo.setItemData(number, style["description"], Qt.ItemDataRole.ToolTipRole)
        self.share = QSlider(Qt.Orientation.Horizontal)
        self.share.setRange(5, 100)
        self.share.setToolTip("How much of this style is in the blend")
        self.share.setAccessibleName(f"Share of style {place + 1}")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(UNIT)
        row.addWidget(self.combo, 2)
        row.addWidget(self.share, 1)

        def picked(*_: Any) -> None:
            styles.choose(place, self.combo.currentData(), self.share.value() / 100)

        on(self.combo.activated, picked)
        on(self.share.sliderReleased, picked)

    def show_style(self, style: tuple[str, float] | None, blended: bool) -> None:
        """Shows a style that was chosen, or none."""
        index = self.combo.findData(style[0]) if style is not None else 0
        self.combo.setCurrentIndex(max(0, index))
        self.share.setVisible(blended and style is not None)
        if not self.share.isSliderDown():
            self.share.setValue(round(100 * style[1]) if style is not None else 100)


class KeepView(Section):
    """Section 3 of the panel: what must stay."""

    def __init__(self, panel: Panel) -> None:
        super().__init__("Keep")
        self._panel = panel
        self._toggles: dict[Any, QToolButton] = {}
        flow = Flow()
        for name, label in words.KEEPS:
            button = toggle(label, "")
            button.setProperty("keep", name)
            self._toggles[name] = button
            flow.addWidget(button)
            on(button.clicked, self._flip)
        self.rows.addLayout(flow)
        self.renew({"settings", "models"})

    def button(self, name: str) -> QToolButton:
        """The toggle of an aspect."""
        return self._toggles[name]

    def _flip(self, *_: Any) -> None:
        kept = [name for name, it in self._toggles.items() if it.isChecked() and it.isEnabled()]
        self._panel.set(keep=tuple(kept))

    def renew(self, topics: set[str]) -> None:
        """Shows what is so now."""
        if not topics & {"settings", "models"}:
            return
        controls = self._panel.controls
        kept = self._panel.settings.kept(set(controls.keep))
        models = " and ".join(controls.models) or "The model"
        for name, button in self._toggles.items():
            possible = name in controls.keep
            button.setEnabled(possible)
            button.setChecked(possible and name in kept)
            label = dict(words.KEEPS)[name]
            button.setToolTip(
                f"{label} stays as it is" if possible else f"{models} cannot be told to keep this"
            )
