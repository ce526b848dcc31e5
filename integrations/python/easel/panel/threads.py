"""A driver for editors that let threads do the waiting: each flow runs in a thread of its own, and
whatever it calls is called on the editor's thread.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from ..client import Client
from ..errors import EaselError
from ..flows import Flow, Session, T
from ..transport import HttpTransport


class _Thread:
    """A flow that runs, or a call that waits."""

    def __init__(self) -> None:
        self.stopped = False
        self.timer: threading.Timer | None = None

    def stop(self) -> None:
        self.stopped = True
        if self.timer is not None:
            self.timer.cancel()


class ThreadDriver:
    """Runs flows in threads. `post` calls a function on the editor's thread, later and in order,
    from any thread.
    """

    def __init__(self, session: Session, post: Callable[[Callable[[], None]], Any]) -> None:
        self._session = session
        self._post = post

    def run(
        self,
        flow: Flow[T],
        done: Callable[[T], None],
        failed: Callable[[EaselError], None],
        told: Callable[[Any], None] | None = None,
    ) -> _Thread:
        """Runs a flow; `told` is given what it tells on the way."""
        running = _Thread()

        def call(callback: Callable[..., None], *values: Any) -> None:
            def now() -> None:
                # What was stopped meanwhile is not heard any more.
                if not running.stopped:
                    callback(*values)

            self._post(now)

        def work() -> None:
            # A connection of its own: a flow that waits for events holds one for long.
            client = Client(session=self._session, transport=HttpTransport)
            steps = client.drive(flow)
            try:
                while not running.stopped:
                    try:
                        value = next(steps)
                    except StopIteration as end:
                        call(done, end.value)
                        return
                    if told is not None:
                        call(told, value)
            except EaselError as error:
                call(failed, error)
            except Exception as error:
                # A thread must not end in silence: the panel would wait for ever.
                message = f"a fault in the plugin: {type(error).__name__}: {error}"
                call(failed, EaselError("internal", message, "please report it"))
            finally:
                steps.close()
                client.hang_up()

        threading.Thread(target=work, name="easel", daemon=True).start()
        return running

    def after(self, seconds: float, call: Callable[[], None]) -> _Thread:
        """Calls once, later."""
        running = _Thread()

        def now() -> None:
            if not running.stopped:
                call()

        running.timer = threading.Timer(seconds, lambda: self._post(now))
        running.timer.daemon = True
        running.timer.start()
        return running
