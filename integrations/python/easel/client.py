"""The blocking client: finds or starts the daemon, calls its methods, sends pixels and follows
jobs. It drives the flows and holds no state of a job, so it can be thrown away at any moment.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any, Callable

from . import messages
from .daemon import Endpoint
from .errors import EaselError, UnreachableError
from .flows import Digest, Effect, Flow, Pause, Send, Session, T, Tell, digest
from .messages import Bytes, Pixels
from .protocol import (
    Ask,
    BlobId,
    BlobInfo,
    Event,
    EventPage,
    Methods,
    PixelFormat,
    RunRecord,
    ServerInfo,
    TransformRecord,
)
from .transport import HttpTransport, Transport


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
        session: Session | None = None,
    ) -> None:
        """`data_dir`: the daemon's folder, where it is not the usual one. `program`: the file
        to start, instead of the `easel` on `PATH`. `transport`: made of port and token. `session`:
        one that other drivers share, instead of one of its own.
        """
        self.session = session or Session(data_dir, program)
        self._make_transport = transport
        self._transport: Transport | None = None
        self._reached: Endpoint | None = None

    @property
    def data_dir(self) -> Path:
        """The daemon's folder."""
        return self.session.data_dir

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends what is open. The daemon goes on; so does the client, with the next call."""
        self.session.endpoint = None
        self.hang_up()

    def start(self) -> ServerInfo:
        """Makes sure that a daemon runs, and says what it is."""
        return self.run(self.session.start())

    def call(self, name: str, params: Mapping[str, Any] | None = None) -> Any:
        """Calls a method by its name on the wire."""
        return self.run(self.session.call(name, params))

    def _call(self, name: str, params: dict[str, Any]) -> Any:
        return self.call(name, params)

    # Pixels.

    def put_pixels(
        self, rows: Bytes, format: PixelFormat, width: int, height: int, icc: BlobId | None = None
    ) -> BlobInfo:
        """Makes raw rows a blob: top to bottom, tightly packed, straight alpha, samples of more
        than one byte little-endian. Rows that were sent before are not sent again.
        """
        return self.run(self.session.put(messages.put_pixels(rows, format, width, height, icc)))

    def put_file(self, file: str | Path | bytes, *, as_mask: bool = False) -> BlobInfo:
        """Makes an encoded picture (PNG, JPEG, WebP, TIFF) a blob, from a path or its bytes."""
        content = file if isinstance(file, bytes) else messages.read_file(file)
        return self.run(self.session.put(messages.put_file(content, as_mask)))

    def put_icc(self, profile: bytes) -> BlobInfo:
        """Makes an ICC profile a blob; its id goes with the rows that it belongs to."""
        return self.run(self.session.put(messages.put_icc(profile)))

    def blob_info(self, blob: BlobId) -> BlobInfo:
        """What is known of a blob."""
        response = self.run(self.session.send(messages.blob(blob, "info")))
        info: BlobInfo = messages.document(response)
        return info

    def pixels(self, blob: BlobId, format: PixelFormat | None = None) -> Pixels:
        """The rows of a picture, as they are stored or in the format that an editor wants."""
        return self.run(self.session.pixels(blob, format))

    def preview(self, blob: BlobId, max: int = 512) -> bytes:
        """A small PNG in sRGB for a screen; no side is longer than `max` pixels, up to 2048."""
        return self.run(self.session.preview(blob, max))

    # Transforms.

    def submit(self, ask: Ask, key: str | None = None, patience: float = 30.0) -> TransformRecord:
        """Submits a transform once, however often the connection is lost meanwhile: every try
        carries the same key. `patience`: how long to try, in seconds.
        """
        return self.run(self.session.submit(ask, key, patience))

    def cancel(self, transform: str) -> TransformRecord:
        """Asks every job of a transform that has not ended to stop."""
        return self.run(self.session.cancel(transform))

    def events(self, after: int = 0, transform: str | None = None, wait_ms: int = 0) -> EventPage:
        """The events after a number; waits for the first one for so many milliseconds."""
        return self.run(self.session.events(after, transform, wait_ms))

    def follow(self, transform: str, after: int = 0, patience: float = 60.0) -> Iterator[Event]:
        """The events of a transform until all its jobs have ended, those that were before this
        call included. A daemon that ends meanwhile may take `patience` seconds to come back.
        """
        yield from self.drive(self.session.follow(transform, after, patience))

    def follow_run(self, run: str, patience: float = 60.0) -> Iterator[RunRecord]:
        """How the run of a recipe stands, at once and whenever that has changed, until it has
        ended. A daemon that ends meanwhile may take `patience` seconds to come back.
        """
        yield from self.drive(self.session.follow_run(run, patience))

    # Driving flows.

    def run(self, flow: Flow[T]) -> T:
        """Runs a flow to its end; what it tells on the way is passed over."""
        steps = self.drive(flow)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                value: T = end.value
                return value

    def drive(self, flow: Flow[T]) -> Generator[Any, None, T]:
        """Runs a flow and hands out what it tells on the way."""
        answer: Any = None
        failure: EaselError | None = None
        try:
            while True:
                try:
                    effect = flow.send(answer) if failure is None else flow.throw(failure)
                except StopIteration as end:
                    value: T = end.value
                    return value
                answer, failure = None, None
                if isinstance(effect, Tell):
                    yield effect.value
                    continue
                try:
                    answer = self._perform(effect)
                except EaselError as error:
                    failure = error
        finally:
            flow.close()

    def _perform(self, effect: Effect) -> Any:
        if isinstance(effect, Send):
            if self._transport is None or self._reached != effect.endpoint:
                self.hang_up()
                self._transport = self._make_transport(effect.endpoint.port, effect.endpoint.token)
                self._reached = effect.endpoint
            try:
                return self._transport.request(effect.request)
            except UnreachableError:
                self.hang_up()
                raise
        if isinstance(effect, Digest):
            return digest(effect.body)
        if isinstance(effect, Pause):
            time.sleep(effect.seconds)
        return None

    def hang_up(self) -> None:
        """Ends the connection; what is known of the daemon stays."""
        transport, self._transport = self._transport, None
        self._reached = None
        if transport is not None:
            transport.close()
