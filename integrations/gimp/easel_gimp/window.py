"""The window: its sections from top to bottom, its keys, and the timer that looks at the image. It
shows what the panel says and calls what the panel can do.
"""

from __future__ import annotations

from typing import Any

from easel.errors import EaselError
from easel.flows import Flow
from easel.panel import Panel, Result, words
from easel.panel.results import results_of
from gi.repository import Gdk, Gimp, GLib, Gtk

from . import document, store
from .editor import GimpEditor
from .ui.change import ChangeSection, KeepSection
from .ui.compare import CompareWindow
from .ui.models import ModelSection
from .ui.more import MoreSection
from .ui.recipes import RecipeSection
from .ui.references import ReferenceSection
from .ui.results import ResultSection
from .ui.source import SourceSection
from .ui.transform import TransformSection
from .ui.widgets import UNIT, column, load_style

_WIDTH = 320
_SIZE = (352, 860)
_LOOK_MS = 500
_SAVE_SECONDS = 1.0
_SHOWN_MS = 50
_EDGE = UNIT * 2


class EaselWindow(Gtk.Window):
    """The one window of the plug-in."""

    def __init__(self, panel: Panel, editor: GimpEditor, kept: dict[str, Any]) -> None:
        super().__init__(title="Easel")
        self.set_role("easel")
        load_style(self.get_screen())
        self._panel = panel
        self._editor = editor
        self._kept = kept
        self._topics: set[str] = set()
        #: What was asked for from outside and is not on the screen yet.
        self._wanted = ""
        self._compare: CompareWindow | None = None
        self._source = SourceSection(panel, editor, self._rerun_layer)
        self._recipes = RecipeSection(panel)
        self._change = ChangeSection(panel)
        self._models = ModelSection(panel)
        self._more = MoreSection(panel)
        self._results = ResultSection(panel, self._compare_result)
        self._transform = TransformSection(panel)
        # What a recipe decides.
        self._decided = (
            self._change,
            KeepSection(panel),
            self._models,
            ReferenceSection(panel, self),
            self._more,
        )
        self._sections = (
            self._source,
            self._recipes,
            *self._decided,
            self._transform,
            self._results,
        )
        #: Where the panes are parted while no recipe is chosen; `None`: where they are.
        self._split: int | None = None
        self._height = 0
        self._panes = Gtk.Paned(orientation=Gtk.Orientation.VERTICAL)
        self._lay_out()
        self._more.widget.set_expanded(bool(kept.get("more")))
        panel.listen(self._changed)
        self.connect("key-press-event", self._key)
        self.connect("delete-event", self._closing)
        self._timer = GLib.timeout_add(_LOOK_MS, self._look)
        topics = {"sight", "settings", "models", "recipes", "run", "results"}
        self._changed(topics | {"references", "status"})

    def _lay_out(self) -> None:
        upper = self._upper = column(UNIT * 3)
        upper.set_property("margin", _EDGE)
        self._folded = column(UNIT * 3)
        for section in self._decided:
            self._folded.pack_start(section.widget, False, False, 0)
        for part in (self._source.widget, self._recipes.widget, self._folded):
            upper.pack_start(part, False, False, 0)
        scrolled = Gtk.ScrolledWindow()
        scrolled.set_policy(Gtk.PolicyType.NEVER, Gtk.PolicyType.AUTOMATIC)
        scrolled.set_min_content_height(96)
        scrolled.add(upper)
        # What is in it takes what it wants, and not as little as it can do with.
        scrolled.get_child().set_vscroll_policy(Gtk.ScrollablePolicy.NATURAL)
        lower = column(UNIT * 3)
        lower.set_property("margin", _EDGE)
        lower.pack_start(self._transform.widget, False, False, 0)
        lower.pack_start(self._results.widget, True, True, 0)
        self._panes.pack1(scrolled, True, False)
        self._panes.pack2(lower, False, False)
        self._panes.set_size_request(_WIDTH, -1)
        self.add(self._panes)
        width, height = self._kept.get("size") or _SIZE
        area = Gdk.Display.get_default().get_monitor(0).get_workarea()
        height = min(int(height), area.height - 40)
        self.set_default_size(max(_WIDTH, int(width)), height)
        self._panes.set_position(int(self._kept.get("split") or height * 0.68))
        self._panes.show_all()
        self._folded.set_no_show_all(True)

    # What changed.

    def _changed(self, topics: set[str]) -> None:
        if not self._topics:
            # Before the next frame, and once for all that changes together.
            GLib.idle_add(self._show, priority=GLib.PRIORITY_HIGH_IDLE)
        self._topics |= topics

    def _show(self) -> bool:
        topics, self._topics = self._topics, set()
        for section in self._sections:
            section.show(topics)
        self._fold()
        if self._wanted in ("history", "compare"):
            self._focus()
        if "settings" in topics:
            self._editor.attentive = self._panel.settings.live
            self._save_soon()
        return GLib.SOURCE_REMOVE

    def _fold(self) -> None:
        """Folds away what a recipe decides, and gives the room to the results."""
        folded = self._panel.settings.recipe is not None
        self._folded.set_visible(not folded)
        if folded:
            if self._split is None:
                self._split = self._panes.get_position()
            width = max(_WIDTH, self.get_size()[0])
            height = self._upper.get_preferred_height_for_width(width)[1] + 2 * _EDGE
            if height != self._height:
                self._height = height
                self._panes.set_position(height)
        elif self._split is not None:
            self._panes.set_position(self._split)
            self._split, self._height = None, 0

    def _look(self) -> bool:
        self._source.list_images()
        self._panel.refresh()
        return GLib.SOURCE_CONTINUE

    # What is asked for from outside.

    def target(self, what: str, image: Gimp.Image | None) -> None:
        """Comes to the front for an image: to transform, to compare, or at what was made."""
        if image is not None:
            self._source.choose(image)
        self.present_with_time(Gtk.get_current_event_time() or Gdk.CURRENT_TIME)

        self._wanted = what

        def shown() -> bool:
            self._focus()
            return GLib.SOURCE_REMOVE

        # Once it is on the screen.
        GLib.timeout_add(_SHOWN_MS, shown)

    def _focus(self) -> None:
        """Goes to what was asked for, as soon as there is something to go to."""
        if self._wanted == "history":
            arrived = self._results.focus()
        elif self._wanted == "compare":
            arrived = self._models.focus()
        elif self._wanted == "recipe":
            arrived = True
            self._recipes.open()
        else:
            if self._wanted and self._panel.settings.recipe is None:
                self._change.prompt.grab_focus()
            arrived = True
        if arrived:
            self._wanted = ""

    def _compare_result(self, result: Result) -> None:
        if self._compare is None:
            self._compare = CompareWindow(self._panel, self)
        self._compare.show_results(result)

    def _rerun_layer(self) -> None:
        """Asks the same again that the selected layer was made with."""
        sight, image = self._panel.sight, self._editor.image
        layer = document.find_layer(image, sight.origin) if sight and image else None
        made = document.made_of(layer) if layer is not None else None
        if made is None:
            return

        def flow() -> Flow[Any]:
            record = yield from self._panel.session.call(
                "transform.get", {"id": made.transform}, 10.0
            )
            return results_of(record, self._panel.label)

        def failed(error: EaselError) -> None:
            self._panel.say(words.failure_line(error))

        def found(results: list[Result]) -> None:
            for result in results:
                if result.artifact == made.artifact:
                    self._panel.rerun(result)

        self._panel.driver.run(flow(), found, failed)

    # Keys.

    def _key(self, _: Gtk.Widget, event: Gdk.EventKey) -> bool:
        state = event.state & Gtk.accelerator_get_default_mod_mask()
        key = event.keyval
        enter = key in (Gdk.KEY_Return, Gdk.KEY_KP_Enter)
        if state == Gdk.ModifierType.CONTROL_MASK and enter:
            self._panel.transform()
        elif state == Gdk.ModifierType.CONTROL_MASK and key == Gdk.KEY_r:
            self._recipes.open()
        elif state == Gdk.ModifierType.CONTROL_MASK and key == Gdk.KEY_w:
            self.close()
        elif state == 0 and key == Gdk.KEY_Escape:
            if self._panel.run is None:
                return False
            self._panel.cancel()
        elif state == 0 and not isinstance(self.get_focus(), (Gtk.Entry, Gtk.TextView)):
            return self._letter(key)
        else:
            return False
        return True

    def _letter(self, key: int) -> bool:
        if Gdk.KEY_1 <= key <= Gdk.KEY_9:
            self._results.choose(key - Gdk.KEY_0)
            return True
        chosen = self._results.chosen
        if chosen is None or chosen.artifact is None:
            return False
        if key == Gdk.KEY_c:
            self._compare_result(chosen)
        elif key == Gdk.KEY_i:
            self._panel.iterate(chosen)
        elif key == Gdk.KEY_Delete and isinstance(self.get_focus(), Gtk.ListBoxRow):
            self._panel.discard(chosen)
        else:
            return False
        return True

    # The end.

    def _save_soon(self) -> None:
        if not self._kept.get("saving"):
            self._kept["saving"] = True
            GLib.timeout_add(int(_SAVE_SECONDS * 1000), self._save)

    def _save(self) -> bool:
        self._kept.pop("saving", None)
        width, height = self.get_size()
        self._kept.update(
            size=[width, height],
            split=self._split or self._panes.get_position(),
            more=self._more.widget.get_expanded(),
        )
        store.save(self._panel.settings, self._kept)
        return GLib.SOURCE_REMOVE

    def _closing(self, *_: Any) -> bool:
        self._save()
        GLib.source_remove(self._timer)
        self._panel.close()
        return False
