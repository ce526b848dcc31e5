#!/usr/bin/env python3
"""Simulates a hosted model service on loopback: `simulate.py gemini|ark|bfl`. Prints one line of
JSON with its ports when it is ready, and ends on SIGTERM or when standard input is closed."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import stat
import sys
import tempfile
import threading
from pathlib import Path
from typing import TextIO

from simulator.app import Simulator
from simulator.ark import Ark
from simulator.bfl import Bfl
from simulator.call import Service
from simulator.files import FileHost
from simulator.gemini import Gemini
from simulator.journal import Journal
from simulator.scenarios import Scenarios
from simulator.wire import Server


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("provider", choices=("gemini", "ark", "bfl"))
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--log", type=Path, help="a line of JSON for every request and its end")
    parser.add_argument("--record", type=Path, help="paid requests as they came, for judge.py")
    parser.add_argument("--images-per-minute", type=int, default=0, help="0 is no limit")
    parser.add_argument("--minute", type=float, default=60.0, help="how long a minute is, seconds")
    parser.add_argument(
        "--concurrent", type=int, help="bfl: tasks at once; default as documented, 0 is no limit"
    )
    parser.add_argument(
        "--ready-after", type=int, default=6, help="bfl: polls before the one that says Ready, 0-6"
    )
    parser.add_argument(
        "--url-seconds", type=float, default=600.0, help="how long a signed URL holds"
    )
    return parser.parse_args()


def opened(path: Path | None) -> TextIO | None:
    return path.open("w", encoding="utf-8") if path else None


def main() -> None:
    options = arguments()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    with tempfile.TemporaryDirectory(prefix="easel-provider-") as folder:
        files = FileHost(Path(folder), options.url_seconds)
        scenarios = Scenarios(options.provider)
        journal = Journal(opened(options.log), opened(options.record), options.minute)
        service: Service
        match options.provider:
            case "gemini":
                service = Gemini(journal, scenarios, options.images_per_minute)
            case "ark":
                service = Ark(journal, files, options.images_per_minute)
            case _:
                service = Bfl(journal, scenarios, files, options.concurrent, options.ready_after)
        simulator = Simulator(service, files, scenarios, journal)
        api = Server(options.port, "api", simulator)
        ready = {"port": api.server_port}
        servers = [api]
        if options.provider != "gemini":
            servers.append(Server(0, "file", simulator))
            ready["file_port"] = files.port = servers[1].server_port
        if isinstance(service, Bfl):
            service.port = api.server_port
        for server in servers:
            threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True).start()
        threading.Thread(target=until_stdin_ends, args=(stop,), daemon=True).start()
        print(json.dumps(ready), flush=True)
        stop.wait()
        simulator.stopping.set()
    sys.stderr.flush()
    # Requests that are still held must not keep the process.
    os._exit(0)


def until_stdin_ends(stop: threading.Event) -> None:
    """Ends with the parent: its end of the pipe closes. `/dev/null` never was one."""
    with contextlib.suppress(OSError, ValueError):
        mode = os.fstat(0).st_mode
        if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(0)):
            return
        while os.read(0, 4096):
            pass
        stop.set()


if __name__ == "__main__":
    main()
