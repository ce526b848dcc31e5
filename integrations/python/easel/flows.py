"""What a client does, step by step, without a connection: each flow is a generator that yields
what it needs (`Send`, `Pause`, `Digest`) and what it has to tell (`Tell`), and is given the
answers. A blocking client, a Qt event loop and threads all drive the same flows.
"""

from __future__ import annotations

import hashlib
import time
import uuid
from collections import OrderedDict
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, Union

from . import daemon, messages
from .daemon import Endpoint
from .errors import EaselError, UnreachableError
from .messages import Bytes, Pixels, Request, Response
from .protocol import (
    Ask,
    BlobId,
    BlobInfo,
    EventPage,
    RecipeRunParams,
    RunRecord,
    ServerInfo,
    TransformRecord,
)

#: So many uploads are remembered.
_REMEMBERED = 256
#: How long a daemon may take to start, in seconds.
_START = 30.0
#: Between two tries, in seconds.
_PAUSE = 0.1
#: How long one question for events waits, in milliseconds.
_WAIT_MS = 20_000
#: How long one question for a recipe's run waits: it is answered when that has ended, or then.
_RUN_MS = 500
#: A job in one of these states changes no more, unless it is retried.
FINAL = ("done", "failed", "cancelled")
#: Events that say nothing of where a job stands.
_BESIDE = ("discarded", "restored")


class Send(NamedTuple):
    """Asks for an answer to a request: a `Response`, or `UnreachableError` is thrown in."""

    endpoint: Endpoint
    request: Request


class Pause(NamedTuple):
    """Asks to go on later."""

    seconds: float


class Digest(NamedTuple):
    """Asks for the BLAKE2 hash of a body, which takes a while for a large one."""

    body: Bytes


class Tell(NamedTuple):
    """Hands something to whoever waits for it, such as an event."""

    value: Any


Effect = Union[Send, Pause, Digest, Tell]
T = TypeVar("T")
Flow = Generator[Effect, Any, T]


def digest(body: Bytes) -> bytes:
    """The answer to `Digest`. BLAKE3, by which blobs are named, is not in the standard library."""
    return hashlib.blake2b(body, digest_size=32).digest()


class Session:
    """What is known of the daemon of one data folder: how to reach it, and what it was sent."""

    def __init__(self, data_dir: str | Path | None = None, program: str | None = None) -> None:
        """`data_dir`: the daemon's folder, where it is not the usual one. `program`: the file
        to start, instead of the one that was installed with this client or the `easel` on `PATH`.
        """
        self.data_dir = daemon.data_dir() if data_dir is None else Path(data_dir).absolute()
        # Told to a daemon only where it would take another one: `--data-dir` moves its
        # configuration too.
        self._explicit = data_dir is not None
        self._program = program
        #: The daemon that answered last.
        self.endpoint: Endpoint | None = None
        #: A daemon that went away while it was waited for is started again.
        self.revive = False
        self._uploads: OrderedDict[tuple[object, ...], BlobId] = OrderedDict()

    # The connection.

    def start(self) -> Flow[ServerInfo]:
        """Makes sure that a daemon runs, and says what it is."""
        try:
            return (yield from self.call("server.info"))
        except UnreachableError:
            process = daemon.spawn(self.data_dir, self._program, self._explicit)
        deadline = time.monotonic() + _START
        ended = False
        while True:
            try:
                return (yield from self.call("server.info"))
            except UnreachableError:
                if time.monotonic() > deadline:
                    break
            if not ended and process.poll() is not None:
                # Somebody else may have started one at the same moment, and it needs its time.
                ended = True
                deadline = min(deadline, time.monotonic() + 2)
            yield Pause(_PAUSE / 2)
        if ended:
            reason = daemon.last_error(self.data_dir)
            raise UnreachableError(f"the daemon ended at once: {reason}", "`easel serve` shows why")
        log = daemon.log_path(self.data_dir)
        raise UnreachableError("the daemon does not answer", f"its log is `{log}`")

    def send(self, request: Request, patience: float = 0.0) -> Flow[Response]:
        """Sends a request to the daemon that runs now. One that was restarted is found again;
        one that is away is waited for, so many seconds.
        """
        deadline = time.monotonic() + patience
        while True:
            was_connected = self.endpoint is not None
            try:
                endpoint = yield from self._connect()
                response: Response = yield Send(endpoint, request)
            except UnreachableError as error:
                self.endpoint = None
                harmless = request.repeatable or not error.sent
                # A connection from earlier says nothing of the daemon that may run now.
                if not harmless or not (was_connected or time.monotonic() < deadline):
                    raise
                if self.revive and patience > 0:
                    try:
                        yield from self.start()
                        continue
                    except EaselError:
                        # Whoever else can start one may still do it.
                        if time.monotonic() >= deadline:
                            raise
                if not was_connected:
                    yield Pause(_PAUSE)
                continue
            if response.status == 401:
                # The token is another one by now; the next call reads it anew.
                self.endpoint = None
            return response

    def _connect(self) -> Flow[Endpoint]:
        if self.endpoint is not None:
            return self.endpoint
        endpoint = daemon.read_endpoint(self.data_dir)
        # The file may be older than the last crash, and the port another program's by now.
        try:
            question = messages.call("server.info", {})._replace(timeout=_START)
            info: ServerInfo = messages.result((yield Send(endpoint, question)))
            found = info["pid"] == endpoint.pid
        except UnreachableError:
            raise
        except (EaselError, KeyError, TypeError) as error:
            message = f"something else answers on the daemon's port: {error}"
            raise UnreachableError(message, "`easel serve` starts a daemon") from error
        if not found:
            raise UnreachableError("no daemon is running", "`easel serve` starts one")
        self.endpoint = endpoint
        return endpoint

    def call(
        self, name: str, params: Mapping[str, Any] | None = None, patience: float = 0.0
    ) -> Flow[Any]:
        """Calls a method by its name on the wire."""
        return messages.result((yield from self.send(messages.call(name, params or {}), patience)))

    # Pixels.

    def put(self, request: Request, patience: float = 0.0) -> Flow[BlobInfo]:
        """Uploads what `messages.put_pixels` and the like made, unless the daemon still has it."""
        # Two contents that share a key would need a collision of BLAKE2.
        key = (request.path, request.content_type, (yield Digest(request.body)))
        known = self._uploads.get(key)
        if known is not None:
            try:
                response = yield from self.send(messages.blob(known, "info"), patience)
                stored: BlobInfo = messages.document(response)
                self._remember(key, known)
                return stored
            except EaselError as error:
                if error.kind != "not_found":
                    raise
        info: BlobInfo = messages.document((yield from self.send(request, patience)))
        self._remember(key, info["id"])
        return info

    def _remember(self, key: tuple[object, ...], blob: BlobId) -> None:
        self._uploads.pop(key, None)
        self._uploads[key] = blob
        while len(self._uploads) > _REMEMBERED:
            self._uploads.popitem(last=False)

    def pixels(self, blob: BlobId, format: Any = None, patience: float = 0.0) -> Flow[Pixels]:
        """The rows of a picture, as they are stored or in the format that an editor wants."""
        request = messages.blob(blob, "pixels", format=format)
        return messages.pixels((yield from self.send(request, patience)))

    def preview(self, blob: BlobId, max: int = 512) -> Flow[bytes]:
        """A small PNG in sRGB for a screen; no side is longer than `max` pixels, up to 2048."""
        return messages.content((yield from self.send(messages.blob(blob, "preview", max=max))))

    # Transforms.

    def submit(
        self, ask: Ask, key: str | None = None, patience: float = 30.0
    ) -> Flow[TransformRecord]:
        """Submits a transform once, however often the connection is lost meanwhile: every try
        carries the same key. `patience`: how long to try, in seconds.
        """
        params = {"key": key or uuid.uuid4().hex, "ask": ask}
        return (yield from self.call("transform.submit", params, patience))

    def cancel(self, transform: str) -> Flow[TransformRecord]:
        """Asks every job of a transform that has not ended to stop."""
        for job in (yield from self.call("transform.get", {"id": transform}))["jobs"]:
            if job["state"] in FINAL:
                continue
            try:
                yield from self.call("job.cancel", {"id": job["id"]})
            except EaselError as error:
                # It may have ended in between.
                if error.kind != "invalid_request":
                    raise
        return (yield from self.call("transform.get", {"id": transform}))

    def events(
        self, after: int, transform: str | None, wait_ms: int, patience: float = 0.0
    ) -> Flow[EventPage]:
        """The events after a number; waits for the first one for so many milliseconds."""
        params: dict[str, Any] = {"after": after, "wait_ms": wait_ms}
        if transform is not None:
            params["transform"] = transform
        return (yield from self.call("job.events", params, patience))

    def follow(self, transform: str, after: int = 0, patience: float = 60.0) -> Flow[None]:
        """Tells the events of a transform until all its jobs have ended, those that were before
        this call included. A daemon that ends meanwhile may take `patience` seconds to come back.
        """
        unfinished = yield from self._unfinished(transform, patience)
        while True:
            asked = time.monotonic()
            wait = _WAIT_MS if unfinished else 0
            page = yield from self.events(after, transform, wait, patience)
            for event in page["events"]:
                if event["event"] in FINAL:
                    unfinished.discard(event["job"])
                elif event["event"] not in _BESIDE:
                    # A job that was retried lives again.
                    unfinished.add(event["job"])
                after = event["seq"]
                yield Tell(event)
            if page["events"]:
                continue
            if not unfinished:
                return
            if time.monotonic() - asked < _PAUSE:
                # A daemon that is about to end answers at once.
                yield Pause(_PAUSE)
            unfinished = yield from self._unfinished(transform, patience)

    # Recipes.

    def run_recipe(self, params: RecipeRunParams, patience: float = 30.0) -> Flow[RunRecord]:
        """Runs a recipe on a picture once, however often the connection is lost meanwhile: every
        try carries the key of `params`, which gets one where it has none.
        """
        params.setdefault("key", uuid.uuid4().hex)
        return (yield from self.call("recipe.run", params, patience))

    def follow_run(self, run: str, patience: float = 60.0) -> Flow[RunRecord]:
        """Tells how a recipe's run stands, at once and whenever that has changed, and gives how it
        ended. A daemon that ends meanwhile may take `patience` seconds to come back.
        """
        told: RunRecord | None = None
        while True:
            asked = time.monotonic()
            params = {"id": run, "wait_ms": 0 if told is None else _RUN_MS}
            record: RunRecord = yield from self.call("run.get", params, patience)
            if record != told:
                yield Tell(record)
            if record["state"] in FINAL:
                return record
            if told is not None and time.monotonic() - asked < _PAUSE:
                # A daemon that is about to end answers at once.
                yield Pause(_PAUSE)
            told = record

    def _unfinished(self, transform: str, patience: float) -> Flow[set[str]]:
        record = yield from self.call("transform.get", {"id": transform}, patience)
        return {job["id"] for job in record["jobs"] if job["state"] not in FINAL}
