"""Recipes in the panel, with the editor of `panel.py` against a real daemon: what the menu says,
what is sent, what becomes a layer, and what is left of a run when the daemon or the editor ends.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from checks import inverted, say, swapped
from easel import Client
from easel.daemon import read_endpoint
from easel.panel import Panel, RecipeRow, RecipeRun, Settings
from panel import HEIGHT, ORIGIN, WIDTH, Desk, first_layer

RECIPES = {
    "twice": """
        title = "Twice"
        description = "There and back"
        [[step]]
        intent = "restyle"
        model = "invert"
        [[step]]
        intent = "restyle"
        model = "slow"
        params = { milliseconds = 20 }
    """,
    "moods": """
        title = "Moods & models"
        intent = "restyle"
        model = "{by}"
        params = { "slow:milliseconds" = 20 }
        [matrix]
        mood = ["dawn over the sea", "a rainy night"]
        by = ["invert", "slow"]
        [output]
        name = "{name} at {mood}"
    """,
    "one": """
        title = "White ground"
        intent = "restyle"
        model = "no-such-model, else invert"
        [output]
        name = "shop/{name}-white"
    """,
    "plain": """
        intent = "restyle"
        model = "invert"
    """,
    "hole": """
        title = "The hole once more"
        [[step]]
        intent = "restyle"
        model = "invert"
        [[step]]
        intent = "restyle"
        model = "invert"
        mask = "alpha"
        feather = 0
    """,
    "broken": """
        title = "Broken"
        intent = "restyle"
        models = "invert"
    """,
    "fails": """
        title = "Breaks half-way"
        [[step]]
        intent = "restyle"
        model = "invert"
        [[step]]
        intent = "restyle"
        model = "error-text"
    """,
    "long": """
        title = "Long"
        [[step]]
        intent = "restyle"
        model = "invert"
        [[step]]
        intent = "restyle"
        model = "slow"
        params = { milliseconds = 600000 }
    """,
    "while": """
        title = "A while"
        [[step]]
        intent = "restyle"
        model = "slow"
        params = { milliseconds = 1500 }
        [[step]]
        intent = "restyle"
        model = "slow"
        params = { milliseconds = 1500 }
    """,
}


def folder() -> Path:
    """Where the daemon of this test looks for recipes."""
    return Path(os.environ["EASEL_DATA_DIR"]) / "config" / "recipes"


def write(*names: str) -> None:
    folder().mkdir(parents=True, exist_ok=True)
    for name in names:
        lines = [line.strip() for line in RECIPES[name].strip().splitlines()]
        (folder() / f"{name}.easel.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def entry(panel: Panel, name: str) -> RecipeRow:
    return next(it for it in panel.recipes if it.name == name)


def listed(desk: Desk, name: str) -> RecipeRow:
    desk.panel.load_recipes()
    desk.until(f"{name} is listed", lambda: any(it.name == name for it in desk.panel.recipes))
    return entry(desk.panel, name)


def run(desk: Desk, name: str) -> None:
    """Chooses a recipe, presses the button and waits for the end."""
    desk.panel.choose_recipe(name)
    desk.until("the button", lambda: desk.panel.button.enabled)
    desk.panel.transform()
    desk.settled()


def standing(desk: Desk, done: int) -> RecipeRun:
    """The run, once so many of its pictures are made and the next one is on its way."""

    def holds() -> Any:
        run = desk.panel.run
        record = run.record if isinstance(run, RecipeRun) else None
        going = record is not None and len(record["transforms"]) > done
        return run if going and record is not None and record["done"] == done else None

    return desk.until(f"{done} are done", holds)


def an_empty_menu_teaches(desk: Desk) -> None:
    panel = desk.opened()
    line = desk.until("there are none", lambda: panel.no_recipes)
    assert str(folder()) in line.text and "easel recipe new" in line.hint
    assert panel.recipe is None and panel.button.label.startswith("Transform")


def what_the_menu_says(desk: Desk) -> None:
    panel = desk.panel
    write(*RECIPES)
    twice = listed(desk, "twice")
    assert panel.no_recipes is None
    assert (twice.title, twice.note) == ("Twice", "2 steps · 1 picture · free")
    assert twice.about == "There and back. Restyle → Restyle · Invert, Fixture slow", twice.about
    assert entry(panel, "moods").note == "1 step · 4 pictures · free"
    broken = entry(panel, "broken")
    assert broken.reason == "Line 3: there is no key models", broken
    assert broken.said == broken.reason and "model" in broken.hint
    # One that cannot run can be looked at, and keeps the button from being pressed.
    panel.choose_recipe("broken")
    desk.until("advice", lambda: panel.sight)
    assert panel.button.reason == "broken: Line 3: there is no key models", panel.button
    panel.transform()
    assert panel.run is None and desk.editor.reads == 0
    panel.choose_recipe("moods")
    assert panel.button == ("Run recipe · 4 pictures", True, ""), panel.button
    # A recipe is begun by a person each time.
    panel.set(live=True)
    assert not panel.settings.live
    (folder() / "moods.easel.toml").unlink()
    panel.load_recipes()
    desk.until("it is gone", lambda: not panel.button.enabled)
    assert panel.button.reason.endswith("The recipe is not there any more")
    write("moods")
    listed(desk, "moods")
    panel.choose_recipe(None)
    assert panel.button.label.startswith("Transform")


def two_steps(desk: Desk) -> None:
    panel, editor = desk.panel, desk.editor
    reads = editor.reads
    run(desk, "twice")
    assert editor.reads == reads + 1 and panel.status is None
    layer = first_layer(desk)
    assert (layer.x, layer.y, layer.mask) == (-7, 11, None)
    assert layer.pixels.rows == swapped(editor.rows), "inverted twice is the source"
    # It says nothing of a name: the layer must not be called as its source.
    assert layer.name == "Twice: Fixture slow", layer.name
    # Its steps are in the history like everything else.
    first, second = desk.until("both steps", lambda: panel.results[:2])[::-1]
    assert (first.model, second.model) == ("invert", "slow")
    assert second.artifact == layer.artifact and second.ask["origin"] == ORIGIN
    assert second.ask["client"] == "list" and second.ask["title"] == "paper"
    assert panel.settings.begun == ()
    # What it made is an ordinary result.
    panel.apply(second)
    assert editor.shown[-1] == layer.artifact
    panel.choose_recipe("plain")
    panel.iterate(second)
    reads = editor.reads
    run(desk, "plain")
    assert editor.reads == reads and first_layer(desk).name == "plain: Invert"
    assert first_layer(desk).pixels.rows == swapped(inverted(editor.rows))
    assert (first_layer(desk).x, first_layer(desk).y) == (-7, 11)
    panel.stop_iterating()
    # Its settings are those of its last step, and no recipe decides them any more.
    panel.copy_settings(second)
    assert panel.settings.recipe is None and panel.settings.models == ("slow",)


def a_matrix(desk: Desk) -> None:
    panel = desk.panel
    editor = desk.editor
    editor.selection = {"x": 10, "y": 5, "width": 20, "height": 15}
    editor.version += 1
    panel.refresh()
    run(desk, "moods")
    placement = editor.placed[-1]
    assert placement.title == "Recipe: Moods & models"
    names = [it.name for it in placement.layers]
    assert names == [
        "dawn over the sea · Invert",
        "dawn over the sea · Fixture slow",
        "a rainy night · Invert",
        "a rainy night · Fixture slow",
    ], names
    # Where the selection is, as with a single transform.
    for layer in placement.layers:
        assert (layer.x, layer.y, *layer.pixels[2:4]) == (-7 + 10, 11 + 5, 20, 15)
        assert layer.mask == b"\xff" * (20 * 15) or layer.mask is None
    assert len({it.run for it in placement.layers}) == 1 and placement.layers[0].run
    assert len({it.transform for it in placement.layers}) == 4
    editor.selection = None
    editor.version += 1
    panel.refresh()
    # What a recipe calls its picture, and a fallback that was taken.
    run(desk, "one")
    assert first_layer(desk).name == "paper-white", first_layer(desk).name
    assert panel.status is not None and panel.status.severity == "info"
    assert "no-such-model" in panel.status.text and "invert was taken" in panel.status.text


def what_all_steps_have_changed(desk: Desk) -> None:
    """The last step changes a hole alone, and the layer has what the first one did as well."""
    editor, panel = desk.editor, desk.panel
    before = editor.rows
    rows = bytearray(before)
    rows[3::4] = b"\xff" * (WIDTH * HEIGHT)
    hole = {(x, y) for x in range(40, 50) for y in range(20, 30)}
    for x, y in hole:
        rows[(y * WIDTH + x) * 4 + 3] = 0
    editor.rows = bytes(rows)
    run(desk, "hole")
    layer = first_layer(desk)
    assert (layer.x, layer.y, *layer.pixels[2:4], layer.mask) == (-7, 11, WIDTH, HEIGHT, None)
    wanted = swapped(inverted(editor.rows))
    for x, y in ((0, 0), (39, 25), (59, 39)):
        at = (y * WIDTH + x) * 4
        assert layer.pixels.rows[at : at + 4] == wanted[at : at + 4], (x, y)
    # With a selection that lies beside the hole, both are shown and nothing else.
    editor.selection = {"x": 2, "y": 3, "width": 8, "height": 6}
    editor.version += 1
    panel.refresh()
    run(desk, "hole")
    layer = first_layer(desk)
    assert layer.mask is not None and layer.pixels[2:4] == (WIDTH, HEIGHT)
    selected = {(x, y) for x in range(2, 10) for y in range(3, 9)}
    seen = {(at % WIDTH, at // WIDTH) for at, value in enumerate(layer.mask) if value}
    assert seen == selected | hole, len(seen)
    editor.selection, editor.rows = None, before
    editor.version += 1
    panel.refresh()


def a_step_fails(desk: Desk) -> None:
    panel = desk.panel
    count = len(desk.editor.placed)
    run(desk, "fails")
    assert len(desk.editor.placed) == count
    assert panel.status is not None and panel.status.severity == "error"
    assert panel.status.text.startswith("Breaks half-way: "), panel.status
    assert "in the results" in panel.status.hint, panel.status
    failed, made = desk.until("both steps", lambda: panel.results[:2])
    assert failed.state == "failed" and made.artifact is not None
    assert panel.settings.begun == ()
    # One that was changed since it was listed is refused with its reason, and listed anew.
    write("twice")
    listed(desk, "twice")
    panel.choose_recipe("twice")
    broken = (folder() / "broken.easel.toml").read_text(encoding="utf-8")
    (folder() / "twice.easel.toml").write_text(broken, encoding="utf-8")
    panel.transform()
    desk.settled()
    assert panel.status is not None and "there is no key" in panel.status.text, panel.status
    desk.until("it is dimmed", lambda: entry(panel, "twice").reason)
    assert not panel.button.enabled
    write("twice")
    listed(desk, "twice")


def cancelled_half_way(desk: Desk) -> None:
    panel = desk.panel
    count = len(desk.editor.placed)
    panel.choose_recipe("long")
    desk.until("the button", lambda: panel.button.enabled)
    panel.transform()
    assert panel.run is not None and panel.run.stage == "Sending"
    run = standing(desk, 1)
    assert run.stage.startswith("1 of 2 done") and run.elapsed.endswith("s"), run.stage
    # The bar goes on within a step.
    desk.until("progress", lambda: (run.fraction or 0) > 0.5)
    assert [it.id for it in panel.settings.begun] == [run.record["id"] if run.record else ""]
    panel.cancel()
    assert run.stage == "Cancelling"
    desk.settled()
    assert panel.status is not None and panel.status.text == "Cancelled", panel.status
    assert "in the results" in panel.status.hint and len(desk.editor.placed) == count
    desk.until("history", lambda: panel.results[0].state == "cancelled")


def killed_and_started_again(desk: Desk) -> None:
    panel = desk.panel
    panel.choose_recipe("while")
    desk.until("the button", lambda: panel.button.enabled)
    panel.transform()
    run = standing(desk, 1)
    before = read_endpoint(desk.session.data_dir).pid
    os.kill(before, signal.SIGKILL)
    # Nobody else starts it again: the panel does, and the first step is not done twice.
    desk.settled()
    assert read_endpoint(desk.session.data_dir).pid != before
    assert panel.status is None, panel.status
    assert first_layer(desk).pixels.rows == swapped(desk.editor.rows)
    assert run.record is not None and len(run.record["transforms"]) == 2, run.record


def kept(desk: Desk) -> Settings:
    """What an editor has written down, as it reads it again."""
    return Settings.from_json(desk.panel.settings.to_json())


def the_editor_ends_half_way(desk: Desk) -> None:
    """Closed with a run on its way, opened again: the layers come, once their document is open."""
    panel = desk.panel
    panel.choose_recipe("while")
    desk.until("the button", lambda: panel.button.enabled)
    panel.transform()
    standing(desk, 0)
    settings = kept(desk)
    assert len(settings.begun) == 1 and settings.recipe == "while"
    panel.close()

    again = Desk(settings)
    again.editor.open = False
    again.panel.open()
    again.until("it is known", lambda: again.panel.waiting_runs)
    assert again.panel.run is None and not again.editor.placed
    again.editor.open = True
    # It is followed and can be cancelled, as if it had been begun here.
    run = again.until("it is found", lambda: again.panel.run)
    assert isinstance(run, RecipeRun)
    again.settled()
    assert run.title == "A while"
    assert first_layer(again).pixels.rows == swapped(desk.editor.rows)
    assert again.panel.settings.begun == ()
    again.panel.close()


def it_ends_while_nobody_looks(desk: Desk) -> None:
    """It was over before the editor was opened again."""
    panel = desk.panel
    count = len(desk.editor.placed)
    panel.choose_recipe("while")
    desk.until("the button", lambda: panel.button.enabled)
    panel.transform()
    id = standing(desk, 0).record
    assert id is not None
    settings = kept(desk)
    panel.close()
    with Client() as client:
        [*_, last] = client.follow_run(id["id"])
    assert last["state"] == "done" and len(desk.editor.placed) == count
    again = Desk(settings)
    again.panel.open()
    again.until("its layer", lambda: again.editor.placed)
    assert first_layer(again).artifact == last["results"][0]["artifact"]["id"]
    again.settled()
    again.panel.close()


def nothing_could_be_kept(desk: Desk) -> None:
    """An editor that crashed: the history knows what was on its way, and whose it was."""
    panel = desk.panel
    panel.choose_recipe("while")
    desk.until("the button", lambda: panel.button.enabled)
    panel.transform()
    standing(desk, 0)
    # A second window of the same editor leaves it to the first.
    beside = Desk()
    beside.opened()
    listed(beside, "plain")
    run(beside, "plain")
    assert [it.title for it in beside.editor.placed] == ["Recipe: plain"]
    assert beside.panel.run is None and panel.run is not None
    beside.panel.close()
    panel.close()
    again = Desk()
    again.panel.open()
    again.until("it is found", lambda: again.panel.run)
    again.settled()
    assert first_layer(again).pixels.rows == swapped(desk.editor.rows)
    # What has ended is not brought a second time.
    again.panel.close()
    third = Desk(kept(again))
    third.opened()
    third.until("history", lambda: third.panel.results)
    listed(third, "plain")
    run(third, "plain")
    assert [it.title for it in third.editor.placed] == ["Recipe: plain"]
    third.panel.close()


def main() -> None:
    desk = Desk()
    for step in (
        an_empty_menu_teaches,
        what_the_menu_says,
        two_steps,
        a_matrix,
        what_all_steps_have_changed,
        a_step_fails,
        cancelled_half_way,
        killed_and_started_again,
    ):
        step(desk)
        say(step.__name__)
    for step in (the_editor_ends_half_way, it_ends_while_nobody_looks, nothing_could_be_kept):
        desk = Desk()
        desk.opened()
        listed(desk, "while")
        step(desk)
        say(step.__name__)
    # The daemon that the panel started is ended by the one who began with another.
    Client().server_shutdown()


if __name__ == "__main__":
    main()
