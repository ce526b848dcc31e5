"""No daemon, and one that is killed half-way: the plug-in starts it, and what was asked for comes
all the same. Needs a data folder of its own whose daemon does not run, with `example-c` and `slow`
in it; the program `easel` is on `PATH`, or where `easel install` noted it.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path

from easel import Client, data_dir

from . import scene
from .report import Report


def case(report: Report) -> None:
    """Starts, kills and stops it."""
    try:
        _cases(report)
    finally:
        # It would go on: nobody else knows that it was started.
        with Client() as client:
            if _pid() is not None:
                client.server_shutdown()


def _cases(report: Report) -> None:
    report.check("no daemon runs before", _pid() is None, _pid())
    image, layer = scene.photograph("chelsea.png")
    source = scene.pixels(layer)
    began = time.perf_counter()
    scene.call("restyle", image, layer, models="invert")
    report.figures["a first call that starts the daemon, in seconds"] = round(
        time.perf_counter() - began, 2
    )
    report.check("the plug-in starts it", _pid() is not None)
    with Client() as client:
        for backend in client.backend_list()["backends"]:
            if backend["state"] == "untrusted":
                client.backend_trust(id=backend["id"])
        answer = scene.call("restyle", image, layer, models="invert")
        report.check("it works", answer.error is None, answer.error)
        client.server_shutdown()
    report.until("it has ended", lambda: _pid() is None)
    answer = scene.call("restyle", image, layer, models="invert")
    report.check("a stopped one is started again", answer.error is None, answer.error)
    report.check("with the same result", scene.pixels(answer.layer) == scene.inverted(source))

    killed: list[int] = []

    def kill() -> None:
        time.sleep(1.5)
        pid = _pid()
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)

    killer = threading.Thread(target=kill)
    killer.start()
    count = len(image.get_layers())
    answer = scene.call("restyle", image, layer, models="slow", parameters='{"milliseconds": 3000}')
    killer.join()
    report.check("it was killed half-way", len(killed) == 1, killed)
    report.check("and came back by itself", _pid() not in (None, killed[0]), _pid())
    report.check("the layer comes all the same", answer.error is None, answer.error)
    report.check("once", len(image.get_layers()) == count + 1, scene.names(image))
    report.figures["three seconds of work and a kill, in seconds"] = round(answer.seconds, 2)
    scene.end(image)


def _pid() -> int | None:
    """The daemon's process, where one runs."""
    try:
        pid = int(json.loads((Path(data_dir()) / "daemon.json").read_bytes())["pid"])
        os.kill(pid, 0)
    except (OSError, ValueError, KeyError):
        return None
    # A killed child of somebody who does not ask about it stays in the list.
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (OSError, IndexError):
        return pid
    return None if state == "Z" else pid
