"""The client that integrations share: finds or starts the daemon, calls its methods, sends pixels
and follows jobs. Blocking; it holds no state of a job, so it can be thrown away at any moment.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Callable

from . import daemon, messages
from .errors import EaselError, UnreachableError
from .messages import Bytes, Pixels, Request, Response
from .protocol import (
    Ask,
    BlobId,
    BlobInfo,
    Event,
    EventPage,
    Methods,
    PixelFormat,
    ServerInfo,
    TransformRecord,
)
from .transport import HttpTransport, Transport

#: So many uploads are remembered.
_REMEMBERED = 256
#: How long a daemon may take to start, in seconds.
_START = 30.0
#: Between two tries, in seconds.
_PAUSE = 0.1
#: How long one question for events waits, in milliseconds.
_WAIT_MS = 20_000
_FINAL = ("done", "failed", "cancelled")


class Client(Methods):
    """A connection to the daemon of this user. Made without one running: calls raise
    `UnreachableError` until there is one.
    """

    def __init__(
        self,
        data_dir: str | Path | None = None,
        *,
        program: str | None = None,
        transport: Callable[[int, str], Transport] = HttpTransport,
    ) -> None:
        """`data_dir`: the daemon's folder, where it is not the usual one. `program`: the file
        to start, instead of the `easel` on `PATH`. `transport`: made of port and token.
        """
        self.data_dir = daemon.data_dir() if data_dir is None else Path(data_dir).absolute()
        # Told to a daemon only where it would take another one: `--data-dir` moves its
        # configuration too.
        self._explicit = data_dir is not None
        self._program = program
        self._make_transport = transport
        self._transport: Transport | None = None
        self._uploads: OrderedDict[tuple[object, ...], BlobId] = OrderedDict()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends what is open. The daemon goes on; so does the client, with the next call."""
        transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()

    # The daemon.

    def start(self) -> ServerInfo:
        """Makes sure that a daemon runs, and says what it is."""
        try:
            return self.server_info()
        except UnreachableError:
            process = daemon.spawn(self.data_dir, self._program, self._explicit)
        deadline = time.monotonic() + _START
        ended = False
        while True:
            try:
                return self.server_info()
            except UnreachableError:
                if time.monotonic() > deadline:
                    break
            if not ended and process.poll() is not None:
                # Somebody else may have started one at the same moment, and it needs its time.
                ended = True
                deadline = min(deadline, time.monotonic() + 2)
            time.sleep(_PAUSE / 2)
        if ended:
            reason = daemon.last_error(self.data_dir)
            raise UnreachableError(f"the daemon ended at once: {reason}", "`easel serve` shows why")
        log = daemon.log_path(self.data_dir)
        raise UnreachableError("the daemon does not answer", f"its log is `{log}`")

    def call(self, name: str, params: Mapping[str, Any] | None = None) -> Any:
        """Calls a method by its name on the wire."""
        return messages.result(self._send(messages.call(name, params or {})))

    def _call(self, name: str, params: dict[str, Any]) -> Any:
        return self.call(name, params)

    # Pixels.

    def put_pixels(
        self, rows: Bytes, format: PixelFormat, width: int, height: int, icc: BlobId | None = None
    ) -> BlobInfo:
        """Makes raw rows a blob: top to bottom, tightly packed, straight alpha, samples of more
        than one byte little-endian. Rows that were sent before are not sent again.
        """
        return self._put(messages.put_pixels(rows, format, width, height, icc))

    def put_file(self, file: str | Path | bytes, *, as_mask: bool = False) -> BlobInfo:
        """Makes an encoded picture (PNG, JPEG, WebP, TIFF) a blob, from a path or its bytes."""
        if isinstance(file, bytes):
            return self._put(messages.put_file(file, as_mask))
        try:
            content = Path(file).read_bytes()
        except OSError as error:
            raise EaselError("invalid_request", f"cannot read `{file}`: {error}") from error
        return self._put(messages.put_file(content, as_mask))

    def put_icc(self, profile: bytes) -> BlobInfo:
        """Makes an ICC profile a blob; its id goes with the rows that it belongs to."""
        return self._put(messages.put_icc(profile))

    def blob_info(self, blob: BlobId) -> BlobInfo:
        """What is known of a blob."""
        info: BlobInfo = messages.document(self._send(messages.blob(blob, "info")))
        return info

    def pixels(self, blob: BlobId, format: PixelFormat | None = None) -> Pixels:
        """The rows of a picture, as they are stored or in the format that an editor wants."""
        return messages.pixels(self._send(messages.blob(blob, "pixels", format=format)))

    def preview(self, blob: BlobId, max: int = 512) -> bytes:
        """A small PNG in sRGB for a screen; no side is longer than `max` pixels, up to 2048."""
        return messages.content(self._send(messages.blob(blob, "preview", max=max)))

    def _put(self, request: Request) -> BlobInfo:
        # BLAKE3, by which blobs are named, is not in the standard library. Two contents that share
        # a key would need a collision of BLAKE2.
        digest = hashlib.blake2b(request.body, digest_size=32).digest()
        key = (request.path, request.content_type, digest)
        known = self._uploads.get(key)
        if known is not None:
            try:
                stored = self.blob_info(known)
                self._remember(key, known)
                return stored
            except EaselError as error:
                if error.kind != "not_found":
                    raise
        info: BlobInfo = messages.document(self._send(request))
        self._remember(key, info["id"])
        return info

    def _remember(self, key: tuple[object, ...], blob: BlobId) -> None:
        self._uploads.pop(key, None)
        self._uploads[key] = blob
        while len(self._uploads) > _REMEMBERED:
            self._uploads.popitem(last=False)

    # Transforms.

    def submit(self, ask: Ask, key: str | None = None, patience: float = 30.0) -> TransformRecord:
        """Submits a transform once, however often the connection is lost meanwhile: every try
        carries the same key. `patience`: how long to try, in seconds.
        """
        request = messages.call("transform.submit", {"key": key or uuid.uuid4().hex, "ask": ask})
        record: TransformRecord = messages.result(self._send(request, patience))
        return record

    def cancel(self, transform: str) -> TransformRecord:
        """Asks every job of a transform that has not ended to stop."""
        for job in self.transform_get(id=transform)["jobs"]:
            if job["state"] in _FINAL:
                continue
            try:
                self.job_cancel(id=job["id"])
            except EaselError as error:
                # It may have ended in between.
                if error.kind != "invalid_request":
                    raise
        return self.transform_get(id=transform)

    def events(self, after: int = 0, transform: str | None = None, wait_ms: int = 0) -> EventPage:
        """The events after a number; waits for the first one for so many milliseconds."""
        return self._events(after, transform, wait_ms, 0)

    def follow(self, transform: str, after: int = 0, patience: float = 60.0) -> Iterator[Event]:
        """The events of a transform until all its jobs have ended, those that were before this
        call included. A daemon that ends meanwhile may take `patience` seconds to come back.
        """
        unfinished = self._unfinished(transform, patience)
        while True:
            asked = time.monotonic()
            page = self._events(after, transform, _WAIT_MS if unfinished else 0, patience)
            for event in page["events"]:
                if event["event"] in _FINAL:
                    unfinished.discard(event["job"])
                else:
                    # A job that was retried lives again.
                    unfinished.add(event["job"])
                after = event["seq"]
                yield event
            if page["events"]:
                continue
            if not unfinished:
                return
            if time.monotonic() - asked < _PAUSE:
                # A daemon that is about to end answers at once.
                time.sleep(_PAUSE)
            unfinished = self._unfinished(transform, patience)

    def _events(
        self, after: int, transform: str | None, wait_ms: int, patience: float
    ) -> EventPage:
        params: dict[str, Any] = {"after": after, "wait_ms": wait_ms}
        if transform is not None:
            params["transform"] = transform
        page: EventPage = messages.result(self._send(messages.call("job.events", params), patience))
        return page

    def _unfinished(self, transform: str, patience: float) -> set[str]:
        request = messages.call("transform.get", {"id": transform})
        record: TransformRecord = messages.result(self._send(request, patience))
        return {job["id"] for job in record["jobs"] if job["state"] not in _FINAL}

    # The connection.

    def _send(self, request: Request, patience: float = 0.0) -> Response:
        """Sends a request to the daemon that runs now. One that was restarted is found again;
        one that is away is waited for.
        """
        deadline = time.monotonic() + patience
        while True:
            was_connected = self._transport is not None
            try:
                response = self._connect().request(request)
            except UnreachableError as error:
                self.close()
                harmless = request.repeatable or not error.sent
                # A connection from earlier says nothing of the daemon that may run now.
                if harmless and (was_connected or time.monotonic() < deadline):
                    if not was_connected:
                        time.sleep(_PAUSE)
                    continue
                raise
            if response.status == 401:
                # The token is another one by now; the next call reads it anew.
                self.close()
            return response

    def _connect(self) -> Transport:
        transport = self._transport
        if transport is None:
            endpoint = daemon.read_endpoint(self.data_dir)
            transport = self._make_transport(endpoint.port, endpoint.token)
            # The file may be older than the last crash, and the port another program's by now.
            try:
                question = messages.call("server.info", {})._replace(timeout=_START)
                info: ServerInfo = messages.result(transport.request(question))
                found = info["pid"] == endpoint.pid
            except UnreachableError:
                raise
            except (EaselError, KeyError, TypeError) as error:
                transport.close()
                message = f"something else answers on the daemon's port: {error}"
                raise UnreachableError(message, "`easel serve` starts a daemon") from error
            if not found:
                transport.close()
                raise UnreachableError("no daemon is running", "`easel serve` starts one")
            self._transport = transport
        return transport
