"""The one accented button. While something runs it cancels, and a bar, the stage and the time are
above it; what went wrong is said below.
"""

from __future__ import annotations

from typing import Any

from easel.panel import Panel, words
from gi.repository import Gtk

from .widgets import UNIT, Picture, Said, column, label, named, row

_PREVIEW = 56


class TransformSection:
    """The seventh section."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel
        self._quiet = False
        self._preview = Picture(_PREVIEW, grow=True)
        self._preview.set_no_show_all(True)
        self._stage = label()
        self._elapsed = Gtk.Label(xalign=1.0)
        self._elapsed.get_style_context().add_class("dim-label")
        self._bar = Gtk.ProgressBar()
        self._jobs = label(small=True, dim=True)
        self.button = Gtk.Button(hexpand=True)
        self._text = Gtk.Label()
        self._text.set_ellipsize(3)
        self.button.add(self._text)
        self.button.connect("clicked", lambda _: self.press())
        self._live = Gtk.ToggleButton.new_with_mnemonic("L_ive")
        self._live.set_tooltip_text("Runs again whenever the layer, the selection or this changes")
        self._live.connect("toggled", self._live_toggled)
        self._said = Said()
        self._running = self._progress()
        buttons = row(UNIT + 2)
        buttons.pack_start(self.button, True, True, 0)
        buttons.pack_start(self._live, False, False, 0)
        self.widget = column(UNIT + 2)
        for part in (self._running, buttons, self._said):
            self.widget.pack_start(part, False, False, 0)

    def _progress(self) -> Gtk.Widget:
        texts = column(UNIT)
        top = row(UNIT * 2)
        top.pack_start(self._stage, True, True, 0)
        top.pack_end(self._elapsed, False, False, 0)
        for part in (top, self._bar, self._jobs):
            texts.pack_start(part, False, False, 0)
        texts.set_valign(Gtk.Align.CENTER)
        inside = row(UNIT * 2)
        inside.pack_start(self._preview, False, False, 0)
        inside.pack_start(texts, True, True, 0)
        inside.show_all()
        revealed = Gtk.Revealer(transition_duration=0)
        revealed.add(inside)
        return revealed

    def press(self) -> None:
        """Transforms; while something runs, cancels it."""
        if self._panel.run is not None:
            self._panel.cancel()
        else:
            self._panel.transform()

    def _live_toggled(self, toggle: Gtk.ToggleButton) -> None:
        if not self._quiet:
            self._panel.set(live=toggle.get_active())

    def show(self, topics: set[str]) -> None:
        """Shows what changed."""
        panel, run = self._panel, self._panel.run
        if topics & {"run", "models", "settings", "sight", "status", "recipes"}:
            self._show_button()
        if topics & {"run"}:
            self._running.set_reveal_child(run is not None)
            if run is not None:
                self._show_run(run)
        if topics & {"settings"}:
            self._quiet = True
            self._live.set_active(panel.settings.live)
            self._quiet = False
            # A recipe is begun by a person each time.
            self._live.set_visible(panel.settings.recipe is None)
        self._said.say(panel.status or self._hindrance())

    def _hindrance(self) -> words.Line | None:
        """Why nothing can be sent; what is wrong with the source is said beside the source."""
        panel = self._panel
        reason = panel.button.reason
        if panel.run is not None or not reason:
            return None
        sight = panel.sight
        if panel.connected and panel.parent is None and (sight is None or sight.problem):
            return None
        return words.Line("info", reason)

    def _show_button(self) -> None:
        style = self.button.get_style_context()
        if self._panel.run is not None:
            cancelling = self._panel.run.cancelling
            text = "Cancelling" if cancelling else "Cancel"
            style.remove_class("suggested-action")
            self.button.set_sensitive(not cancelling)
            tip = "Esc"
        else:
            now = self._panel.button
            text, tip = now.label, now.reason or "Ctrl+Return"
            style.add_class("suggested-action")
            self.button.set_sensitive(now.enabled)
        self._text.set_text(text)
        named(self.button, text, tip=False)
        self.button.set_tooltip_text(tip)

    def _show_run(self, run: Any) -> None:
        self._stage.set_text(run.stage)
        self._elapsed.set_text(run.elapsed)
        if run.fraction is None:
            self._bar.pulse()
        else:
            self._bar.set_fraction(run.fraction)
        several = len(run.jobs) > 1
        states = [f"{line.label} {line.state}" for line in run.jobs.values()]
        self._jobs.set_text(" · ".join(states) if several else "")
        self._jobs.set_tooltip_text("\n".join(states) if several else None)
        self._jobs.set_visible(several)
        if run.preview is not None:
            self._preview.show_png(run.preview)
        self._preview.set_visible(run.preview is not None)
