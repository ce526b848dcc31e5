"""Runs the client's flows on Krita's own event loop: requests by QNetworkAccessManager, pauses by
timers, hashes a piece a turn. No thread, no blocking call, and nothing here knows of pictures.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from typing import Any, cast

from .easel.daemon import Endpoint
from .easel.errors import EaselError, UnreachableError
from .easel.flows import Digest, Flow, Pause, Send, T, Tell
from .easel.messages import Bytes, Request, Response
from .easel.protocol import RAW_PIXELS
from .qt import (
    QByteArray,
    QNetworkAccessManager,
    QNetworkProxy,
    QNetworkReply,
    QNetworkRequest,
    QObject,
    QTimer,
    QUrl,
)
from .safe import fault, safely
from .upload import Upload

#: So much is hashed in one turn of the event loop: about 5 ms.
_PIECE = 4 << 20
#: A call that may take longer than this waits for something to happen.
_WAITS = 121.0
#: A body that goes out as one packet, and one that goes out by a socket of its own.
_SMALL = 64 << 10
_LARGE = 1 << 20
_HINT = "`easel doctor` looks for the reason, `easel serve` starts a daemon"


class QtDriver(QObject):
    """Runs flows beside Krita's work. What it calls, it calls from the event loop."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # Qt keeps six connections to a host. Questions that wait for events may take them all,
        # so they have a manager of their own.
        self._quick = self._manager()
        self._waiting = self._manager()
        self._running: set[_Run] = set()

    def _manager(self) -> QNetworkAccessManager:
        manager = QNetworkAccessManager(self)
        # A proxy of the system is not meant for this machine.
        manager.setProxy(QNetworkProxy(QNetworkProxy.ProxyType.NoProxy))
        return manager

    def run(
        self,
        flow: Flow[T],
        done: Callable[[T], None],
        failed: Callable[[EaselError], None],
        told: Callable[[Any], None] | None = None,
    ) -> _Run:
        """Runs a flow; `told` is given what it tells on the way."""
        running = _Run(self, flow, done, failed, told)
        self._running.add(running)
        running.go_on_after(0)
        return running

    def after(self, seconds: float, call: Callable[[], None]) -> Later:
        """Calls once, later."""
        return Later(self, seconds, call)

    def close(self) -> None:
        """Ends everything that runs here; the daemon goes on without."""
        for running in list(self._running):
            running.stop()

    def ended(self, running: _Run) -> None:
        """Forgets a flow."""
        self._running.discard(running)

    def begin(self, endpoint: Endpoint, request: Request, body: QByteArray) -> QNetworkReply:
        """Sends a request."""
        address = QUrl(f"http://127.0.0.1:{endpoint.port}")
        path, _, query = request.path.partition("?")
        address.setPath(path, QUrl.ParsingMode.StrictMode)
        if query:
            address.setQuery(query, QUrl.ParsingMode.StrictMode)
        asked = QNetworkRequest(address)
        asked.setRawHeader(b"Authorization", f"Bearer {endpoint.token}".encode())
        if request.content_type is not None:
            asked.setRawHeader(b"Content-Type", request.content_type.encode())
        waits = request.path == "/rpc" and request.timeout > _WAITS
        manager = self._waiting if waits else self._quick
        if request.method == "GET":
            return cast("QNetworkReply", manager.get(asked))
        if body.size() < _SMALL:
            # Qt sends head and body apart, and on a kept connection the second waits until the
            # system has confirmed the first: 40 ms. A new connection costs none.
            asked.setRawHeader(b"Connection", b"close")
        if request.method == "PUT":
            return cast("QNetworkReply", manager.put(asked, body))
        return cast("QNetworkReply", manager.post(asked, body))


class Later:
    """A call that waits."""

    def __init__(self, parent: QObject, seconds: float, call: Callable[[], None]) -> None:
        self._timer: QTimer | None = QTimer(parent)
        self._timer.setSingleShot(True)
        # A function keeps this object alive; of a method Qt would not.
        self._timer.timeout.connect(lambda: self._now())
        self._call = safely(call)
        self._timer.start(max(0, round(seconds * 1000)))

    def _now(self) -> None:
        self.stop()
        self._call()

    def stop(self) -> None:
        """It is not called any more."""
        timer, self._timer = self._timer, None
        if timer is not None:
            timer.stop()
            timer.deleteLater()


class _Run:
    """A flow that runs."""

    def __init__(
        self,
        driver: QtDriver,
        flow: Flow[Any],
        done: Callable[[Any], None],
        failed: Callable[[EaselError], None],
        told: Callable[[Any], None] | None,
    ) -> None:
        self._driver = driver
        self._flow = flow
        self._done, self._failed, self._told = done, failed, told
        self._stopped = False
        self._later: Later | None = None
        self._reply: QNetworkReply | Upload | None = None
        self._port = 0

    def stop(self) -> None:
        """Ends it: nothing of it is heard any more."""
        if self._stopped:
            return
        self._end()
        with contextlib.suppress(ValueError):
            # One that stops itself, from what it told, cannot be closed now: it is closed later.
            self._flow.close()

    def _end(self) -> None:
        self._stopped = True
        if self._later is not None:
            self._later.stop()
        reply, self._reply = self._reply, None
        if isinstance(reply, Upload):
            reply.stop()
        elif reply is not None:
            reply.abort()
            reply.deleteLater()
        self._driver.ended(self)

    def go_on_after(self, seconds: float, answer: Any = None) -> None:
        """Goes on later with an answer to what the flow asked for."""
        self._later = self._driver.after(seconds, lambda: self._go_on(answer))

    def _go_on(self, answer: Any = None, failure: EaselError | None = None) -> None:
        while not self._stopped:
            try:
                effect = self._flow.send(answer) if failure is None else self._flow.throw(failure)
            except StopIteration as end:
                self._end()
                safely(self._done)(end.value)
                return
            except EaselError as error:
                self._end()
                safely(self._failed)(error)
                return
            except Exception as error:
                # The panel must not wait for ever.
                self._end()
                fault(error)
                message = f"a fault in the plugin: {type(error).__name__}: {error}"
                safely(self._failed)(EaselError("internal", message, "please report it"))
                return
            answer, failure = None, None
            if isinstance(effect, Tell):
                if self._told is not None:
                    safely(self._told)(effect.value)
            elif isinstance(effect, Digest):
                if memoryview(effect.body).nbytes > _PIECE:
                    self._hash(_Hash(effect.body))
                    return
                answer = hashlib.blake2b(effect.body, digest_size=32).digest()
            elif isinstance(effect, Pause):
                self.go_on_after(effect.seconds)
                return
            else:
                self._send(effect)
                return
        if self._stopped:
            self._flow.close()

    def _hash(self, hash: _Hash) -> None:
        if hash.turn():
            self._later = self._driver.after(0, lambda: self._hash(hash))
        else:
            self._go_on(hash.digest())

    def _send(self, effect: Send) -> None:
        self._port = effect.endpoint.port
        body = as_qt(effect.request.body)
        if body.size() >= _LARGE and effect.request.method == "PUT":
            upload = Upload(self._driver, *effect, body, self._uploaded)
            self._reply = upload
            self._later = self._driver.after(effect.request.timeout, upload.abort)
            return
        reply = self._driver.begin(effect.endpoint, effect.request, body)
        self._reply = reply
        self._later = self._driver.after(effect.request.timeout, reply.abort)
        # A function keeps this object alive; a method would not.
        reply.finished.connect(lambda: self._answered(reply))

    def _uploaded(self, response: Response | None, text: str, sent: bool) -> None:
        self._reply = None
        if self._later is not None:
            self._later.stop()
        if response is None:
            self._go_on(None, self._unreachable(text, sent))
        else:
            self._go_on(response)

    def _unreachable(self, text: str, sent: bool) -> UnreachableError:
        message = f"the daemon on port {self._port} cannot be reached: {text or 'no answer'}"
        return UnreachableError(message, _HINT, sent=sent)

    def _answered(self, reply: QNetworkReply) -> None:
        if self._reply is not reply or self._stopped:
            return
        self._reply = None
        if self._later is not None:
            self._later.stop()
        status = reply.attribute(QNetworkRequest.Attribute.HttpStatusCodeAttribute)
        error = reply.error()
        # An answer that was cut short has a status too.
        whole = error == QNetworkReply.NetworkError.NoError or _is_about_content(error)
        if status is not None and whole:
            response = _response(reply, int(status))
            reply.deleteLater()
            self._go_on(response)
            return
        refused = error == QNetworkReply.NetworkError.ConnectionRefusedError
        text = reply.errorString()
        reply.deleteLater()
        self._go_on(None, self._unreachable(text, not refused))


class _Hash:
    """A hash that is made over several turns."""

    def __init__(self, body: Bytes) -> None:
        self._rest = memoryview(body).cast("B")
        self._hash = hashlib.blake2b(digest_size=32)

    def turn(self) -> bool:
        """Hashes a piece; whether there is more."""
        self._hash.update(self._rest[:_PIECE])
        self._rest = self._rest[_PIECE:]
        return len(self._rest) > 0

    def digest(self) -> bytes:
        """The hash."""
        return self._hash.digest()


def as_qt(body: Bytes) -> QByteArray:
    """Bytes as Qt takes them, without a copy where they came from Qt."""
    if isinstance(body, memoryview) and isinstance(body.obj, QByteArray):
        return body.obj
    return QByteArray(bytes(body))


def _is_about_content(error: Any) -> bool:
    """Whether it is a status of the daemon's, which Qt counts as errors too."""
    value = error.value if hasattr(error, "value") else int(error)
    return 201 <= int(value) < 500


def _response(reply: QNetworkReply, status: int) -> Response:
    headers = {
        bytes(name).decode("latin-1").lower(): bytes(value).decode("latin-1")
        for name, value in reply.rawHeaderPairs()
    }
    body = reply.readAll()
    if headers.get("content-type", "").startswith(RAW_PIXELS):
        # Rows go on to Krita as Qt has them: copying 64 MiB takes longer than a frame.
        return Response(status, headers, cast("bytes", memoryview(body)))
    return Response(status, headers, bytes(body))
