"""Carries requests to the daemon of this machine over kept connections. Blocking; it knows nothing
of methods. Anything else with `request` and `close` can take its place.
"""

from __future__ import annotations

import http.client
import socket
from typing import Protocol

from .errors import UnreachableError
from .messages import Request, Response

#: How long a connection to this machine may take to open, in seconds.
_CONNECT_SECONDS = 5.0
_HINT = "`easel doctor` looks for the reason, `easel serve` starts a daemon"


class Transport(Protocol):
    """What the client needs of whatever carries its requests."""

    def request(self, request: Request) -> Response:
        """Sends a request and reads its answer, whatever its status; raises `UnreachableError`."""
        ...

    def close(self) -> None:
        """Ends what is open."""


class HttpTransport:
    """HTTP/1.1 to 127.0.0.1. Never through a proxy: `http.client` knows none. Threads may share
    it: each request has a connection of its own while it lasts.
    """

    def __init__(self, port: int, token: str) -> None:
        self._port = port
        self._headers = {"Authorization": f"Bearer {token}"}
        self._idle: list[http.client.HTTPConnection] = []

    def request(self, request: Request) -> Response:
        """Sends a request and reads its answer, whatever its status; raises `UnreachableError`."""
        # A kept connection may have ended since. What must not be sent twice takes a new one.
        while request.repeatable:
            try:
                connection = self._idle.pop()
            except IndexError:
                break
            try:
                return self._exchange(connection, request)
            except socket.timeout as error:
                raise self._unreachable(error, sent=True) from error
            except (OSError, http.client.HTTPException):
                continue
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_CONNECT_SECONDS)
        try:
            connection.connect()
        except OSError as error:
            raise self._unreachable(error, sent=False) from error
        try:
            return self._exchange(connection, request)
        except (OSError, http.client.HTTPException) as error:
            raise self._unreachable(error, sent=True) from error

    def close(self) -> None:
        """Ends what is open."""
        while self._idle:
            self._idle.pop().close()

    def _exchange(self, connection: http.client.HTTPConnection, request: Request) -> Response:
        headers = dict(self._headers)
        if request.content_type is not None:
            headers["Content-Type"] = request.content_type
        body = request.body if request.method != "GET" else None
        try:
            connection.sock.settimeout(request.timeout)
            cut_short = False
            try:
                connection.request(request.method, request.path, body, headers)
            except (BrokenPipeError, ConnectionResetError):
                # A refused upload is answered before it is read to its end: the answer says why.
                cut_short = True
            answer = connection.getresponse()
            response = Response(
                answer.status,
                {name.lower(): value for name, value in answer.getheaders()},
                answer.read(),
            )
        except BaseException:
            connection.close()
            raise
        if cut_short:
            connection.close()
        # Without a socket, the daemon has ended the connection with this answer.
        if connection.sock is not None:
            self._idle.append(connection)
        return response

    def _unreachable(self, error: Exception, sent: bool) -> UnreachableError:
        what = f"the daemon on port {self._port} cannot be reached: {error or type(error).__name__}"
        return UnreachableError(what, _HINT, sent=sent)
