"""Everything one rarely needs: folded, and it remembers. Only what the ticked models understand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from easel.panel import Panel
from easel.protocol import ParamRecord
from gi.repository import Gtk, Pango

from .widgets import UNIT, button, calm, heading, label, named, row, together

_SEEDS = 2**31 - 1
_SIDES = (("top", "Top"), ("right", "Right"), ("bottom", "Bottom"), ("left", "Left"))


class MoreSection:
    """The sixth section."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._quiet = False
        self._built: Any = None
        self._fields: list[Callable[[], None]] = []
        self._grid = Gtk.Grid(row_spacing=UNIT + 2, column_spacing=UNIT * 2)
        self._grid.set_margin_top(UNIT + 2)
        self._line = 0
        self.widget = Gtk.Expander()
        title = heading("Mo_re", self.widget)
        # Beside the arrow there is only as much room as it asks for.
        title.set_ellipsize(Pango.EllipsizeMode.NONE)
        title.set_max_width_chars(-1)
        title.set_width_chars(-1)
        self.widget.set_label_widget(title)
        self.widget.add(self._grid)

    def show(self, topics: set[str]) -> None:
        """Shows what changed."""
        if not topics & {"settings", "models", "sight"}:
            return
        controls, settings = self._panel.controls, self._panel.settings
        parts = (controls, settings.intent)
        if parts != self._built:
            self._built = parts
            self._build()
        self._quiet = True
        for fill in self._fields:
            fill()
        self._quiet = False

    # Building.

    def _build(self) -> None:
        for child in self._grid.get_children():
            child.destroy()
        self._fields, self._line = [], 0
        controls, intent = self._panel.controls, self._panel.settings.intent
        missing: list[str] = []
        if controls.strength:
            self._share("Strengt_h", "strength", 0.5)
        else:
            missing.append("strength")
        if controls.seed:
            self._seed()
        else:
            missing.append("seed")
        if controls.sizes:
            names = [it["name"] for it in controls.sizes]
            self._choice("Si_ze", "size", [(None, "as small as possible"), *zip(names, names)])
        if len(controls.scales) > 1 and intent != "expand":
            scales = [(it, "as it is" if it == 1 else f"{it} times") for it in controls.scales]
            self._choice("Enlar_ge", "scale", scales)
        if controls.max_count > 1:
            self._number("Count", "count", 1, controls.max_count, 1)
        self._number("_Feather", "feather", 0, 1000, 8, "px")
        self._share("Context", "context", 0.5, 2.0)
        if intent == "expand":
            for side, text in _SIDES:
                self._margin(side, text)
        for param in controls.params:
            self._param(param)
        if missing and controls.models:
            models = together(controls.models)
            verb = "have" if len(controls.models) > 1 else "has"
            note = label(f"{models} {verb} no {' and no '.join(missing)}", small=True, dim=True)
            note.set_tooltip_text(note.get_text())
            self._grid.attach(note, 0, self._line, 2, 1)
        self._grid.show_all()

    def _add(self, text: str, widget: Gtk.Widget, target: Gtk.Widget | None = None) -> None:
        target = target or widget
        calm(target)
        name = label(text, mnemonic=target)
        name.set_hexpand(False)
        name.set_width_chars(9)
        name.set_max_width_chars(9)
        named(target, text.replace("_", ""), tip=False)
        widget.set_hexpand(True)
        self._grid.attach(name, 0, self._line, 1, 1)
        self._grid.attach(widget, 1, self._line, 1, 1)
        self._line += 1

    def _set(self, **changes: Any) -> None:
        if not self._quiet:
            self._panel.set(**changes)

    def _share(self, text: str, name: str, usual: float, most: float = 1.0) -> None:
        scale = Gtk.Scale.new_with_range(Gtk.Orientation.HORIZONTAL, 0.0, most, 0.05)
        scale.set_value_pos(Gtk.PositionType.RIGHT)
        scale.set_digits(2)
        scale.connect("value-changed", lambda it: self._set(**{name: round(it.get_value(), 2)}))
        scale.connect("format-value", lambda _, value: f"{round(value * 100)} %")
        reset = button("edit-clear-symbolic", "As usual", lambda: self._set(**{name: None}))
        inside = row()
        inside.pack_start(scale, True, True, 0)
        inside.pack_start(reset, False, False, 0)
        self._add(text, inside, scale)

        def fill() -> None:
            value = getattr(self._panel.settings, name)
            scale.set_value(usual if value is None else value)
            reset.set_sensitive(value is not None)

        self._fields.append(fill)

    def _number(
        self, text: str, name: str, least: int, most: int, usual: int, unit: str = ""
    ) -> None:
        spin = Gtk.SpinButton.new_with_range(least, most, 1)
        spin.set_width_chars(5)
        spin.connect("value-changed", lambda it: self._set(**{name: it.get_value_as_int()}))
        inside = row()
        inside.pack_start(spin, False, False, 0)
        if unit:
            inside.pack_start(label(unit, dim=True), True, True, 0)
        self._add(text, inside, spin)

        def fill() -> None:
            value = getattr(self._panel.settings, name)
            spin.set_value(usual if value is None else value)

        self._fields.append(fill)

    def _seed(self) -> None:
        entry = Gtk.Entry(placeholder_text="a new one each time", width_chars=8)
        entry.set_input_purpose(Gtk.InputPurpose.DIGITS)

        def changed(_: Gtk.Entry) -> None:
            text = entry.get_text().strip()
            if text.isdecimal() and int(text) <= _SEEDS:
                self._set(seed=int(text))
            elif not text:
                self._set(seed=None)

        entry.connect("changed", changed)
        self._add("_Seed", entry)

        def fill() -> None:
            value = self._panel.settings.seed
            text = "" if value is None else str(value)
            if entry.get_text().strip() != text:
                entry.set_text(text)

        self._fields.append(fill)

    def _choice(self, text: str, name: str, choices: list[tuple[Any, str]]) -> None:
        combo = Gtk.ComboBoxText()
        for _, shown in choices:
            combo.append_text(shown)
        values = [value for value, _ in choices]

        def changed(_: Gtk.ComboBoxText) -> None:
            if combo.get_active() >= 0:
                self._set(**{name: values[combo.get_active()]})

        combo.connect("changed", changed)
        self._add(text, combo)

        def fill() -> None:
            value = getattr(self._panel.settings, name)
            combo.set_active(values.index(value) if value in values else 0)

        self._fields.append(fill)

    def _margin(self, side: str, text: str) -> None:
        spin = Gtk.SpinButton.new_with_range(0, 16384, 8)
        spin.set_width_chars(5)
        spin.connect(
            "value-changed",
            lambda it: self._set(margins={**self._margins(), side: it.get_value_as_int()}),
        )
        inside = row()
        inside.pack_start(spin, False, False, 0)
        inside.pack_start(label("px", dim=True), True, True, 0)
        self._add(text, inside, spin)
        self._fields.append(lambda: spin.set_value(self._margins()[side]))

    def _margins(self) -> dict[str, int]:
        sight = self._panel.sight
        across = sight.width // 4 if sight is not None else 0
        down = sight.height // 4 if sight is not None else 0
        usual = {"top": down, "right": across, "bottom": down, "left": across}
        return {**usual, **self._panel.settings.margins}

    # Parameters of the models' own.

    def _param(self, param: ParamRecord) -> None:
        name, kind = param["name"], param["value"]
        text = name.replace("-", " ").replace("_", " ").capitalize()

        def set_param(value: Any) -> None:
            self._set(params={**self._panel.settings.params, name: value})

        def current() -> Any:
            return self._panel.settings.params.get(name, param["default"])

        if kind["kind"] == "boolean":
            switch = Gtk.Switch(halign=Gtk.Align.START)
            switch.connect("notify::active", lambda it, _: set_param(it.get_active()))
            self._add(text, switch)
            self._fields.append(lambda: switch.set_active(bool(current())))
        elif kind["kind"] == "choice":
            combo = Gtk.ComboBoxText()
            values = list(kind["values"])
            for value in values:
                combo.append_text(value)
            combo.connect("changed", lambda it: set_param(values[it.get_active()]))
            self._add(text, combo)
            self._fields.append(
                lambda: combo.set_active(values.index(current()) if current() in values else 0)
            )
        elif kind["kind"] == "number":
            least, most = kind["min"], kind["max"]
            whole = isinstance(param["default"], int) or float(param["default"]).is_integer()
            step = 1.0 if whole and most - least >= 2 else (most - least) / 100
            spin = Gtk.SpinButton.new_with_range(least, most, step)
            spin.set_digits(0 if step == 1.0 else 2)
            spin.set_width_chars(6)
            spin.set_halign(Gtk.Align.START)
            spin.connect("value-changed", lambda it: set_param(it.get_value()))
            self._add(text, spin)
            self._fields.append(lambda: spin.set_value(float(current())))
        else:
            entry = Gtk.Entry(width_chars=8)
            entry.connect("changed", lambda it: set_param(it.get_text()))
            self._add(text, entry)

            def fill() -> None:
                if entry.get_text() != str(current() or ""):
                    entry.set_text(str(current() or ""))

            self._fields.append(fill)
        widget = self._grid.get_child_at(1, self._line - 1)
        if widget is not None:
            widget.set_tooltip_text(param["description"])
