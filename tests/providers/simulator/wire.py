"""HTTP/1.1 on loopback: reads whole requests within a bound of memory, and sends answers, broken
ones included: latency, stalls, resets, short bodies, chunks without end, compression nobody asked
for."""

from __future__ import annotations

import contextlib
import gzip
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from email.utils import formatdate
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .app import Outcome, Simulator
from .call import Reply
from .scenarios import Scene, named

_LONGEST_BODY = 160 * 1024 * 1024
_BODIES_AT_ONCE = 512 * 1024 * 1024
_HOLD_SECONDS = 600.0
_PAUSE = 0.05
_BLOCK = 64 * 1024


class Budget:
    """Bytes of bodies that may be in memory at once; who comes later waits."""

    def __init__(self, total: int) -> None:
        self._left = total
        self._changed = threading.Condition()

    @contextlib.contextmanager
    def of(self, size: int) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: self._left >= size)
            self._left -= size
        try:
            yield
        finally:
            with self._changed:
                self._left += size
                self._changed.notify_all()


class Server(ThreadingHTTPServer):
    """A port of a simulator: `api` or `file`."""

    daemon_threads = True
    request_queue_size = 512
    budget = Budget(_BODIES_AT_ONCE)

    def __init__(self, port: int, name: str, simulator: Simulator) -> None:
        self.port_name = name
        self.simulator = simulator
        super().__init__(("127.0.0.1", port), Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is part of the game."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Server
    protocol_version = "HTTP/1.1"
    #: What is not yet logged as ended.
    _open: Outcome | None = None

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        if size > _LONGEST_BODY:
            self._send(Reply(413, b"{}"), [])
            self.close_connection = True
            return
        with self.server.budget.of(size):
            raw = self._chunks() if self.headers.get("Transfer-Encoding") else self.rfile.read(size)
            outcome = self._ask(raw)
            del raw
        self._tell(outcome)

    def do_GET(self) -> None:
        self._tell(self._ask(b""))

    do_HEAD = do_GET
    do_PUT = do_POST
    do_DELETE = do_POST

    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing on standard error: the journal has it."""

    def _ask(self, raw: bytes) -> Outcome:
        simulator = self.server.simulator
        if self.path.startswith("/_"):
            return Outcome(0, simulator.control(self.command, self.path, raw), [])
        return simulator.serve(self.server.port_name, self.command, self.path, self.headers, raw)

    def _tell(self, outcome: Outcome) -> None:
        status = None
        self._open = outcome if outcome.number else None
        try:
            if outcome.reply is None:
                self._reset()
            else:
                status = self._send(outcome.reply, outcome.scenes, outcome.releases)
        except OSError:
            self.close_connection = True
        finally:
            self._end(status)

    def _end(self, status: int | None) -> None:
        """Logs the end, once: before the last bytes, so that who has them finds it in the log."""
        if self._open is not None:
            note = self._open.reply.note if self._open.reply else {}
            self.server.simulator.journal.done(self._open.number, status, **note)
            self._open = None

    def _chunks(self) -> bytes:
        body = bytearray()
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
            if len(body) > _LONGEST_BODY:
                break
        self.rfile.readline()
        return bytes(body)

    def _send(self, reply: Reply, scenes: list[Scene], releases: int = 0) -> int | None:
        """Sends the answer as the scenes say; gives the status that the client could see."""
        stopping = self.server.simulator.stopping
        if latency := named(scenes, "latency"):
            stopping.wait(latency.number(1.0))
        if named(scenes, "hold"):
            self.server.simulator.hold(releases)
        if named(scenes, "stall"):
            self._hold()
            return None
        if named(scenes, "reset-after-accept"):
            self._reset()
            return None
        if reply.events is not None:
            self._send_events(reply, named(scenes, "sse-cut"))
            return reply.status
        body, headers = reply.body, dict(reply.headers)
        if named(scenes, "gzip"):
            body = gzip.compress(body, 1)
            headers["Content-Encoding"] = "gzip"
        if self.command == "HEAD":
            self._end(reply.status)
            self._write_head(reply, {**headers, "Content-Length": str(len(body))})
        elif named(scenes, "chunked-no-end"):
            self._write_head(reply, {**headers, "Transfer-Encoding": "chunked"})
            self._end(reply.status)
            self._write(b"%x\r\n%b\r\n" % (len(body), body))
            self.close_connection = True
        elif huge := named(scenes, "huge"):
            self._send_huge(reply, headers, int(huge.number(50) * 1024 * 1024))
        elif named(scenes, "reset-after"):
            self._end(reply.status)
            self._write_head(reply, {**headers, "Content-Length": str(len(body))})
            time.sleep(_PAUSE)
            self._reset()
        elif named(scenes, "stall-body"):
            self._write_head(reply, {**headers, "Content-Length": str(len(body))})
            self._write(body[: len(body) // 2])
            self._hold()
        elif named(scenes, "truncated"):
            self._write_head(reply, {**headers, "Content-Length": str(len(body) + 1000)})
            self._end(reply.status)
            self._write(body)
            self.close_connection = True
        else:
            self._end(reply.status)
            self._write_head(reply, {**headers, "Content-Length": str(len(body))}, body)
        return reply.status

    def _send_events(self, reply: Reply, cut: Scene | None) -> None:
        self._write_head(reply, {"Transfer-Encoding": "chunked", "Cache-Control": "no-cache"})
        frames = reply.events or []
        if cut is not None:
            whole = b"".join(frames)
            place = int(cut.number(0))
            frames = [part for part in (whole[:place], whole[place:]) if part]
        for index, frame in enumerate(frames):
            if index and cut is not None:
                time.sleep(_PAUSE)
            if index + 1 == len(frames):
                self._end(reply.status)
            self._write(b"%x\r\n%b\r\n" % (len(frame), frame))
        self._write(b"0\r\n\r\n")

    def _send_huge(self, reply: Reply, headers: dict[str, str], size: int) -> None:
        """A valid answer with very much of something that nobody needs."""
        if reply.content_type == "application/json":
            start, end, filling = reply.body[:-1] + b',"padding":"', b'"}', b"x"
        else:
            start, end, filling = reply.body, b"", b"\0"
        total = len(start) + size + len(end)
        self._write_head(reply, {**headers, "Content-Length": str(total)}, start)
        self._end(reply.status)
        block = filling * _BLOCK
        for done in range(0, size, _BLOCK):
            self._write(block[: min(_BLOCK, size - done)])
        self._write(end)

    def _write_head(self, reply: Reply, headers: dict[str, str], body: bytes = b"") -> None:
        lines = [
            f"HTTP/1.1 {reply.status} {responses.get(reply.status, '')}",
            f"Date: {formatdate(usegmt=True)}",
            f"Content-Type: {reply.content_type}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
        if len(body) < _BLOCK:
            self._write(head + body)
        else:
            self._write(head)
            self._write(body)

    def _write(self, data: bytes) -> None:
        self.connection.sendall(data)

    def _reset(self) -> None:
        """Ends the connection with RST instead of FIN."""
        self._end(None)
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())

    def _hold(self) -> None:
        """Says nothing more until the client goes away."""
        self.close_connection = True
        self.connection.settimeout(0.2)
        ends = time.monotonic() + _HOLD_SECONDS
        while time.monotonic() < ends and not self.server.simulator.stopping.is_set():
            try:
                if not self.connection.recv(1, socket.MSG_PEEK):
                    return
            except TimeoutError:
                continue
            time.sleep(_PAUSE)
