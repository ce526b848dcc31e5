"""Sends a large body over a socket of its own. QNetworkAccessManager hands an upload to its thread
16 KiB at a time, each time through Krita's event loop: 0.3 s for a layer of 4096×4096 pixels, where
the daemon needs 0.1 s. It knows one request and its answer, and nothing else of HTTP.
"""

from __future__ import annotations

import http.client
import io
from collections.abc import Callable
from typing import Any

from .easel.daemon import Endpoint
from .easel.messages import Request, Response
from .qt import QAbstractSocket, QByteArray, QNetworkProxy, QObject, QTcpSocket
from .safe import safely

#: So much is handed to the socket at a time, and so much may wait in it.
_PIECE = 1 << 20
_WAITING = 2 << 20


class Upload:
    """One request. `done` is given its answer, or what went wrong and whether it was sent."""

    def __init__(
        self,
        parent: QObject,
        endpoint: Endpoint,
        request: Request,
        body: QByteArray,
        done: Callable[[Response | None, str, bool], None],
    ) -> None:
        self._endpoint, self._request, self._body, self._done = endpoint, request, body, done
        self._sent = 0
        self._connected = False
        self._answer = bytearray()
        self._socket: QTcpSocket | None = QTcpSocket(parent)
        socket = self._socket
        socket.setProxy(QNetworkProxy(QNetworkProxy.ProxyType.NoProxy))
        # Functions keep this object alive; methods would not.
        socket.connected.connect(safely(lambda: self._begin()))
        socket.bytesWritten.connect(safely(lambda *_: self._feed()))
        socket.readyRead.connect(safely(lambda: self._read()))
        socket.disconnected.connect(safely(lambda: self._end()))
        failed = socket.errorOccurred if hasattr(socket, "errorOccurred") else socket.error
        failed.connect(safely(lambda *_: self._end()))
        socket.connectToHost("127.0.0.1", endpoint.port)

    def abort(self) -> None:
        """Ends it: `done` is told that nothing answered."""
        self._end("it took too long")

    def stop(self) -> None:
        """Ends it: `done` is not called any more."""
        socket, self._socket = self._socket, None
        if socket is not None:
            socket.abort()
            socket.deleteLater()

    def _begin(self) -> None:
        socket = self._socket
        if socket is None:
            return
        self._connected = True
        socket.setSocketOption(QAbstractSocket.SocketOption.LowDelayOption, 1)
        head = [
            f"{self._request.method} {self._request.path} HTTP/1.1",
            f"Host: 127.0.0.1:{self._endpoint.port}",
            f"Authorization: Bearer {self._endpoint.token}",
            f"Content-Type: {self._request.content_type}",
            f"Content-Length: {self._body.size()}",
            "Connection: close",
        ]
        socket.write(QByteArray(("\r\n".join(head) + "\r\n\r\n").encode()))
        self._feed()

    def _feed(self) -> None:
        socket = self._socket
        while (
            socket is not None
            and self._sent < self._body.size()
            and socket.bytesToWrite() < _WAITING
        ):
            piece = self._body.mid(self._sent, _PIECE)
            self._sent += piece.size()
            socket.write(piece)

    def _read(self) -> None:
        if self._socket is not None:
            self._answer += bytes(self._socket.readAll())

    def _end(self, reason: str = "") -> None:
        socket = self._socket
        if socket is None:
            return
        self._read()
        text = reason or socket.errorString()
        self.stop()
        # One that was refused is answered before it was sent to its end.
        response = _parsed(bytes(self._answer))
        self._done(response, text, self._connected)


class _Read:
    """Stands for a socket of which everything was read."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def makefile(self, *_: Any) -> io.BytesIO:
        """What `HTTPResponse` reads from."""
        return io.BytesIO(self._content)


def _parsed(content: bytes) -> Response | None:
    try:
        answer = http.client.HTTPResponse(_Read(content))  # type: ignore[arg-type]
        answer.begin()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Response(answer.status, headers, answer.read())
    except (http.client.HTTPException, ValueError, OSError):
        return None
