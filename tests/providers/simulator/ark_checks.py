"""What a Seedream request may say: fields, sizes, pictures and sets, each by the model's own
rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from . import ark_errors as errors
from .call import Call, Reply
from .draw import like
from .fields import array, boolean, integer, number, one_of, problems, record, string
from .pictures import NotAPicture, Picture, decode, from_data_uri
from .rules import (
    ARK_ENDPOINT_MODEL,
    ARK_KEYWORDS,
    ARK_MAX_SIDE_RATIO,
    ARK_MODELS,
    ARK_PICTURE_PIXELS,
    ARK_PREFIXES,
    ARK_TOTAL_IMAGES,
    ArkModel,
)

_REQUEST = record(
    {
        "model": string(),
        "prompt": string(),
        "size": string(),
        "stream": boolean(),
        "response_format": one_of("url", "b64_json"),
        "output_format": one_of("jpeg", "png"),
        "watermark": boolean(),
        "seed": integer(-1, 2147483647),
        "guidance_scale": number(1, 10),
        "sequential_image_generation": one_of("auto", "disabled"),
        "sequential_image_generation_options": record({"max_images": integer(1, 15)}),
        "optimize_prompt_options": record({"mode": one_of("standard", "fast")}),
        "tools": array(record({"type": one_of("web_search", required=True)})),
        "background": one_of("opaque", "transparent"),
        "layer_decomposition": boolean(),
    }
)
_ONE = record({**_REQUEST.members, "image": string()})
_MANY = record({**_REQUEST.members, "image": array(string())})
_SIZE = re.compile(r"([1-9]\d{0,4})x([1-9]\d{0,4})")
_MIN_SIDE = 15


@dataclass
class Order:
    """A request that passed every check."""

    name: str
    #: The id as it was written.
    said: str
    pictures: list[Picture]
    size: tuple[int, int]
    #: Pictures at most.
    most: int
    stream: bool
    url: bool
    format: str
    says_format: bool
    watermark: bool
    transparent: bool


def order_of(call: Call) -> Order | Reply:
    """Checks a request; the first thing that is wrong is the answer."""
    body = call.body if call.body is not None else {}
    if call.malformed is not None or not isinstance(body, dict):
        return errors.invalid(call, "", "the request body is not a JSON object")
    for needed in ("model", "prompt"):
        if needed not in body:
            return errors.missing(call, needed)
    rule = _MANY if isinstance(body.get("image"), list) else _ONE
    for problem in problems(body, rule):
        return errors.field(call, problem)
    name = known_model(body["model"])
    if name is None:
        return errors.not_found(call, body["model"])
    model = ARK_MODELS[name]
    if refusal := _unsupported(call, body, model):
        return refusal
    pictures = _pictures(call, body, model)
    if isinstance(pictures, Reply):
        return pictures
    size = _size(call, body.get("size", model.keywords[-1]), pictures, model)
    if isinstance(size, Reply):
        return size
    auto = body.get("sequential_image_generation") == "auto"
    options = body.get("sequential_image_generation_options", {})
    if options and not auto:
        place = "sequential_image_generation_options"
        return errors.invalid(call, place, "only with sequential_image_generation `auto`")
    left = ARK_TOTAL_IMAGES - len(pictures)
    most = options.get("max_images", left) if auto else 1
    if len(pictures) + most > ARK_TOTAL_IMAGES:
        place = "sequential_image_generation_options.max_images"
        return errors.invalid(call, place, "references and results together are at most 15")
    transparent = body.get("background") == "transparent"
    if transparent and not (
        len(pictures) == 1
        and pictures[0].mime == "image/png"
        and pictures[0].alpha
        and body.get("output_format") == "png"
    ):
        text = "transparent needs exactly one PNG with alpha, and PNG output"
        return errors.invalid(call, "background", text)
    return Order(
        name,
        body["model"],
        pictures,
        size,
        most,
        body.get("stream", False),
        body.get("response_format", "url") == "url",
        body.get("output_format", "jpeg"),
        model.output_format,
        body.get("watermark", True),
        transparent,
    )


def known_model(said: str) -> str | None:
    """The model behind an id, a prefixed id or an endpoint."""
    if re.fullmatch(r"ep-[\w-]+", said):
        return ARK_ENDPOINT_MODEL
    for prefix in ARK_PREFIXES:
        said = said.removeprefix(prefix)
    return said if said in ARK_MODELS else None


def _unsupported(call: Call, body: dict[str, Any], model: ArkModel) -> Reply | None:
    """Fields that exist, but not on this model."""
    refused = {
        # Real for 3.0 and seededit alone, which are gone.
        "seed": True,
        "guidance_scale": True,
        "sequential_image_generation": not model.sequential,
        "sequential_image_generation_options": not model.sequential,
        "output_format": not model.output_format,
        "tools": not model.tools,
        "background": not model.transparent,
        "layer_decomposition": True,
    }
    for name, wrong in refused.items():
        if wrong and name in body:
            return errors.unsupported(call, name)
    if body.get("stream") and not model.sequential:
        return errors.unsupported(call, "stream")
    if body.get("optimize_prompt_options", {}).get("mode") == "fast" and not model.fast:
        return errors.unsupported(call, "optimize_prompt_options.mode")
    return None


def _pictures(call: Call, body: dict[str, Any], model: ArkModel) -> list[Picture] | Reply:
    said = body.get("image", [])
    texts = [said] if isinstance(said, str) else said
    if "image" in body and not texts:
        return errors.missing(call, "image")
    if len(texts) > model.max_images:
        return errors.invalid(call, "image", f"at most {model.max_images} images are accepted")
    pictures = []
    for index, text in enumerate(texts):
        place = "image" if isinstance(said, str) else f"image[{index}]"
        if not text:
            return errors.bad_image(call, "EmptyURL", place, "the image URL is empty")
        if text.startswith(("http://", "https://")):
            return errors.bad_image(call, "InvalidFormat", place, "the image cannot be downloaded")
        try:
            mime, data = from_data_uri(text)
            picture = decode(data)
        except NotAPicture as error:
            return errors.bad_image(call, "InvalidFormat", place, str(error))
        kind = mime.removeprefix("image/")
        if kind not in model.inputs or not mime.startswith("image/"):
            return errors.bad_image(call, "InvalidFormat", place, f"`{mime}` is not supported")
        if picture.mime != mime:
            why = f"the bytes are {picture.mime}, not {mime}"
            return errors.bad_image(call, "InvalidFormat", place, why)
        if wrong := _wrong_picture(picture, model):
            return errors.invalid(call, place, wrong)
        pictures.append(picture)
    return pictures


def _wrong_picture(picture: Picture, model: ArkModel) -> str | None:
    short, long = sorted(picture.size)
    if picture.bytes > model.picture_bytes:
        return f"image size must be at most {model.picture_bytes} bytes"
    if picture.pixels > ARK_PICTURE_PIXELS:
        return f"total pixels of the image must be at most {ARK_PICTURE_PIXELS}"
    if short < _MIN_SIDE:
        return "each side of the image must be greater than 14 pixels"
    if long > ARK_MAX_SIDE_RATIO * short:
        return "the aspect ratio of the image must be within [1/16, 16]"
    return None


def _size(
    call: Call, said: str, pictures: list[Picture], model: ArkModel
) -> tuple[int, int] | Reply:
    if said in ARK_KEYWORDS:
        if said not in model.keywords:
            known = ", ".join(model.keywords)
            return errors.invalid(call, "size", f"`{said}` is not one of {known}")
        # With a word for a size the model chooses the ratio: that of the first picture.
        around = pictures[0].size if pictures else (1, 1)
        return like(around, ARK_KEYWORDS[said] ** 2)
    found = _SIZE.fullmatch(said)
    if found is None:
        return errors.invalid(call, "size", f"`{said}` is no size")
    width, height = int(found[1]), int(found[2])
    least, greatest = model.window
    if width * height < least:
        return errors.invalid(call, "size", f"image size must be at least {least} pixels")
    if width * height > greatest:
        return errors.invalid(call, "size", f"image size must be at most {greatest} pixels")
    if max(width, height) > ARK_MAX_SIDE_RATIO * min(width, height):
        return errors.invalid(call, "size", "the aspect ratio must be within [1/16, 16]")
    return width, height
