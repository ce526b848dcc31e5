"""The window as a person uses it, in a GIMP with a screen: opened from the menu and used by the
keyboard while GIMP goes on, with undo, cancel, compare, live mode and images that are closed.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from easel import Client
from gi.repository import Gegl, Gimp, Gio

from . import scene, screen
from .report import Report

_LARGE = 4096
#: The share of the whole that GIMP's own loop may take for an answer, but for giving and taking pixels.
_LATE = 0.4


def case(report: Report) -> None:
    """One afternoon with it."""
    image, layer = scene.photograph("astronaut.png")
    Gimp.Display.new(image)
    Gimp.displays_flush()
    screen.window(report, "Untitled|astronaut")
    time.sleep(0.5)
    _transform(report, image, layer)
    _beside(report, image, layer)
    _cancel(report, image)
    _compare(report, image)
    _live(report, image, layer)
    _large(report)
    _closed(report, image)


def _transform(report: Report, image: Gimp.Image, layer: Gimp.Layer) -> None:
    image.select_ellipse(Gimp.ChannelOps.REPLACE, 120, 40, 220, 240)
    Gimp.Selection.feather(image, 20)
    Gimp.displays_flush()
    screen.settings(models=["invert"])
    began = time.monotonic()
    found = screen.open_window(report, "Untitled|astronaut")
    report.figures["from the menu to the window, in seconds"] = round(time.monotonic() - began, 2)
    time.sleep(1.2)
    screen.shot(report, "menu-window")
    screen.shot(report, "dark", found)
    screen.resize(found, 320, 860)
    screen.shot(report, "dark-320", found)

    source = scene.pixels(layer)
    screen.keys("ctrl+Return")
    report.until("the layer is there", lambda: len(image.get_layers()) == 2)
    made = image.get_layers()[0]
    report.check("above the source", image.get_layers()[1] == layer, scene.names(image))
    report.check("with a mask", made.get_mask() is not None)
    report.check("it says where it comes from", made.get_parasite("easel") is not None)
    x, y = scene.offsets(made)
    width, height = made.get_width(), made.get_height()
    part = scene.cut(source, 512, x, y, width, height, 4)
    middle = ((height // 2) * width + width // 2) * 4
    got = scene.pixels(made)[middle : middle + 4]
    report.check("with the model's pixels", got == scene.inverted(part)[middle : middle + 4])
    time.sleep(0.4)
    screen.shot(report, "done", found)

    screen.activate(report, "Untitled|astronaut")
    screen.keys("ctrl+z")
    report.until("one step takes it back", lambda: image.get_layers() == [layer])
    report.check("and nothing else", not Gimp.Selection.is_empty(image))
    report.check("the pixels are what they were", scene.pixels(layer) == source)
    screen.keys("ctrl+y")
    report.until("and it comes again", lambda: len(image.get_layers()) == 2)
    report.check("with its mask", image.get_layers()[0].get_mask() is not None)
    screen.keys("ctrl+z")
    report.until("and goes", lambda: len(image.get_layers()) == 1)


def _beside(report: Report, image: Gimp.Image, layer: Gimp.Layer) -> None:
    screen.open_window(report, "Untitled|astronaut", screen.HISTORY)
    report.check("there is one window", len(screen.windows(screen.EASEL)) == 1)
    # GIMP is used while it is open.
    Gimp.Selection.none(image)
    before = scene.pixels(layer)
    found = screen.activate(report, "Untitled|astronaut")
    x, y, width, height = screen.place(found)
    # The tool that fills needs no brush.
    screen.keys("shift+b")
    screen.click(x + width * 2 // 5, y + height // 2)
    report.until("GIMP paints while it is open", lambda: scene.pixels(layer) != before)
    screen.keys("ctrl+z")
    report.until("and takes it back", lambda: scene.pixels(layer) == before)
    screen.close_window(report)


def _cancel(report: Report, image: Gimp.Image) -> None:
    screen.settings(models=["slow"], params={"milliseconds": 20000}, intent="edit")
    found = screen.open_window(report, "Untitled|astronaut")
    time.sleep(0.8)
    count = len(image.get_layers())
    with Client() as client:
        screen.keys("ctrl+Return")
        report.until("it runs", lambda: client.server_info()["running"] == 1)
        time.sleep(0.8)
        screen.shot(report, "running", found)
        screen.keys("Escape")
        report.until("it is cancelled", lambda: client.server_info()["running"] == 0)
        job = client.job_list(limit=1)["jobs"][0]
        report.check("by the person", job["state"] == "cancelled", job["state"])
    time.sleep(0.5)
    report.check("the window stays", screen.is_open())
    report.check("nothing is added", len(image.get_layers()) == count)
    screen.close_window(report)


def _compare(report: Report, image: Gimp.Image) -> None:
    screen.settings(models=["invert", "slow"], params={"milliseconds": 300})
    found = screen.open_window(report, "Untitled|astronaut", screen.COMPARE)
    time.sleep(0.8)
    screen.keys("ctrl+Return")
    report.until("a group is there", lambda: image.get_layers()[0].is_group())
    group = image.get_layers()[0]
    report.until("of both", lambda: len(group.get_children()) == 2)
    children = group.get_children()
    time.sleep(1.0)
    screen.shot(report, "compared", found)
    # Results are numbered from the newest; both are of one transform, in the order of the models.
    screen.keys("2")
    report.until(
        "choosing one hides the rest",
        lambda: [it.get_visible() for it in children] == [False, True],
    )
    screen.keys("1")
    report.until(
        "and the other way", lambda: [it.get_visible() for it in children] == [True, False]
    )
    screen.keys("c")
    beside = screen.window(report, "^Compare$")
    time.sleep(1.0)
    screen.shot(report, "compare-window", beside)
    screen.keys("Escape")
    report.until("it closes", lambda: not screen.windows("^Compare$"))
    report.check("and the window stays", screen.is_open())
    _iterate(report, image)
    screen.activate(report, "Untitled|astronaut")
    # What was iterated, two choices and the group.
    screen.keys("ctrl+z", "ctrl+z", "ctrl+z", "ctrl+z")
    report.until("one step each takes it back", lambda: len(image.get_layers()) == 1)
    screen.close_window(report)


def _iterate(report: Report, image: Gimp.Image) -> None:
    """Goes on from the chosen result, then takes it out of the list."""
    count = len(image.get_layers())
    with Client() as client:
        [*_, first] = client.transform_list(limit=1)["transforms"]
        chosen = first["jobs"][0]["artifacts"][0]["id"]
        screen.keys("i")
        time.sleep(0.6)
        screen.shot(report, "iterating", screen.window(report, screen.EASEL))
        screen.keys("ctrl+Return")
        report.until("something came of it", lambda: len(image.get_layers()) == count + 1)
        asked = client.transform_list(limit=1)["transforms"][0]["ask"]
        report.check("of the chosen result", asked.get("parent") == chosen, asked)
        time.sleep(0.6)
        screen.keys("Delete")

        def put_away() -> list[str]:
            listed = client.transform_list(limit=2)["transforms"]
            made = [it for one in listed for job in one["jobs"] for it in job["artifacts"]]
            return [it["id"] for it in made if it["discarded"]]

        report.until("one is put away", put_away)
        report.check("and only that", len(put_away()) == 1, put_away())


def _live(report: Report, image: Gimp.Image, layer: Gimp.Layer) -> None:
    screen.settings(models=["invert"])
    screen.open_window(report, "Untitled|astronaut")
    time.sleep(0.8)
    screen.keys("alt+i")
    report.until("live mode runs at once", lambda: len(image.get_layers()) == 2)
    first = image.get_layers()[0].get_id()
    buffer = layer.get_buffer()
    buffer.set(Gegl.Rectangle.new(200, 200, 40, 40), scene.U8, bytes([10, 200, 30, 255]) * 1600)
    buffer.flush()
    layer.update(200, 200, 40, 40)
    Gimp.displays_flush()
    began = time.monotonic()
    report.until(
        "and again when the layer changes",
        lambda: len(image.get_layers()) == 2 and image.get_layers()[0].get_id() != first,
    )
    report.figures["live: from the change to the new layer, in seconds"] = round(
        time.monotonic() - began, 2
    )
    got = scene.pixels(image.get_layers()[0], x=210, y=210, width=1, height=1)
    report.check("with what changed", got == bytes([245, 55, 225, 255]), list(got))
    screen.activate(report, screen.EASEL)
    screen.keys("alt+i")
    time.sleep(0.5)
    screen.close_window(report)


def _large(report: Report) -> None:
    image = Gimp.Image.new(_LARGE, _LARGE, Gimp.ImageBaseType.RGB)
    layer = Gimp.Layer.new(
        image, "large", _LARGE, _LARGE, Gimp.ImageType.RGBA_IMAGE, 100, Gimp.LayerMode.NORMAL
    )
    part = bytearray(os.urandom(1 << 20))
    part[3::4] = b"\xff" * (len(part) // 4)
    scene.fill(layer, bytes(part) * (_LARGE * _LARGE * 4 >> 20), scene.U8)
    image.insert_layer(layer, None, 0)
    Gimp.Display.new(image)
    Gimp.displays_flush()
    name = f"{_LARGE}x{_LARGE}"
    screen.window(report, name)
    time.sleep(1.5)
    screen.open_window(report, name)
    # Its thumbnail is made when it is looked at first.
    time.sleep(2.0)
    still = screen.Pulse()
    end = time.monotonic() + 1.0
    still.beat(lambda: time.monotonic() > end)
    began = time.perf_counter()
    screen.keys("ctrl+Return", pause=0)
    pulse = screen.Pulse()
    pulse.beat(lambda: len(image.get_layers()) == 2)
    seconds = time.perf_counter() - began
    report.figures["4096²: from the key to the layer, in seconds"] = round(seconds, 3)
    gaps = sorted(pulse.gaps, reverse=True)
    report.figures["4096²: GIMP's longest answers, in seconds"] = [round(it, 3) for it in gaps[:6]]
    report.figures["4096²: and while nothing happens"] = round(max(still.gaps), 3)
    # GIMP gives and takes the pixels itself; all else is ours.
    late = sum(1 for it in gaps if it > _LATE * seconds)
    report.check("GIMP stays alive", late <= 2, gaps[:6])
    screen.close_image(report, name)
    report.until("the image is closed", lambda: image not in Gimp.get_images())
    time.sleep(0.8)
    report.check("the window outlives its image", screen.is_open())


def _closed(report: Report, image: Gimp.Image) -> None:
    """It goes to the image that is still there, and says so when there is none."""
    screen.activate(report, screen.EASEL)
    count = len(image.get_layers())
    screen.keys("ctrl+Return")
    report.until("the other image is its source", lambda: len(image.get_layers()) == count + 1)
    path = Path(os.environ["HOME"]) / "kept.xcf"
    image.set_file(Gio.File.new_for_path(str(path)))
    Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, Gio.File.new_for_path(str(path)), None)
    screen.close_image(report, "kept")
    report.until("no image is open", lambda: not Gimp.get_images())
    time.sleep(1.0)
    screen.shot(report, "no-image", screen.window(report, screen.EASEL))
    report.check("the window is still there", screen.is_open())
    screen.close_window(report)
    # The history can be looked at without an image. It stays open: GIMP ends it when it ends.
    screen.open_window(report, "^GNU Image Manipulation Program$", screen.HISTORY)
    report.check("it opens without an image", screen.is_open())
