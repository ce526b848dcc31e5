"""A GIMP that is started again, in the light theme: the recipe is still chosen, and Repeat last
runs it. Goes on where the case `recipe_window` ended.
"""

from __future__ import annotations

import os
from pathlib import Path

from gi.repository import Gimp, Gio

from . import scene, screen
from .case_recipe_window import choose
from .report import Report

_NAME = "recipes"


def case(report: Report) -> None:
    """The next morning."""
    path = Path(os.environ["HOME"]) / f"{_NAME}.xcf"
    image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path(str(path)))
    Gimp.Display.new(image)
    Gimp.displays_flush()
    _, source = image.get_layers()
    image.set_selected_layers([source])
    screen.window(report, _NAME)
    found = screen.open_window(report, _NAME)
    report.check("the recipe is still chosen", screen.kept("recipe") == "a-while")
    choose(report, "campaign-moods", 3)
    screen.keys("shift", pause=0.8)
    screen.shot(report, "recipe-light", found)
    screen.resize(found, 320, 860)
    screen.shot(report, "recipe-light-320", found)
    screen.keys("ctrl+r", pause=0.8)
    screen.shot(report, "recipes-menu-light")
    screen.keys("Escape")
    choose(report, "there-and-back", 1)
    screen.close_window(report)

    screen.menu(report, _NAME, screen.REPEAT)
    report.until("the recipe is run again", lambda: len(image.get_layers()) == 3)
    report.check("without a window", not screen.windows(screen.EASEL))
    layers = image.get_layers()
    made = layers[layers.index(source) - 1]
    report.check("right above its source", made.get_name() == "There and back: Fixture slow")
    report.check("with its pixels", scene.pixels(made) == scene.pixels(source))
    screen.activate(report, _NAME)
    screen.keys("ctrl+z")
    report.until("one step takes it back", lambda: len(image.get_layers()) == 2)
