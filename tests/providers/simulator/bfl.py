"""The API of Black Forest Labs: a paid submit that gives a task, polls at the URL it named, and a
picture on the delivery host."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from math import ceil
from typing import Any

from . import bfl_errors as errors
from .bfl_checks import Job, job_of
from .bfl_tasks import Task, Tasks
from .call import Call, Reply, enriched, json_reply
from .draw import digest, tint
from .encode import encoded
from .files import FileHost
from .journal import Journal
from .rules import BFL_ACTIVE, BFL_MODELS, KEYS, MEGAPIXEL, BflModel
from .scenarios import Scenarios, Scene, named

#: The polling URL lives in a cluster of its own: another path than the documented fallback.
CLUSTER = "/cluster-7/v1/get_result"
FALLBACK = "/v1/get_result"
_UNPAID = ("request_moderated", "content_moderated", "error", "never_ready")


class Bfl:
    """See `call.Service`."""

    name = "bfl"

    def __init__(
        self,
        journal: Journal,
        scenarios: Scenarios,
        files: FileHost,
        concurrent: int | None,
        ready_after: int,
    ) -> None:
        self.port = 0
        self._journal = journal
        self._scenarios = scenarios
        self._files = files
        self._concurrent = concurrent
        self._tasks = Tasks(files, ready_after)
        self._lock = threading.Lock()

    def stage(self, method: str, path: str) -> str:
        if method == "POST":
            return "submit"
        return "poll" if path in (CLUSTER, FALLBACK) else "list"

    def words(self, body: Any) -> tuple[str, str]:
        if not isinstance(body, dict):
            return "", ""
        prompt, seed = body.get("prompt"), body.get("seed")
        return prompt if isinstance(prompt, str) else "", "" if seed is None else str(seed)

    def kept(self, method: str, path: str, query: dict[str, str]) -> Sequence[Scene]:
        task = self._tasks.find(query.get("id", ""))
        return task.scenes if task else ()

    def unauthorized(self, call: Call) -> Reply | None:
        return None if call.headers.get("x-key") == KEYS["bfl"] else errors.bad_key()

    def refuse(self, scene: Scene, call: Call) -> Reply:
        return errors.refusal(scene)

    def answer(self, call: Call) -> Reply:
        if call.method == "GET" and call.path in (CLUSTER, FALLBACK):
            return self._poll(call)
        if call.method == "GET" and call.path == "/v1/credits":
            return json_reply(200, {"credits": 1000.0})
        model = BFL_MODELS.get(call.path.removeprefix("/v1/"))
        if call.method != "POST" or not call.path.startswith("/v1/") or model is None:
            return errors.detail(404, "Not Found")
        job = job_of(call, model)
        return job if isinstance(job, Reply) else self._submit(call, job, model)

    def _submit(self, call: Call, job: Job, model: BflModel) -> Reply:
        hashed = digest(call.prompt, call.seed)
        with self._lock:
            if self._too_many(call.path, model):
                return errors.detail(429, "Too many active tasks")
            task = self._tasks.new(call, int.from_bytes(hashed[8:12], "big"))
            task.scenes = [*call.scenes, *call.later]
            self._journal.accept(call.path, 1)
        partial = call.scene("partial")
        if partial and self._scenarios.count(f"partial {call.prompt}") == int(partial.number(1)):
            task.scenes.append(Scene("submit", "content_moderated", (), "content_moderated"))
        if named(task.scenes, *_UNPAID) is None:
            self._journal.bill(call.path, 1)
            picture = encoded(job.draw(hashed), job.format, call.picture_faults)
            task.file = self._files.put(picture, "delivery", task.scenes)
        answer = {"id": task.id, **_price(job, model)}
        if not call.has("no_polling_url"):
            answer["polling_url"] = f"http://127.0.0.1:{self.port}{CLUSTER}?id={task.id}"
        reply = json_reply(200, enriched(answer) if call.has("unknown-fields") else answer)
        reply.note |= {"id": task.id, "tint": list(tint(hashed)), "size": list(job.size)}
        return reply

    def _too_many(self, path: str, model: BflModel) -> bool:
        if self._concurrent == 0:
            return False
        limit = self._concurrent or BFL_ACTIVE
        if self._tasks.active() >= limit:
            return True
        return model.active < BFL_ACTIVE and self._tasks.active(path) >= model.active

    def _poll(self, call: Call) -> Reply:
        task = self._tasks.find(call.query.get("id", ""))
        # A task lives in one cluster; elsewhere nobody knows it.
        if task is None or (call.path == FALLBACK and not named(task.scenes, "no_polling_url")):
            return _not_found(call.query.get("id", ""))
        return self._tasks.poll(task)


def _not_found(task: str) -> Reply:
    return json_reply(404, Task.shape(task, "Task not found"))


def _price(job: Job, model: BflModel) -> dict[str, float]:
    """Credits: the first megapixel of the answer, the further ones, and the input's."""
    output = ceil(job.size[0] * job.size[1] / MEGAPIXEL)
    taken = sum(ceil(picture.pixels / MEGAPIXEL) for picture in job.pictures)
    first, more, input_price = model.price
    flat = model.kind in ("kontext", "fill", "expand")
    cost = first if flat else first + (output - 1) * more + taken * input_price
    return {"cost": round(cost, 4), "input_mp": float(taken), "output_mp": float(output)}
