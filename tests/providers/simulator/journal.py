"""The log of requests and the count of what they cost. A request is logged when it has arrived and
before any latency; a second line says how it ended."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass
from typing import Any, TextIO

_KEPT_LINES = 20_000


@dataclass(frozen=True)
class _Accepted:
    time: float
    path: str
    bucket: str
    images: int


class Journal:
    """Lines for the log, kept for `/_log` and written to a file; counts for `/_count`."""

    def __init__(self, file: TextIO | None, record: TextIO | None, minute: float) -> None:
        self._lock = threading.Lock()
        self._file = file
        self._record = record
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._number = 0
        self._minute = minute
        self._posts: Counter[str] = Counter()
        self._accepted: list[_Accepted] = []
        self._billed: Counter[str] = Counter()
        self._in_flight = 0
        self._most_in_flight = 0
        self._leaks = 0

    def arrive(self, entry: dict[str, Any]) -> int:
        """Logs a request that is complete; the answer is its number."""
        with self._lock:
            self._number += 1
            self._in_flight += 1
            self._most_in_flight = max(self._most_in_flight, self._in_flight)
            self._leaks += bool(entry.get("key_leaked"))
            if entry["method"] == "POST":
                self._posts[entry["path"]] += 1
            self._write({"n": self._number, "time": time.time(), **entry})
            return self._number

    def done(self, number: int, status: int | None, **more: Any) -> None:
        """Logs how a request ended; a status of `None` says that no answer was sent."""
        with self._lock:
            self._in_flight -= 1
            line = {"n": number, "time": time.time(), "done": True, "status": status}
            self._write({**line, **more})

    def record(self, request: dict[str, Any]) -> None:
        """Writes the request as it was, for the judge."""
        if self._record is not None:
            with self._lock:
                self._record.write(json.dumps(request) + "\n")
                self._record.flush()

    def accept(self, path: str, images: int, bucket: str = "", limit: int = 0) -> float | None:
        """A paid request passed every check: the work is done and the answer is `None`. When it
        would exceed `limit` images of its bucket within the last minute, it is not accepted, and
        the answer is the seconds until the oldest leaves that window."""
        with self._lock:
            now = time.monotonic()
            if limit:
                start = now - self._minute
                inside = [one for one in self._accepted if one.time > start]
                inside = [one for one in inside if one.bucket == bucket]
                if sum(one.images for one in inside) + images > limit:
                    oldest = min((one.time for one in inside), default=now)
                    return max(0.0, oldest + self._minute - now)
            self._accepted.append(_Accepted(now, path, bucket, images))
            return None

    def bill(self, path: str, pictures: int) -> None:
        """What the service would charge for."""
        with self._lock:
            self._billed[path] += pictures

    def lines(self) -> str:
        with self._lock:
            return "".join(f"{line}\n" for line in self._lines)

    def counts(self, prefix: str) -> dict[str, Any]:
        """The figures of all paths that start with `prefix`."""
        with self._lock:
            accepted = [one for one in self._accepted if one.path.startswith(prefix)]
            return {
                "posts": _sum(self._posts, prefix),
                "submits": len(accepted),
                "images": sum(one.images for one in accepted),
                "billed": _sum(self._billed, prefix),
                "max_per_minute_images": self._most_in_a_minute(accepted),
                "in_flight": self._in_flight,
                "max_in_flight": self._most_in_flight,
                "key_leaked": self._leaks,
            }

    def _most_in_a_minute(self, accepted: list[_Accepted]) -> int:
        most = inside = first = 0
        for one in accepted:
            inside += one.images
            while accepted[first].time <= one.time - self._minute:
                inside -= accepted[first].images
                first += 1
            most = max(most, inside)
        return most

    def _write(self, entry: dict[str, Any]) -> None:
        line = json.dumps(entry)
        self._lines.append(line)
        if self._file is not None:
            self._file.write(line + "\n")
            self._file.flush()


def _sum(counter: Counter[str], prefix: str) -> int:
    return sum(count for path, count in counter.items() if path.startswith(prefix))
