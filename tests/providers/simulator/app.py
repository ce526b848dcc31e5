"""One simulated service behind two ports: reads and logs a request, picks its scenes, and asks the
service or the delivery host for the answer."""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
import threading
import traceback
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl

from .call import Call, Reply, Service, json_reply
from .files import FileHost
from .journal import Journal
from .pictures import summarize
from .scenarios import REFUSALS, Scenarios, Scene, UnknownScenario

#: Pictures are decoded and drawn by so many requests at once; the others wait with small memory.
_AT_WORK = 2


@dataclass
class Outcome:
    """What the wire has to do. Without a reply the connection is reset."""

    number: int
    reply: Reply | None
    scenes: list[Scene]
    #: How often `/_control` had released when the request came.
    releases: int = 0


class Turns:
    """Lets so many work at once; the others wait in line, so that none starves."""

    def __init__(self, count: int) -> None:
        self._lock = threading.Lock()
        self._free = count
        self._line: deque[threading.Event] = deque()

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        with self._lock:
            gate = None
            if self._free:
                self._free -= 1
            else:
                gate = threading.Event()
                self._line.append(gate)
        if gate is not None:
            gate.wait()
        try:
            yield
        finally:
            with self._lock:
                if self._line:
                    self._line.popleft().set()
                else:
                    self._free += 1


class Simulator:
    """A service, its delivery host, its scenarios and its journal."""

    def __init__(
        self, service: Service, files: FileHost, scenarios: Scenarios, journal: Journal
    ) -> None:
        self.service = service
        self.files = files
        self.scenarios = scenarios
        self.journal = journal
        self.stopping = threading.Event()
        self._work = Turns(_AT_WORK)
        self._released = threading.Condition()
        self._releases = 0

    def hold(self, before: int) -> None:
        """Waits for the first `POST /_control {"release": true}` after the request was logged, or
        for the end."""
        with self._released:
            while self._releases == before and not self.stopping.is_set():
                self._released.wait(0.5)

    def _release(self) -> Reply:
        with self._released:
            self._releases += 1
            self._released.notify_all()
        return json_reply(200, {"released": self._releases})

    def serve(self, port: str, method: str, target: str, headers: Message, raw: bytes) -> Outcome:
        """Answers one request to the `api` or the `file` port."""
        path, _, query_text = target.partition("?")
        query = dict(parse_qsl(query_text, keep_blank_values=True))
        body, malformed = _parsed(raw)
        with self._work.turn():
            entry: dict[str, Any] = {
                "port": port,
                "method": method,
                "path": target,
                "headers": _listed(headers),
                "body": summarize(body) if malformed is None else {"malformed": malformed},
                "status": None,
            }
        stage = self.service.stage(method, path) if port == "api" else "file"
        prompt, seed = self.service.words(body) if stage == "submit" else ("", "")
        call = Call(0, method, path, query, headers, len(raw), body, malformed, prompt, seed)
        wrong = self._pick_scenes(call, stage, raw, target)
        if port == "file" and FileHost.leaked(headers.items(), target):
            entry["key_leaked"] = True
        if "key" in query:
            entry["key_in_url"] = True
        if stage == "submit":
            entry |= {"prompt": prompt, "seed": seed}
            self._record(method, target, headers, body)
        entry["scenario"] = [scene.text for scene in call.scenes]
        releases = self._releases
        call.number = self.journal.arrive(entry)
        if wrong is not None:
            return Outcome(call.number, json_reply(400, {"simulator": wrong}), [])
        try:
            return Outcome(call.number, self._reply(port, call), call.scenes, releases)
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            text = f"the simulator failed: {error!r}"
            return Outcome(call.number, json_reply(500, {"simulator": text}), [])

    def control(self, method: str, target: str, raw: bytes) -> Reply:
        """The routes of the tests themselves: `/_log`, `/_count`, `/_control`."""
        path, _, query = target.partition("?")
        if (method, path) == ("GET", "/_log"):
            return Reply(200, self.journal.lines().encode(), "application/x-ndjson")
        if (method, path) == ("GET", "/_count"):
            return json_reply(200, self.journal.counts(dict(parse_qsl(query)).get("path", "/")))
        if (method, path) == ("POST", "/_control"):
            try:
                body = json.loads(raw)
                if isinstance(body, dict) and body.get("release"):
                    return self._release()
                return json_reply(200, self.scenarios.control(body))
            except (ValueError, TypeError) as error:
                return json_reply(400, {"simulator": str(error)})
        return json_reply(404, {"simulator": f"there is no {method} {path}"})

    def _pick_scenes(self, call: Call, stage: str, raw: bytes, target: str) -> str | None:
        key = hashlib.sha256(raw).hexdigest() if raw else target
        if stage == "file":
            kept = self.files.scenes(call.path)
        else:
            kept = self.service.kept(call.method, call.path, call.query)
        header = [
            text for line in call.headers.get_all("X-Scenario", []) for text in line.split(";")
        ]
        try:
            call.scenes, call.later = self.scenarios.active(stage, header, call.prompt, key)
        except UnknownScenario as error:
            return str(error)
        # A fresh URL of the same picture does not start the count anew.
        counted = call.path if stage == "file" else key
        for scene in kept:
            if scene.stage == stage and self.scenarios.again(scene, counted):
                call.scenes.append(scene)
        return None

    def _reply(self, port: str, call: Call) -> Reply | None:
        with self._work.turn():
            if port == "file":
                return None if call.has("reset") else self.files.answer(call)
            if refusal := self.service.unauthorized(call):
                return refusal
            if call.has("reset"):
                return None
            if scene := call.scene(*REFUSALS, "retired"):
                return self.service.refuse(scene, call)
            return self.service.answer(call)

    def _record(self, method: str, target: str, headers: Message, body: Any) -> None:
        self.journal.record(
            {
                "provider": self.service.name,
                "method": method,
                "path": target,
                "headers": _listed(headers),
                "body": body,
            }
        )


def _parsed(raw: bytes) -> tuple[Any, str | None]:
    if not raw:
        return None, None
    try:
        return json.loads(raw), None
    except (ValueError, RecursionError) as error:
        return None, str(error)


def _listed(headers: Message) -> dict[str, str | list[str]]:
    """Headers with their names as sent; one that came several times is a list."""
    listed: dict[str, str | list[str]] = {}
    for name, value in headers.items():
        before = listed.get(name)
        if before is None:
            listed[name] = value
        else:
            listed[name] = [*(before if isinstance(before, list) else [before]), value]
    return listed
