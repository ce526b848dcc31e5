"""The image service of ModelArk (Seedream): one paid route, answers in JSON or as a stream of
events, pictures in base64 or behind a URL on the delivery host."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from . import ark_errors as errors
from .ark_checks import Order, order_of
from .call import Call, Reply, base64_of, enriched, json_reply
from .draw import digest, edited, tint, transparent_cut, watermarked
from .encode import Encoded, encoded, plain
from .files import FileHost
from .journal import Journal
from .rules import KEYS
from .scenarios import Scene, without_tokens

PATH = "/api/v3/images/generations"
_WORDS = (
    *("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen"),
)
_COUNT = re.compile(
    rf"\b(\d{{1,2}}|{'|'.join(_WORDS)})\s+(?:[\w-]+\s+){{0,2}}?"
    r"(?:images|pictures|variations|variants|versions|photos|results)\b",
    re.IGNORECASE,
)
_PREFIX = "image_generation."


@dataclass
class _Slot:
    """One picture of a set, or why it is none."""

    picture: Encoded | None
    error: dict[str, str] | None


class Ark:
    """See `call.Service`."""

    name = "ark"

    def __init__(self, journal: Journal, files: FileHost, images_per_minute: int) -> None:
        self._journal = journal
        self._files = files
        self._limit = images_per_minute

    def stage(self, method: str, path: str) -> str:
        return "submit" if method == "POST" else "list"

    def words(self, body: Any) -> tuple[str, str]:
        if not isinstance(body, dict):
            return "", ""
        prompt, seed = body.get("prompt"), body.get("seed")
        return prompt if isinstance(prompt, str) else "", "" if seed is None else str(seed)

    def kept(self, method: str, path: str, query: dict[str, str]) -> Sequence[Scene]:
        return ()

    def unauthorized(self, call: Call) -> Reply | None:
        right = call.headers.get("Authorization") == f"Bearer {KEYS['ark']}"
        return None if right else errors.bad_key(call)

    def refuse(self, scene: Scene, call: Call) -> Reply:
        return errors.refusal(scene, call)

    def answer(self, call: Call) -> Reply:
        if (call.method, call.path) != ("POST", PATH):
            return errors.error(call, 404, "NotFound", f"no such path: {call.path}")
        order = order_of(call)
        if isinstance(order, Reply):
            return order
        if refusal := errors.moderation(call):
            return refusal
        count = _count(call.prompt, order.most)
        limited = self._journal.accept(call.path, order.most, order.name, self._limit)
        if limited is not None:
            return errors.rate_limited(call, order.name)
        slots = self._draw(call, order, count)
        made = sum(slot.picture is not None for slot in slots)
        self._journal.bill(call.path, made)
        reply = (
            self._stream(call, order, slots) if order.stream else self._whole(call, order, slots)
        )
        offsets = [list(tint(digest(call.prompt, _seed(call, index)))) for index in range(count)]
        reply.note |= {"tint": offsets, "size": list(order.size), "images": made}
        reply.headers["X-Request-Id"] = call.request_id
        return reply

    def _draw(self, call: Call, order: Order, count: int) -> list[_Slot]:
        slots: list[_Slot] = []
        failed = call.scene("partial", "output_sensitive_partial", "partial_internal")
        means = [picture.mean or (0, 0, 0) for picture in order.pictures[1:]]
        source = order.pictures[0].rgb if order.pictures else None
        for index in range(count):
            if failed and index + 1 == int(failed.number(2)):
                slots.append(_Slot(None, errors.slot(failed.name)))
                if failed.name == "partial_internal":
                    break
                continue
            hashed = digest(call.prompt, _seed(call, index))
            drawn = edited(source, means, order.size, hashed)
            if order.watermark:
                drawn = watermarked(drawn)
            if order.transparent:
                cut = plain(transparent_cut(drawn), "png")
                slots.append(_Slot(Encoded(cut, "image/png", drawn.size), None))
            else:
                made = encoded(drawn, order.format, call.picture_faults)
                slots.append(_Slot(made, None))
        return slots

    def _item(self, call: Call, order: Order, slot: _Slot) -> dict[str, Any]:
        if slot.picture is None:
            return {"error": slot.error}
        if order.url:
            path = self._files.put(slot.picture, "ark", [*call.scenes, *call.later])
            place = {"url": self._files.url(path)}
        else:
            place = {"b64_json": base64_of(slot.picture, call.scenes)}
        item = {**place, "size": "x".join(map(str, slot.picture.size))}
        if order.says_format:
            said = slot.picture.mime.rpartition("/")[2]
            item["output_format"] = "picture2030" if call.has("unknown-enum") else said
        return item

    def _usage(self, order: Order, slots: Sequence[_Slot]) -> dict[str, Any]:
        made = sum(slot.picture is not None for slot in slots)
        tokens = made * (order.size[0] * order.size[1] // 256)
        return {
            "generated_images": made,
            "output_tokens": tokens,
            "total_tokens": tokens,
            "input_images": len(order.pictures),
        }

    def _whole(self, call: Call, order: Order, slots: Sequence[_Slot]) -> Reply:
        answer: dict[str, Any] = {"model": order.said, "created": int(time.time())}
        answer["data"] = [self._item(call, order, slot) for slot in slots]
        answer["usage"] = self._usage(order, slots)
        if call.has("empty_data"):
            answer["data"] = []
        if all(slot.picture is None for slot in slots):
            answer["error"] = slots[0].error
        return json_reply(200, enriched(answer) if call.has("unknown-fields") else answer)

    def _stream(self, call: Call, order: Order, slots: Sequence[_Slot]) -> Reply:
        common = {"model": order.said, "created": int(time.time())}
        events: list[dict[str, Any]] = []
        for index, slot in enumerate(slots):
            kind = "partial_succeeded" if slot.picture else "partial_failed"
            item = self._item(call, order, slot)
            item.pop("output_format", None)
            events.append({"type": _PREFIX + kind, **common, "image_index": index, **item})
        if call.has("unknown-enum"):
            events.insert(1, {"type": _PREFIX + "pondering", **common})
        if not call.has("sse-no-completed"):
            usage = self._usage(order, slots)
            events.append({"type": _PREFIX + "completed", **common, "usage": usage})
        if call.has("unknown-fields"):
            events = [enriched(event) for event in events]
        return Reply(200, b"", "text/event-stream", events=_frames(call, events))


def _frames(call: Call, events: Sequence[dict[str, Any]]) -> list[bytes]:
    """The events as bytes, each a frame of its own, with the faults of a stream."""
    texts = [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events]
    if call.has("sse-comments"):
        texts = [f": keep-alive\n\n: so far {index}\n{text}" for index, text in enumerate(texts)]
    if not call.has("sse-no-done"):
        texts.append("data: [DONE]\n\n")
    if call.has("sse-crlf"):
        texts = [text.replace("\n", "\r\n") for text in texts]
    return [text.encode() for text in texts]


def _count(prompt: str, most: int) -> int:
    """How many pictures come: what the prompt asks for, never more than allowed, else one."""
    found = _COUNT.search(without_tokens(prompt))
    if found is None:
        return 1
    word = found[1].lower()
    asked = int(word) if word.isdigit() else _WORDS.index(word) + 2
    return max(1, min(asked, most))


def _seed(call: Call, index: int) -> str:
    """The first picture of a set is drawn from the seed itself, the others from `seed#index`."""
    return f"{call.seed}#{index}" if index else call.seed
