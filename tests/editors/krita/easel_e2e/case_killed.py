"""The daemon is killed while it works: it is started again, and the result comes all the same."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

from . import scene
from .drive import Case, Person, Report, Until

person = Person()


def case(report: Report) -> Case:
    """A long run, and a power cut in its middle."""
    document = scene.photograph("coffee.png")
    yield 0.3
    shown = scene.open_docker()
    yield scene.listed(shown)
    yield from scene.activate(document, scene.tops(document)[0])
    yield from scene.pick(shown, "slow")
    yield scene.ready(shown)
    person.click(shown.run.button)
    yield Until("it runs", lambda: shown.panel.run and (shown.panel.run.fraction or 0) > 0.3)
    before = daemon_now()
    os.kill(before, signal.SIGKILL)
    report.check("the daemon was killed half-way", True, before)
    yield 0.3
    report.check("the docker still waits", shown.panel.run is not None)
    yield scene.idle(shown, 40)
    names = scene.layers(document)
    report.check("the layer came", names == ["Background", "Fixture slow: restyle"], names)
    report.check("from another daemon", daemon_now() != before, daemon_now())
    report.check("nothing is complained about", shown.panel.status is None, shown.panel.status)
    yield from scene.stop_daemon(shown)


def daemon_now() -> int:
    """The process of the daemon that runs now."""
    text = (Path(os.environ["EASEL_DATA_DIR"]) / "daemon.json").read_text(encoding="utf-8")
    return int(json.loads(text)["pid"])
