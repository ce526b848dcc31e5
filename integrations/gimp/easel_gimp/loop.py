"""Runs flows beside GIMP's main thread: threads wait for the daemon, the main loop of GLib goes
on, and only what it calls talks to GIMP.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from easel.errors import EaselError
from easel.flows import Flow, Session, T
from easel.panel import ThreadDriver
from gi.repository import GLib


def post(call: Callable[[], None]) -> None:
    """Calls on the main thread, later and in order."""

    def once() -> bool:
        call()
        return GLib.SOURCE_REMOVE

    GLib.idle_add(once, priority=GLib.PRIORITY_DEFAULT)


def driver(session: Session) -> ThreadDriver:
    """What runs the flows of a panel in GIMP."""
    return ThreadDriver(session, post)


def wait(
    session: Session,
    flow: Flow[T],
    told: Callable[[Any], None] | None = None,
    tick: Callable[[], None] | None = None,
) -> T:
    """Runs a flow to its end and gives what it gives, or raises what it raised. The main loop goes
    on meanwhile; `tick` is called ten times a second.
    """
    loop = GLib.MainLoop()
    given: list[T] = []
    failures: list[EaselError] = []

    def done(value: T) -> None:
        given.append(value)
        loop.quit()

    def failed(error: EaselError) -> None:
        failures.append(error)
        loop.quit()

    def ticked() -> bool:
        if tick is not None:
            tick()
        return GLib.SOURCE_CONTINUE

    timer = GLib.timeout_add(100, ticked)
    running = driver(session).run(flow, done, failed, told)
    try:
        loop.run()
    finally:
        GLib.source_remove(timer)
        running.stop()
    if failures:
        raise failures[0]
    return given[0]
