"""Recipes in the window as a person uses it: chosen from the menu by the keyboard, run, undone,
cancelled, and left while one runs.
"""

from __future__ import annotations

import os
from pathlib import Path

from easel import Client, data_dir
from easel_gimp import document
from gi.repository import Gimp, Gio

from . import scene, screen
from .report import Report

_IMAGE = "Untitled|astronaut"
_NOTHING = document.Made("", "", "")


def case(report: Report) -> None:
    """One afternoon with recipes."""
    image, layer = scene.photograph("astronaut.png")
    Gimp.Display.new(image)
    Gimp.displays_flush()
    screen.window(report, _IMAGE)
    _menu(report)
    _two_steps(report, image, layer)
    _matrix(report, image)
    _cancel(report, image)
    _left(report, image, layer)
    path = Path(os.environ["HOME"]) / "recipes.xcf"
    Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, Gio.File.new_for_path(str(path)), None)


def choose(report: Report, name: str | None, ups: int) -> None:
    """Picks the entry that is so many from the end of the menu."""
    screen.activate(report, screen.EASEL)
    screen.keys("ctrl+r", pause=0.5)
    screen.keys("End", *["Up"] * ups, "Return")
    report.until(f"{name} is chosen", lambda: screen.kept("recipe") == name)


def _menu(report: Report) -> None:
    folder = Path(data_dir()) / "config" / "recipes"
    away = folder.with_name("away")
    folder.rename(away)
    screen.settings(models=["invert"])
    # Filters > Easel > Recipe opens the window with its menu.
    found = screen.open_window(report, _IMAGE, screen.RECIPE)
    screen.keys("shift", pause=0.8)
    screen.shot(report, "recipes-empty")
    screen.keys("Escape")
    away.rename(folder)
    screen.keys("ctrl+r", pause=0.8)
    screen.shot(report, "recipes-menu")
    screen.keys("Escape")
    report.check("the window stays", screen.is_open(), found)


def _two_steps(report: Report, image: Gimp.Image, layer: Gimp.Layer) -> None:
    source = scene.pixels(layer)
    choose(report, "there-and-back", 1)
    found = screen.window(report, screen.EASEL)
    screen.shot(report, "recipe-dark", found)
    screen.resize(found, 320, 860)
    screen.shot(report, "recipe-dark-320", found)
    screen.keys("ctrl+Return")
    report.until("the layer is there", lambda: len(image.get_layers()) == 2)
    made = image.get_layers()[0]
    report.check("above the source", image.get_layers()[1] == layer, scene.names(image))
    report.check("inverted twice is the source", scene.pixels(made) == source)
    name = made.get_name()
    report.check("named after the recipe", name == "There and back: Fixture slow", name)
    _undo(report, image)
    report.check("the pixels are what they were", scene.pixels(layer) == source)


def _matrix(report: Report, image: Gimp.Image) -> None:
    choose(report, "two-moods", 0)
    screen.keys("ctrl+Return")
    report.until("a group is there", lambda: image.get_layers()[0].is_group())
    group = image.get_layers()[0]
    report.until("of four", lambda: len(group.get_children()) == 4)
    children = group.get_children()
    # The newest result is number 1; which of the four was asked for last is not said.
    with Client() as client:
        made = client.transform_list(limit=4)["transforms"]
    order = [job["model"] for it in made for job in it["jobs"]]
    number = order.index("slow")
    artifact = made[number]["jobs"][0]["artifacts"][0]["id"]
    wanted = [(document.made_of(it) or _NOTHING).artifact == artifact for it in children]
    screen.activate(report, screen.EASEL)
    screen.keys(str(number + 1))
    report.until(
        "a number shows one and hides the rest",
        lambda: [it.get_visible() for it in children] == wanted,
    )
    screen.keys("c")
    beside = screen.window(report, "^Compare$")
    screen.keys("shift", pause=0.8)
    screen.shot(report, "recipe-compare", beside)
    screen.keys("Escape")
    report.until("it closes", lambda: not screen.windows("^Compare$"))
    screen.shot(report, "recipe-done", screen.window(report, screen.EASEL))
    # The choice, and the group.
    screen.activate(report, _IMAGE)
    screen.keys("ctrl+z")
    _undo(report, image)


def _cancel(report: Report, image: Gimp.Image) -> None:
    choose(report, "a-while", 5)
    count = len(image.get_layers())
    with Client() as client:
        screen.keys("ctrl+Return")

        def half_way() -> bool:
            newest = client.transform_list(limit=2)["transforms"]
            states = [job["state"] for it in newest for job in it["jobs"]]
            run = {it["key"].split(".")[0] for it in newest}
            return states == ["running", "done"] and len(run) == 1

        report.until("one of two is done", half_way)
        screen.keys("shift", pause=0.8)
        screen.shot(report, "recipe-running", screen.window(report, screen.EASEL))
        screen.keys("Escape")
        report.until("it is cancelled", lambda: client.server_info()["running"] == 0)
        job = client.job_list(limit=1)["jobs"][0]
        report.check("by the person", job["state"] == "cancelled", job["state"])
    report.check("nothing is added", len(image.get_layers()) == count)


def _left(report: Report, image: Gimp.Image, layer: Gimp.Layer) -> None:
    """The window is closed while it runs; the one that is opened next goes on with it."""
    screen.activate(report, screen.EASEL)
    screen.keys("ctrl+Return")
    report.until("it is kept", lambda: len(screen.kept("begun") or ()) == 1)
    screen.close_window(report)
    report.check("nothing has come yet", image.get_layers() == [layer])
    screen.open_window(report, _IMAGE)
    report.until("its layer comes", lambda: len(image.get_layers()) == 2)
    made = image.get_layers()[0]
    report.check("with its pixels", scene.pixels(made) == scene.pixels(layer))
    report.until("it is not waited for any more", lambda: screen.kept("begun") == [])
    screen.close_window(report)


def _undo(report: Report, image: Gimp.Image) -> None:
    screen.activate(report, _IMAGE)
    screen.keys("ctrl+z")
    report.until("one step takes it back", lambda: len(image.get_layers()) == 1)
