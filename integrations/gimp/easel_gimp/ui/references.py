"""Pictures that guide the change: thumbnails in their order, layers and files to add, and sets
that are kept by name for all editors.
"""

from __future__ import annotations

from typing import Any

from easel.panel import Panel
from gi.repository import Gdk, Gtk

from .widgets import UNIT, Picture, button, column, heading, label, menu_item, named, row, together

_SIDE = 56
#: Layers that the menu offers; more would not fit a screen.
_MOST_LAYERS = 40
_DRAGGED = [Gtk.TargetEntry.new("easel-reference", Gtk.TargetFlags.SAME_APP, 0)]


class ReferenceSection:
    """The fifth section."""

    def __init__(self, panel: Panel, window: Gtk.Window) -> None:
        self._panel = panel
        self._window = window
        self._shown: Any = None
        self._said = label(small=True, dim=True, lines=2)
        self._add = Gtk.MenuButton(label="Add…", relief=Gtk.ReliefStyle.NONE)
        self._add.set_menu_model(None)
        self._menu = Gtk.Menu()
        self._menu.connect("show", lambda _: self._fill_menu())
        self._add.set_popup(self._menu)
        named(self._add, "Add a reference", tip=False)
        # An empty menu never shows itself, and so could never be filled.
        self._menu.append(menu_item("File…", self._choose_file))
        self._menu.show_all()
        top = row(UNIT * 2)
        top.pack_start(heading("References"), False, True, 0)
        top.pack_end(self._add, False, False, 0)
        self._row = Gtk.FlowBox(selection_mode=Gtk.SelectionMode.NONE)
        self._row.set_row_spacing(UNIT)
        self._row.set_column_spacing(UNIT)
        self._row.set_min_children_per_line(4)
        self._row.set_max_children_per_line(12)
        self._row.set_halign(Gtk.Align.START)
        self._row.set_no_show_all(True)
        self.widget = column(UNIT)
        self.widget.pack_start(top, False, False, 0)
        self.widget.pack_start(self._said, False, False, 0)
        self.widget.pack_start(self._row, False, False, 0)

    def show(self, topics: set[str]) -> None:
        """Shows what changed."""
        if not topics & {"settings", "models", "references"}:
            return
        most = self._panel.controls.max_references
        given = self._panel.settings.references
        models = together(self._panel.controls.models) or "The model"
        if not most:
            verb = "take" if len(self._panel.controls.models) > 1 else "takes"
            said = f"{models} {verb} no references"
        elif len(given) > most:
            said = f"{models} takes {most} at most: take {len(given) - most} out"
        elif given:
            said = ""
        else:
            said = "Pictures that guide style or character"
        self._said.set_text(said)
        self._said.set_tooltip_text(said or None)
        self._said.set_visible(bool(said))
        self._add.set_sensitive(bool(most) or bool(given))
        if given != self._shown:
            self._shown = given
            self._fill()

    def _fill(self) -> None:
        for child in self._row.get_children():
            child.destroy()
        given = self._panel.settings.references
        for index, reference in enumerate(given):
            child = Gtk.FlowBoxChild()
            child.add(self._picture(index, reference))
            named(child, f"Reference {index + 1}: {reference.title}")
            child.connect("key-press-event", self._key, index)
            self._row.add(child)
            child.show_all()
        self._row.set_visible(bool(given))

    def _picture(self, index: int, reference: Any) -> Gtk.Widget:
        picture = Picture(_SIDE, cover=True)
        self._panel.thumbnail(reference.blob, 128, picture.show_png)
        remove = button(
            "window-close-symbolic", "Remove", lambda: self._panel.remove_reference(index)
        )
        remove.get_style_context().add_class("easel-corner")
        remove.set_halign(Gtk.Align.END)
        remove.set_valign(Gtk.Align.START)
        overlay = Gtk.Overlay()
        overlay.add(picture)
        overlay.add_overlay(remove)
        box = Gtk.EventBox()
        box.add(overlay)
        move = Gdk.DragAction.MOVE
        box.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, _DRAGGED, move)
        box.drag_dest_set(Gtk.DestDefaults.ALL, _DRAGGED, move)
        box.connect("drag-data-get", self._dragged, index)
        box.connect("drag-data-received", self._dropped, index)
        return box

    def _dragged(self, _w: Any, _c: Any, data: Any, _i: Any, _t: Any, index: int) -> None:
        data.set(data.get_target(), 8, bytes([index]))

    def _dropped(
        self, _w: Any, context: Any, _x: Any, _y: Any, data: Any, _i: Any, time: Any, index: int
    ) -> None:
        dragged = data.get_data()
        Gtk.drag_finish(context, bool(dragged), False, time)
        if dragged:
            self._panel.move_reference(dragged[0], index)

    def _key(self, _: Gtk.Widget, event: Gdk.EventKey, index: int) -> bool:
        if event.keyval in (Gdk.KEY_Delete, Gdk.KEY_BackSpace):
            self._panel.remove_reference(index)
            return True
        if event.state & Gdk.ModifierType.MOD1_MASK:
            by = {Gdk.KEY_Left: -1, Gdk.KEY_Right: 1}.get(event.keyval)
            if by is not None:
                self._panel.move_reference(index, index + by)
                return True
        return False

    # The menu.

    def _fill_menu(self) -> None:
        for child in self._menu.get_children():
            child.destroy()
        add = self._menu.append
        add(menu_item("_File…", self._choose_file))
        layers = self._panel.sight.layers if self._panel.sight is not None else ()
        for number, (id, name) in enumerate(layers):
            if not number:
                add(Gtk.SeparatorMenuItem())
            if number < _MOST_LAYERS:
                text = f"Layer: {name}".replace("_", "__")
                add(menu_item(text, lambda id=id: self._panel.add_reference_layer(id)))
        if self._panel.sets:
            add(Gtk.SeparatorMenuItem())
        for kept in self._panel.sets:
            name = kept["name"]
            text = f"Set: {name} ({len(kept['references'])})".replace("_", "__")
            add(menu_item(text, lambda name=name: self._panel.use_set(name)))
        if self._panel.settings.references:
            add(Gtk.SeparatorMenuItem())
            add(menu_item("_Save as a set…", self._ask_name))
        if self._panel.sets:
            forget = Gtk.MenuItem.new_with_mnemonic("F_orget a set")
            inside = Gtk.Menu()
            for kept in self._panel.sets:
                name = kept["name"]
                text = name.replace("_", "__")
                inside.append(menu_item(text, lambda name=name: self._panel.remove_set(name)))
            forget.set_submenu(inside)
            add(forget)
        self._menu.show_all()

    def _choose_file(self) -> None:
        chooser = Gtk.FileChooserNative.new(
            "Add references", self._window, Gtk.FileChooserAction.OPEN, "_Add", "_Cancel"
        )
        chooser.set_select_multiple(True)
        pictures = Gtk.FileFilter()
        pictures.set_name("Pictures")
        for kind in ("image/png", "image/jpeg", "image/webp", "image/tiff"):
            pictures.add_mime_type(kind)
        chooser.add_filter(pictures)
        chooser.connect("response", self._chosen)
        # A native one lives only as long as somebody holds it.
        self._chooser = chooser
        chooser.show()

    def _chosen(self, chooser: Gtk.FileChooserNative, response: int) -> None:
        if response == Gtk.ResponseType.ACCEPT:
            for path in chooser.get_filenames():
                self._panel.add_reference_file(path)

    def _ask_name(self) -> None:
        popover = Gtk.Popover(relative_to=self._add)
        entry = Gtk.Entry(placeholder_text="Name of the set", activates_default=False)
        entry.set_max_length(100)
        named(entry, "Name of the set", tip=False)

        def save(_: Any) -> None:
            if entry.get_text().strip():
                self._panel.save_set(entry.get_text())
                popover.popdown()

        entry.connect("activate", save)
        inside = row()
        inside.set_property("margin", UNIT)
        keep = Gtk.Button.new_with_label("Save")
        keep.connect("clicked", save)
        inside.pack_start(entry, True, True, 0)
        inside.pack_start(keep, False, False, 0)
        popover.add(inside)
        inside.show_all()
        popover.popup()
        entry.grab_focus()
