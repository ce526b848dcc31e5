"""Tasks of BFL: what each poll says. A new task is unknown twice, as after a delay of replication,
then goes through every running status, one of them unknown to clients, and ends."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from .call import Call, Reply, enriched, json_reply
from .files import FileHost
from .scenarios import Scene, named

_NOT_FOUND = "Task not found"
#: Before Ready; a shorter run takes the last ones, so that the oddest stay.
RUNNING: tuple[tuple[str, float | None], ...] = (
    (_NOT_FOUND, None),
    (_NOT_FOUND, None),
    ("Pending", None),
    ("Reasoning", None),
    ("Generating", 0.5),
    ("Warming The Easel", None),
)
#: A task that nobody polls is over after this time, as far as the limit of tasks goes.
_ABANDONED_SECONDS = 30.0


@dataclass
class Task:
    """One task. `file` is the path of its picture on the delivery host."""

    id: str
    path: str
    prompt: str
    seed: int
    started: float
    scenes: list[Scene] = field(default_factory=list)
    file: str | None = None
    polls: int = 0
    ended: bool = False

    @staticmethod
    def shape(task: str, status: str, **more: Any) -> dict[str, Any]:
        """The body of every poll."""
        empty = {"result": None, "progress": None, "details": None, "preview": None}
        return {"id": task, "status": status, **empty, **more}


class Tasks:
    """All tasks of this run."""

    def __init__(self, files: FileHost, ready_after: int) -> None:
        self._files = files
        self._ready_after = ready_after
        self._lock = threading.Lock()
        self._tasks: dict[str, Task] = {}

    def new(self, call: Call, made_seed: int) -> Task:
        seed = int(call.seed) if call.seed else made_seed
        task = Task(secrets.token_hex(16), call.path, call.prompt, seed, time.time())
        with self._lock:
            self._tasks[task.id] = task
        return task

    def find(self, task: str) -> Task | None:
        with self._lock:
            return self._tasks.get(task)

    def active(self, path: str | None = None) -> int:
        """Tasks that still run."""
        recent = time.time() - _ABANDONED_SECONDS
        with self._lock:
            return sum(
                not task.ended and task.started > recent and path in (None, task.path)
                for task in self._tasks.values()
            )

    def poll(self, task: Task) -> Reply:
        with self._lock:
            task.polls += 1
            status, body = self._next(task)
            if body["status"] not in ("Ready", "Error") and "Moderated" not in body["status"]:
                if named(task.scenes, "unknown-enum") and body["status"] != _NOT_FOUND:
                    body["status"] = f"Stage {task.polls}"
            else:
                task.ended = True
            if body["status"] == _NOT_FOUND and task.polls > len(RUNNING):
                task.ended = True
        if named(task.scenes, "unknown-fields"):
            body = enriched(body)
        reply = json_reply(status, body)
        reply.note |= {"task_status": body["status"]}
        return reply

    def _next(self, task: Task) -> tuple[int, dict[str, Any]]:
        ready = named(task.scenes, "ready")
        running = RUNNING[len(RUNNING) - self._run_length(ready) :]
        if task.polls <= len(running):
            word, progress = running[task.polls - 1]
            status = 404 if word == _NOT_FOUND else 200
            if status == 200 and named(task.scenes, "poll_202"):
                status = 202
            return status, Task.shape(task.id, word, progress=progress)
        if named(task.scenes, "never_ready"):
            return 200, Task.shape(task.id, "Generating", progress=0.99)
        if named(task.scenes, "task_lost"):
            return 404, Task.shape(task.id, _NOT_FOUND)
        if named(task.scenes, "request_moderated"):
            details = {"Moderation Reasons": ["Derivative Works Filter"]}
            return 200, Task.shape(task.id, "Request Moderated", details=details)
        if named(task.scenes, "content_moderated"):
            return 200, Task.shape(task.id, "Content Moderated")
        if named(task.scenes, "error") or task.file is None:
            return 200, Task.shape(task.id, "Error")
        return 200, Task.shape(task.id, "Ready", result=self._result(task))

    def _run_length(self, ready: Scene | None) -> int:
        wanted = int(ready.number(1)) - 1 if ready else self._ready_after
        return max(0, min(wanted, len(RUNNING)))

    def _result(self, task: Task) -> dict[str, Any]:
        if named(task.scenes, "ready_without_sample") or task.file is None:
            return {}
        now = time.time()
        return {
            "sample": self._files.url(task.file),
            "prompt": task.prompt,
            "seed": task.seed,
            "start_time": task.started,
            "end_time": now,
            "duration": now - task.started,
        }
