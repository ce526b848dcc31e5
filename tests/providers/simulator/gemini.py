"""The Gemini API as far as pictures go: `generateContent` and the list of models. Strict like
Google's own reader of JSON, and as forgiving in one thing: names may be in camel or in snake
case."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from PIL import Image

from . import gemini_errors as errors
from .call import Call, Reply, base64_of, enriched, json_reply
from .draw import MAGENTA, digest, edited, tint
from .encode import encoded
from .fields import normalized, problems
from .gemini_schema import REQUEST
from .journal import Journal
from .pictures import NotAPicture, Picture, decode, from_either_base64
from .rules import (
    GEMINI_INPUT_IMAGE_TOKENS,
    GEMINI_MIMES,
    GEMINI_MODELS,
    GEMINI_PIXELS,
    GEMINI_REQUEST_BYTES,
    GEMINI_SCALE,
    KEYS,
    GeminiModel,
)
from .scenarios import Scenarios, Scene

_GENERATE = re.compile(r"/(v1|v1beta)/models/([^/:]+):generateContent")
_LIST = re.compile(r"/(v1|v1beta)/models(?:/([^/:]+))?")
_THOUGHT_TOKENS = 233


class Gemini:
    """See `call.Service`."""

    name = "gemini"

    def __init__(self, journal: Journal, scenarios: Scenarios, images_per_minute: int) -> None:
        self._journal = journal
        self._scenarios = scenarios
        self._limit = images_per_minute
        self._interim: dict[tuple[int, int], str] = {}

    def stage(self, method: str, path: str) -> str:
        return "submit" if method == "POST" else "list"

    def words(self, body: Any) -> tuple[str, str]:
        """All texts of the user's turns, a line each, and the seed."""
        if not isinstance(body, dict):
            return "", ""
        texts = [part["text"] for part in _parts(body) if isinstance(part.get("text"), str)]
        config = normalized(body).get("generationConfig")
        seed = config.get("seed") if isinstance(config, dict) else None
        return "\n".join(texts), "" if seed is None else str(seed)

    def kept(self, method: str, path: str, query: dict[str, str]) -> Sequence[Scene]:
        return ()

    def unauthorized(self, call: Call) -> Reply | None:
        if "key" in call.query:
            return errors.invalid("A key in the URL ends in logs: send it as x-goog-api-key.")
        key = call.headers.get("x-goog-api-key")
        if key is None:
            return errors.no_key()
        return None if key == KEYS["gemini"] else errors.bad_key()

    def refuse(self, scene: Scene, call: Call) -> Reply:
        found = _GENERATE.fullmatch(call.path)
        model, version = (found[2], found[1]) if found else ("?", "v1beta")
        return errors.refusal(scene, model, version)

    def answer(self, call: Call) -> Reply:
        if call.method == "GET" and (found := _LIST.fullmatch(call.path)):
            return _models(found[1], found[2])
        found = _GENERATE.fullmatch(call.path)
        if call.method != "POST" or found is None:
            return errors.error(404, "NOT_FOUND", "The requested URL was not found on this server.")
        if call.malformed is not None or not isinstance(call.body, dict):
            reason = call.malformed or "Root element must be a message."
            return errors.invalid(f"Invalid JSON payload received. {reason}")
        if wrong := list(problems(body := normalized(call.body), REQUEST)):
            return errors.fields(wrong)
        model = GEMINI_MODELS.get(found[2])
        if model is None:
            return errors.not_found(found[2], found[1])
        return self._generate(call, body, found[2], model)

    def _generate(self, call: Call, body: dict[str, Any], name: str, model: GeminiModel) -> Reply:
        config = body.get("generationConfig", {})
        image_config = config.get("imageConfig", {})
        size, ratio = image_config.get("imageSize", "1K"), image_config.get("aspectRatio")
        if refusal := _against_model(call, body, size, ratio, model):
            return refusal
        try:
            pictures = [_picture(part) for part in _parts(body) if _media(part)]
        except NotAPicture as error:
            return errors.invalid(f"Unable to process input image: {error}")
        limited = self._journal.accept(call.path, 1, name, self._limit)
        if limited is not None:
            return errors.rate_limited(limited, name)
        if call.has("blocked"):
            return _reply(call, _blocked(call, pictures, name))
        self._journal.bill(call.path, 1)
        tokens = model.sizes[size]
        if candidate := self._without_picture(call):
            return _reply(call, _answer(call, [candidate], pictures, name, 0))
        scale = GEMINI_SCALE[size]
        # Without a ratio the last picture decides, not the edited one.
        ratio = ratio or _nearest(pictures[-1].size if pictures else (1, 1), model.ratios)
        width, height = (int(side * scale) for side in GEMINI_PIXELS[ratio])
        hashed = digest(call.prompt, call.seed)
        source = pictures[0].rgb if pictures else None
        means = [picture.mean or (0, 0, 0) for picture in pictures[1:]]
        drawn = edited(source, means, (width, height), hashed)
        wanted = "jpeg" if hashed[6] % 2 else "png"
        final = encoded(drawn, wanted, call.picture_faults)
        parts = [
            {"text": "I have made the change that you asked for."},
            {"text": "**Weighing the composition**", "thought": True},
            {
                "inlineData": {"mimeType": "image/png", "data": self._magenta(width, height)},
                "thought": True,
            },
            {
                "inlineData": {"mimeType": final.mime, "data": base64_of(final, call.scenes)},
                "thoughtSignature": "c2lnbmF0dXJlIG9mIGEgdGhvdWdodA==",
            },
        ]
        candidate = {
            "content": {"parts": parts, "role": "model"},
            "finishReason": "FINISHED_LATER" if call.has("unknown-enum") else "STOP",
            "index": 0,
        }
        reply = _reply(call, _answer(call, [candidate], pictures, name, tokens))
        reply.note |= {"tint": list(tint(hashed)), "size": [width, height], "mime": final.mime}
        return reply

    def _without_picture(self, call: Call) -> dict[str, Any] | None:
        """The candidate of a scenario in which no picture comes, although it is billed."""
        partial = call.scene("partial")
        if partial and self._scenarios.count(f"partial {call.prompt}") == int(partial.number(1)):
            return _candidate("IMAGE_SAFETY", "Unable to show the generated image.")
        if call.has("image_safety"):
            return _candidate("IMAGE_SAFETY", "Unable to show the generated image.")
        if call.has("prohibited"):
            return _candidate("PROHIBITED_CONTENT", "The content is prohibited.")
        if call.has("recitation"):
            return _candidate("IMAGE_RECITATION", "The image resembles existing content.")
        if call.has("no_image"):
            return _candidate("NO_IMAGE", "No image was generated.")
        if call.has("max_tokens"):
            return _candidate("MAX_TOKENS", None, [{"text": "To begin with, I would"}])
        if call.has("text_only"):
            return _candidate("STOP", None, [{"text": "I would rather describe this change."}])
        if call.has("empty_content"):
            return {"content": {"role": "model"}, "finishReason": "STOP", "index": 0}
        return None

    def _magenta(self, width: int, height: int) -> str:
        """The interim picture of a thought, as large as the result: nobody may deliver it."""
        known = self._interim.get((width, height))
        if known is None:
            solid = encoded(Image.new("RGB", (width, height), MAGENTA), "png")
            known = base64_of(solid, ())
            if len(self._interim) > 16:
                self._interim.clear()
            self._interim[(width, height)] = known
        return known


def _parts(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The parts of the user's turns, in order, of a body that may be anything."""
    turns = _objects(body.get("contents"))
    users = [turn for turn in turns if turn.get("role", "user") == "user"]
    return [part for turn in users for part in _objects(turn.get("parts"))]


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _media(part: dict[str, Any]) -> bool:
    return "inlineData" in part or "fileData" in part


def _picture(part: dict[str, Any]) -> Picture:
    if "fileData" in part:
        raise NotAPicture("the file of fileUri does not exist")
    mime = part["inlineData"]["mimeType"]
    data = from_either_base64(part["inlineData"]["data"])
    if mime not in GEMINI_MIMES:
        raise NotAPicture(f"unsupported MIME type: {mime}")
    picture = decode(data)
    if picture.mime != mime:
        raise NotAPicture(f"the bytes are {picture.mime}, not {mime}")
    return picture


def _against_model(
    call: Call, body: dict[str, Any], size: str, ratio: str | None, model: GeminiModel
) -> Reply | None:
    if call.raw_bytes > GEMINI_REQUEST_BYTES:
        text = f"Request payload size exceeds the limit: {GEMINI_REQUEST_BYTES} bytes."
        return errors.invalid(text)
    if not any(part.get("text") for part in _parts(body)):
        return errors.invalid("contents must have a text part.")
    for part in _parts(body):
        if len({"text", "inlineData", "fileData"} & part.keys()) != 1:
            return errors.invalid("A part must have one initialized field.")
    if size not in model.sizes:
        known = ", ".join(model.sizes)
        return errors.invalid(f"image_size `{size}` is not supported by this model: {known}.")
    if ratio is not None and ratio not in model.ratios:
        known = ", ".join(model.ratios)
        return errors.invalid(f"aspect_ratio `{ratio}` is not supported by this model: {known}.")
    if sum(map(_media, _parts(body))) > model.max_images:
        return errors.invalid(f"Too many images: at most {model.max_images} are supported.")
    config = body.get("generationConfig", {})
    if config.get("candidateCount", 1) != 1:
        return errors.invalid("Multiple candidates is not enabled for this model.")
    if "IMAGE" not in config.get("responseModalities", ["TEXT", "IMAGE"]):
        return errors.invalid("This model makes images: ask for IMAGE in response_modalities.")
    return None


def _nearest(size: tuple[int, int], ratios: Sequence[str]) -> str:
    wanted = size[0] / size[1]

    def distance(ratio: str) -> float:
        across, down = map(int, ratio.split(":"))
        quotient = wanted / (across / down)
        return max(quotient, 1 / quotient)

    return min(ratios, key=distance)


def _candidate(
    reason: str, message: str | None, parts: list[dict[str, Any]] | None = None
) -> dict[str, Any]:
    content = {"content": {"parts": parts, "role": "model"}} if parts else {"content": {}}
    more = {"finishMessage": message} if message else {}
    return {**content, "finishReason": reason, "index": 0, **more}


def _usage(call: Call, pictures: Sequence[Picture], tokens: int) -> dict[str, Any]:
    text, image = len(call.prompt) // 4 + 1, GEMINI_INPUT_IMAGE_TOKENS * len(pictures)
    details = [{"modality": "TEXT", "tokenCount": text}]
    if image:
        details.append({"modality": "IMAGE", "tokenCount": image})
    usage = {"promptTokenCount": text + image, "promptTokensDetails": details}
    if tokens:
        usage["candidatesTokenCount"] = tokens
        usage["candidatesTokensDetails"] = [{"modality": "IMAGE", "tokenCount": tokens}]
    usage["thoughtsTokenCount"] = _THOUGHT_TOKENS
    usage["totalTokenCount"] = text + image + tokens + _THOUGHT_TOKENS
    return usage


def _answer(
    call: Call, candidates: list[Any], pictures: Sequence[Picture], model: str, tokens: int
) -> dict[str, Any]:
    listed = {} if call.has("no_candidates") else {"candidates": candidates}
    return {
        **listed,
        "usageMetadata": _usage(call, pictures, tokens),
        "modelVersion": model,
        "responseId": call.request_id,
    }


def _blocked(call: Call, pictures: Sequence[Picture], model: str) -> dict[str, Any]:
    answer = _answer(call, [], pictures, model, 0)
    del answer["candidates"]
    return {"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}, **answer}


def _reply(call: Call, answer: dict[str, Any]) -> Reply:
    return json_reply(200, enriched(answer) if call.has("unknown-fields") else answer)


def _models(version: str, only: str | None) -> Reply:
    listed = [
        {
            "name": f"models/{name}",
            "version": "001",
            "displayName": model.name,
            "inputTokenLimit": model.limits[0],
            "outputTokenLimit": model.limits[1],
            "supportedGenerationMethods": ["generateContent"],
        }
        for name, model in GEMINI_MODELS.items()
        if only in (None, name)
    ]
    if only is None:
        return json_reply(200, {"models": listed})
    return json_reply(200, listed[0]) if listed else errors.not_found(only, version)
