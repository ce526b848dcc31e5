"""Small parts that several sections use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from easel.panel import words
from gi.repository import Atk, Gdk, GdkPixbuf, GLib, Gtk, Pango

#: The grid of the window, in pixels.
UNIT = 4
_ICONS = {"info": "dialog-information", "warning": "dialog-warning", "error": "dialog-error"}
_SMALL = 0.86
#: Spaces alone: every colour is the theme's. Rows of lists have one background, not one a part.
_STYLE = b"""
.easel-toggle { padding: 5px 2px; min-height: 18px; min-width: 0; }
.easel-list row box, .easel-list row label, .easel-list row image, .easel-list row checkbutton {
  background-color: transparent; background-image: none; }
.easel-corner { padding: 0; min-height: 18px; min-width: 18px; margin: 2px; }
.easel-bar { padding: 4px 2px; min-height: 16px; min-width: 0; }
"""


def load_style(screen: Gdk.Screen) -> None:
    """Makes the spaces of the window known, once."""
    provider = Gtk.CssProvider()
    provider.load_from_data(_STYLE)
    first = Gtk.STYLE_PROVIDER_PRIORITY_APPLICATION
    Gtk.StyleContext.add_provider_for_screen(screen, provider, first)


def column(spacing: int = UNIT) -> Gtk.Box:
    """A box from top to bottom."""
    return Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=spacing)


def row(spacing: int = UNIT) -> Gtk.Box:
    """A box from left to right."""
    return Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=spacing)


def label(
    text: str = "",
    *,
    bold: bool = False,
    small: bool = False,
    dim: bool = False,
    lines: int = 1,
    mnemonic: Gtk.Widget | None = None,
) -> Gtk.Label:
    """A text from the left that is cut, or wrapped to some lines, where there is no room."""
    made = Gtk.Label(label=text, xalign=0.0, yalign=0.5)
    attributes = Pango.AttrList()
    if bold:
        attributes.insert(Pango.attr_weight_new(Pango.Weight.BOLD))
    if small:
        attributes.insert(Pango.attr_scale_new(_SMALL))
    made.set_attributes(attributes)
    if dim:
        made.get_style_context().add_class("dim-label")
    made.set_ellipsize(Pango.EllipsizeMode.END)
    made.set_width_chars(1)
    made.set_max_width_chars(1)
    made.set_hexpand(True)
    if lines > 1:
        made.set_line_wrap(True)
        made.set_line_wrap_mode(Pango.WrapMode.WORD_CHAR)
        made.set_lines(lines)
    if mnemonic is not None:
        made.set_text_with_mnemonic(text)
        made.set_mnemonic_widget(mnemonic)
    return made


def heading(text: str, mnemonic: Gtk.Widget | None = None) -> Gtk.Label:
    """The name of a section."""
    return label(text, bold=True, mnemonic=mnemonic)


def together(names: Sequence[str]) -> str:
    """Names in a sentence: `A, B and C`."""
    *first, last = names or ("",)
    return f"{', '.join(first)} and {last}" if first else last


def button(icon: str, tip: str, pressed: Callable[[], Any]) -> Gtk.Button:
    """A small flat button with a picture; its tip is its accessible name."""
    made = Gtk.Button.new_from_icon_name(icon, Gtk.IconSize.MENU)
    made.set_relief(Gtk.ReliefStyle.NONE)
    made.set_focus_on_click(False)
    made.set_valign(Gtk.Align.CENTER)
    named(made, tip)
    made.connect("clicked", lambda _: pressed())
    return made


def named(widget: Gtk.Widget, name: str, tip: bool = True) -> None:
    """Gives a widget the name that screen readers say, and that the pointer shows."""
    widget.get_accessible().set_name(name)
    if tip:
        widget.set_tooltip_text(name)


def relate(text: Gtk.Label, widget: Gtk.Widget) -> None:
    """Says that a text is the name of a widget."""
    widget.get_accessible().add_relationship(Atk.RelationType.LABELLED_BY, text.get_accessible())


def centred(text: str, button: Gtk.Button) -> Gtk.Label:
    """The text of a button that takes little room."""
    button.get_style_context().add_class("easel-toggle")
    made = label(text, small=True, mnemonic=button)
    made.set_xalign(0.5)
    made.show()
    return made


def toggles(
    choices: Sequence[tuple[str, str, str]], columns: int, one: bool
) -> tuple[Gtk.Grid, dict[str, Gtk.ToggleButton]]:
    """Buttons that stay pressed, in a grid: `one` of them, or any number. Each choice is an id, a
    label with its mnemonic, and a tip.
    """
    grid = Gtk.Grid(
        row_spacing=UNIT, column_spacing=UNIT, column_homogeneous=True, row_homogeneous=True
    )
    made: dict[str, Gtk.ToggleButton] = {}
    first: Gtk.RadioButton | None = None
    for number, (id, text, tip) in enumerate(choices):
        if one:
            toggle = Gtk.RadioButton.new_from_widget(first) if first else Gtk.RadioButton()
            toggle.set_mode(False)
            first = first or toggle
        else:
            toggle = Gtk.ToggleButton()
        toggle.add(centred(text, toggle))
        toggle.set_hexpand(True)
        named(toggle, text.replace("_", ""), tip=False)
        toggle.set_tooltip_text(tip or None)
        grid.attach(toggle, number % columns, number // columns, 1, 1)
        made[id] = toggle
    return grid, made


class Said(Gtk.Box):
    """What is said, where it happened: a line, and what to do."""

    def __init__(self) -> None:
        super().__init__(orientation=Gtk.Orientation.HORIZONTAL, spacing=UNIT + 2)
        self.set_no_show_all(True)
        self._icon = Gtk.Image(valign=Gtk.Align.START)
        self._text = label(lines=2)
        self._hint = label(small=True, dim=True, lines=2)
        texts = column(0)
        texts.pack_start(self._text, False, False, 0)
        texts.pack_start(self._hint, False, False, 0)
        self.pack_start(self._icon, False, False, 0)
        self.pack_start(texts, True, True, 0)
        self._shown: words.Line | None = None

    def say(self, line: words.Line | None) -> None:
        """Shows a line, or nothing."""
        if line == self._shown:
            return
        self._shown = line
        if line is None:
            self.hide()
            return
        self._icon.set_from_icon_name(_ICONS[line.severity], Gtk.IconSize.MENU)
        self._text.set_text(line.text)
        self._hint.set_text(line.hint)
        tip = f"{line.text}\n{line.hint}".strip()
        self.set_tooltip_text(tip)
        self.get_accessible().set_name(tip)
        for widget in (self._icon, self._text, self._text.get_parent()):
            widget.show()
        self._hint.set_visible(bool(line.hint))
        self.show()


class Picture(Gtk.Image):
    """A picture in a square. Drawn by GTK itself: GIMP comes without cairo for Python."""

    def __init__(self, side: int, cover: bool = False, grow: bool = False) -> None:
        super().__init__()
        self.side = side
        #: Enlarges what is smaller than the square.
        self._grow = grow
        #: Fills the square, and cuts what is beyond it.
        self._cover = cover
        self.set_size_request(side, side)
        self.set_valign(Gtk.Align.START)

    def show_pixbuf(self, pixbuf: GdkPixbuf.Pixbuf | None) -> None:
        """Shows a picture, fitted to the square."""
        if pixbuf is None:
            self.clear()
            return
        if self._cover:
            side = min(pixbuf.get_width(), pixbuf.get_height())
            x, y = (pixbuf.get_width() - side) // 2, (pixbuf.get_height() - side) // 2
            pixbuf = pixbuf.new_subpixbuf(x, y, side, side)
        self.set_from_pixbuf(fit(pixbuf, self.side, self._grow))

    def show_png(self, png: bytes | None) -> None:
        """The same from the bytes of a PNG."""
        self.show_pixbuf(from_png(png) if png else None)


def fit(pixbuf: GdkPixbuf.Pixbuf, side: int, grow: bool = False) -> GdkPixbuf.Pixbuf:
    """A picture made smaller where it is larger than a square; with `grow` also larger."""
    width, height = pixbuf.get_width(), pixbuf.get_height()
    share = side / max(width, height, 1)
    share = share if grow else min(1.0, share)
    if share == 1.0:
        return pixbuf
    size = max(1, round(width * share)), max(1, round(height * share))
    return pixbuf.scale_simple(*size, GdkPixbuf.InterpType.BILINEAR)


def from_png(png: bytes) -> GdkPixbuf.Pixbuf | None:
    """A picture from the bytes of a PNG; `None` where they are none."""
    loader = GdkPixbuf.PixbufLoader()
    try:
        loader.write(png)
        loader.close()
    except GLib.Error:
        return None
    return loader.get_pixbuf()


def from_rows(rows: bytes, width: int, height: int, mask: bytes | None = None) -> GdkPixbuf.Pixbuf:
    """A picture from `R'G'B'A u8` rows; what a mask keeps from changing is faint."""
    if mask is not None:
        # No loop over pixels: a third of the alpha where nothing changes, all of it elsewhere.
        faint = bytes(80 + value * 175 // 255 for value in range(256))
        pixels = bytearray(rows)
        alpha = bytes(map(min, mask.translate(faint), pixels[3::4]))
        pixels[3::4] = alpha
        rows = bytes(pixels)
    data = GLib.Bytes.new(rows)
    rgb = GdkPixbuf.Colorspace.RGB
    return GdkPixbuf.Pixbuf.new_from_bytes(data, rgb, True, 8, width, height, width * 4)


def calm(widget: Gtk.Widget) -> None:
    """The wheel scrolls the window past a widget, and does not change it on the way."""

    def passed(it: Gtk.Widget, _: Gdk.EventScroll) -> bool:
        it.stop_emission_by_name("scroll-event")
        return False

    widget.connect("scroll-event", passed)


def menu_item(text: str, chosen: Callable[[], Any]) -> Gtk.MenuItem:
    """An entry of a menu."""
    item = Gtk.MenuItem.new_with_mnemonic(text)
    item.connect("activate", lambda _: chosen())
    return item
