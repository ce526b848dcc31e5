"""Further controls, folded: only those that the ticked models understand are offered, and each is
left to the model until somebody sets it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..easel.panel import Panel, words
from ..qt import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QSlider,
    QSpinBox,
    Qt,
    QWidget,
)
from .parts import UNIT, Section, Text, on

_SIDES = (("left", "Left"), ("right", "Right"), ("top", "Top"), ("bottom", "Bottom"))
#: What a spin box shows below its smallest value: the model decides.
_BY_ITSELF = -1


class MoreView(Section):
    """Section 6 of the panel."""

    def __init__(self, panel: Panel) -> None:
        super().__init__("&More", fold=True)
        self._panel = panel
        self._grid = QGridLayout()
        self._grid.setContentsMargins(UNIT, 0, 0, 0)
        self._grid.setHorizontalSpacing(2 * UNIT)
        self._grid.setVerticalSpacing(UNIT)
        self._grid.setColumnStretch(1, 1)
        self.rows.addLayout(self._grid)
        self._made: Any = None
        self._writers: list[Callable[[], None]] = []
        self._busy = False
        self.strength = QSlider(Qt.Orientation.Horizontal)
        self.strength.setRange(0, 100)
        self.strength.setSingleStep(5)
        self._strength_value = QLabel()
        self.seed = QLineEdit()
        self.seed.setPlaceholderText("Another one each time")
        self.resolution = _combo()
        self.scale = _combo()
        self.count = _spin(1, 1, "")
        self.feather = _spin(_BY_ITSELF, 512, " px")
        self.feather.setSpecialValueText("As usual (8 px)")
        self.context = _spin(_BY_ITSELF, 400, " %")
        self.context.setSpecialValueText("As usual (50 %)")
        self._sides = {name: _spin(0, 8192, " px") for name, _ in _SIDES}
        self._strength_row = self._row(
            "&Strength", self.strength, "How much of the change is wanted", self._strength_value
        )
        self._seed_row = self._row("See&d", self.seed, "The same number gives the same picture")
        self._size_row = self._row("Si&ze", self.resolution, "The resolution that it works in")
        self._scale_row = self._row("Enlar&ge", self.scale, "By how much the result is larger")
        self._count_row = self._row("&Variations", self.count, "How many pictures each model gives")
        self._feather_row = self._row(
            "&Feather", self.feather, "How softly the change fades inside the selection's edge"
        )
        self._context_row = self._row(
            "Conte&xt", self.context, "How much around the selection a model sees"
        )
        self._side_rows = {
            name: self._row(label, self._sides[name], "By how much the picture grows there")
            for name, label in _SIDES
        }
        self._own_rows: list[tuple[QWidget, ...]] = []
        self.nothing = Text("The ticked models have no further controls.", dim=True, wrap=True)
        self._grid.addWidget(self.nothing, self._grid.rowCount(), 0, 1, 3)
        self._connect()
        self.renew({"settings", "models", "sight"})

    def _row(self, label: str, widget: QWidget, hint: str, *more: QWidget) -> tuple[QWidget, ...]:
        text = QLabel(label)
        text.setBuddy(widget)
        text.setToolTip(hint)
        widget.setToolTip(hint)
        widget.setAccessibleName(label.replace("&", ""))
        row = self._grid.rowCount()
        self._grid.addWidget(text, row, 0)
        self._grid.addWidget(widget, row, 1, 1, 1 if more else 2)
        for column, other in enumerate(more, 2):
            self._grid.addWidget(other, row, column)
        return (text, widget, *more)

    def _connect(self) -> None:
        panel = self._panel
        on(self.strength.valueChanged, self._strong)
        on(self.seed.editingFinished, self._seeded)
        on(self.resolution.activated, lambda *_: panel.set(size=self.resolution.currentData()))
        on(self.scale.activated, lambda *_: panel.set(scale=self.scale.currentData() or 1))
        on(self.count.valueChanged, lambda value: self._set(count=value if value > 1 else None))
        on(
            self.feather.valueChanged,
            lambda value: self._set(feather=value if value >= 0 else None),
        )
        on(
            self.context.valueChanged,
            lambda value: self._set(context=value / 100 if value >= 0 else None),
        )
        for box in self._sides.values():
            on(box.valueChanged, lambda *_: self._grow())

    def _set(self, **changes: Any) -> None:
        if not self._busy:
            self._panel.set(**changes)

    def _strong(self, value: int) -> None:
        self._strength_value.setText(f"{value} %")
        self._set(strength=value / 100)

    def _seeded(self) -> None:
        text = self.seed.text().strip()
        self._panel.set(seed=int(text) if text.isdigit() else None)
        self.renew({"settings"})

    def _grow(self) -> None:
        self._set(margins={name: box.value() for name, box in self._sides.items()})

    def renew(self, topics: set[str]) -> None:
        """Shows what is so now."""
        if not topics & {"settings", "models", "sight"}:
            return
        self._busy = True
        try:
            self._renew()
        finally:
            self._busy = False

    def _renew(self) -> None:
        settings, controls = self._panel.settings, self._panel.controls
        sight = self._panel.sight
        selected = sight is not None and sight.selection is not None and settings.use_selection
        offers = {
            self._strength_row: controls.strength,
            self._seed_row: controls.seed,
            self._size_row: bool(controls.sizes),
            self._scale_row: bool(controls.scales) and settings.intent != "expand",
            self._count_row: controls.max_count > 1,
            self._feather_row: selected,
            self._context_row: selected,
        }
        for row, offered in offers.items():
            _show(row, offered)
        for row in self._side_rows.values():
            _show(row, settings.intent == "expand")
        strength = 100 if settings.strength is None else round(100 * settings.strength)
        self.strength.setValue(strength)
        self._strength_value.setText("As usual" if settings.strength is None else f"{strength} %")
        if not self.seed.hasFocus():
            self.seed.setText("" if settings.seed is None else str(settings.seed))
        _fill(
            self.resolution,
            [("As the source", None), *((it["name"], it["name"]) for it in controls.sizes)],
            settings.size,
        )
        scales = [it for it in controls.scales if it != 1]
        _fill(
            self.scale,
            [("Same size", 1), *((f"×{it}", it) for it in scales)],
            settings.scale,
        )
        self.count.setMaximum(max(1, controls.max_count))
        self.count.setValue(settings.count or 1)
        self.feather.setValue(_BY_ITSELF if settings.feather is None else settings.feather)
        self.context.setValue(
            _BY_ITSELF if settings.context is None else round(100 * settings.context)
        )
        self._renew_sides()
        self._renew_own()
        nothing = not any(offers.values()) and not self._own_rows
        self.nothing.setVisible(nothing and settings.intent != "expand")

    def _renew_sides(self) -> None:
        settings, sight = self._panel.settings, self._panel.sight
        width, height = (sight.width, sight.height) if sight is not None else (0, 0)
        for name, box in self._sides.items():
            side = width if name in ("left", "right") else height
            box.setValue(int(settings.margins.get(name, 0 if settings.margins else side // 4)))

    # Parameters of the models' own.

    def _renew_own(self) -> None:
        records = self._panel.controls.params
        if self._made != records:
            self._made = records
            for row in self._own_rows:
                for widget in row:
                    self._grid.removeWidget(widget)
                    widget.deleteLater()
            self._writers = []
            self._own_rows = [self._own(record) for record in records]
        for write in self._writers:
            write()

    def _own(self, record: Any) -> tuple[QWidget, ...]:
        name, kind = record["name"], record["value"]

        def now() -> Any:
            return self._panel.settings.params.get(name, record["default"])

        def take(value: Any) -> None:
            if self._busy:
                return
            params = dict(self._panel.settings.params)
            params[name] = value
            if value == record["default"]:
                del params[name]
            self._panel.set(params=params)

        widget, write = _field(kind, now, take)
        self._writers.append(write)
        label = words.sentence(name.replace("_", " ").replace("-", " "))
        return self._row(label, widget, words.sentence(record["description"]))


def _field(
    kind: Any, now: Callable[[], Any], take: Callable[[Any], None]
) -> tuple[QWidget, Callable[[], None]]:
    """A widget for a parameter, and what shows the present value in it."""
    if kind["kind"] == "choice":
        combo = _combo()
        for value in kind["values"]:
            combo.addItem(words.sentence(value.replace("-", " ")), value)
        on(combo.activated, lambda *_: take(combo.currentData()))
        return combo, lambda: combo.setCurrentIndex(max(0, combo.findData(now())))
    if kind["kind"] == "boolean":
        box = QCheckBox()
        on(box.clicked, lambda checked: take(bool(checked)))
        return box, lambda: box.setChecked(bool(now()))
    if kind["kind"] == "number":
        whole = all(float(kind[end]).is_integer() for end in ("min", "max"))
        wide = kind["max"] - kind["min"] > 2
        spin = QDoubleSpinBox()
        spin.setRange(kind["min"], kind["max"])
        spin.setDecimals(0 if whole and wide else 2)
        spin.setSingleStep(1 if whole and wide else 0.05)
        spin.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        spin.setKeyboardTracking(False)
        on(spin.valueChanged, take)
        return spin, lambda: spin.setValue(float(now()))
    line = QLineEdit()
    on(line.editingFinished, lambda: take(line.text()))
    return line, lambda: None if line.hasFocus() else line.setText(str(now()))


def _combo() -> QComboBox:
    combo = QComboBox()
    combo.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return combo


def _spin(least: int, most: int, unit: str) -> QSpinBox:
    spin = QSpinBox()
    spin.setRange(least, most)
    spin.setSuffix(unit)
    spin.setKeyboardTracking(False)
    spin.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return spin


def _fill(combo: QComboBox, entries: list[tuple[str, Any]], value: Any) -> None:
    known = [(combo.itemText(it), combo.itemData(it)) for it in range(combo.count())]
    if known != entries:
        combo.clear()
        for label, data in entries:
            combo.addItem(label, data)
    combo.setCurrentIndex(max(0, combo.findData(value)))


def _show(row: tuple[QWidget, ...], shown: bool) -> None:
    for widget in row:
        widget.setVisible(shown)
