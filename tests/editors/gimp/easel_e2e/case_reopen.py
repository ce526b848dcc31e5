"""A GIMP that is started again: the file says where its layers come from, the history is there,
and what was asked can be asked again. Goes on where the case `window` ended, in the same home and
with the same daemon.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from easel_gimp import document
from gi.repository import Gimp, Gio

from . import scene, screen
from .report import Report

_NAME = "kept"


def case(report: Report) -> None:
    """The next morning."""
    path = Path(os.environ["HOME"]) / f"{_NAME}.xcf"
    image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(str(path)))
    Gimp.Display.new(image)
    Gimp.displays_flush()
    # On top the one of live mode, then the last one, right above its source.
    _, made, source = image.get_layers()
    report.check("the file says where the layer comes from", document.made_of(made) is not None)
    image.set_selected_layers([source])
    screen.window(report, _NAME)
    time.sleep(0.5)

    found = screen.open_window(report, _NAME, screen.HISTORY)
    time.sleep(1.2)
    screen.shot(report, "light", found)
    screen.resize(found, 320, 860)
    screen.shot(report, "light-320", found)
    # The newest result is the one that was saved; its menu opens by the key for menus.
    screen.keys("Down", "Up", "Menu", pause=0.3)
    screen.shot(report, "light-menu")
    screen.keys("r")
    report.until("it is run again from the history", lambda: len(image.get_layers()) == 4)
    layers = image.get_layers()
    above = layers[layers.index(source) - 1]
    report.check("right above its source", above not in (made, source), scene.names(image))
    report.check("with the same pixels", scene.pixels(above) == scene.pixels(made))

    image.set_selected_layers([made])
    time.sleep(1.2)
    screen.shot(report, "made", found)
    screen.close_window(report)

    # The last settings on the selected layer, without a window.
    image.set_selected_layers([source])
    screen.menu(report, _NAME, screen.REPEAT)
    report.until("the last transform is repeated", lambda: len(image.get_layers()) == 5)
    report.check("without a window", not screen.windows(screen.EASEL))
    screen.activate(report, _NAME)
    screen.keys("ctrl+z")
    report.until("one step takes it back", lambda: len(image.get_layers()) == 4)
