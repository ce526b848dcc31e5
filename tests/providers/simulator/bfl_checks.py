"""What a BFL request may say, endpoint by endpoint, and what will be drawn for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from PIL import Image

from . import bfl_errors as errors
from .call import Call, Reply
from .draw import dilated, edited, expanded, like, mask_of, repainted, transparency_mask
from .fields import Field, boolean, integer, number, one_of, problems, record, string
from .pictures import NotAPicture, Picture, decode, from_base64
from .rules import (
    BFL_FORMATS,
    BFL_MAX_PIXELS,
    BFL_MIMES,
    BFL_MIN_SIDE,
    BFL_PICTURE_BYTES,
    BFL_PICTURE_PIXELS,
    BFL_TOOL_MIN_SIDE,
    MEGAPIXEL,
    BflModel,
)

_WIDEST = 21 / 9


@dataclass
class Job:
    """A request that passed every check."""

    pictures: list[Picture]
    size: tuple[int, int]
    format: str
    draw: Callable[[bytes], Image.Image]


def schema(model: BflModel) -> dict[str, Field]:
    """The fields of an endpoint."""
    fields: dict[str, Field] = {
        "output_format": one_of(*BFL_FORMATS),
        "safety_tolerance": integer(0, model.safety),
        "seed": integer(-(2**63), 2**63 - 1),
    }
    if model.kind in ("flux2", "kontext"):
        fields |= {name: Field("picture") for name in inputs(model)}
        fields["prompt"] = string(required=True)
    if model.kind == "flux2":
        fields |= {"width": integer(0), "height": integer(0)}
        further = {
            "prompt_upsampling": boolean(),
            "steps": integer(1, 50),
            "guidance": number(1.5, 10),
        }
        fields |= {name: further[name] for name in model.extra}
    elif model.kind == "kontext":
        fields |= {"aspect_ratio": string(), "prompt_upsampling": boolean()}
    elif model.kind in ("fill", "expand"):
        fields |= {
            "image": Field("picture", required=True),
            "prompt": string(),
            "steps": integer(15, 50),
            "guidance": number(1.5, 100),
            "prompt_upsampling": boolean(),
        }
        if model.kind == "fill":
            fields["mask"] = Field("picture")
        else:
            fields |= {side: integer(0, 2048) for side in ("top", "bottom", "left", "right")}
    elif model.kind == "erase":
        fields |= {
            "image": Field("picture", required=True),
            "mask": Field("picture", required=True),
            "dilate_pixels": integer(0, 25),
        }
    return fields


def inputs(model: BflModel) -> list[str]:
    """`input_image`, `input_image_2` … as many as the model takes."""
    numbers = range(2, model.max_images + 1)
    return ["input_image", *(f"input_image_{number}" for number in numbers)]


def job_of(call: Call, model: BflModel) -> Job | Reply:
    """Checks a request; what is wrong is the answer."""
    body = call.body
    if call.malformed is not None or not isinstance(body, dict):
        return errors.value("", call.malformed or "the body is no object")
    rule = schema(model)
    if wrong := list(problems(body, record(rule))):
        return errors.fields(wrong)
    least = BFL_MIN_SIDE if model.kind in ("flux2", "kontext") else BFL_TOOL_MIN_SIDE
    pictures: dict[str, Picture] = {}
    for name in [name for name, field in rule.items() if field.kind == "picture" and name in body]:
        try:
            pictures[name] = _picture(body[name], least)
        except NotAPicture as error:
            return errors.value(name, str(error))
    return _MAKERS[model.kind](body, pictures, body.get("output_format"))


def _picture(text: str, least: int) -> Picture:
    if text.startswith(("http://", "https://")):
        raise NotAPicture("the image cannot be downloaded from its URL")
    if len(text) > BFL_PICTURE_BYTES // 3 * 4 + 4:
        raise NotAPicture("image file size exceeds 20MB limit")
    picture = decode(from_base64(text))
    if picture.mime not in BFL_MIMES:
        raise NotAPicture(f"{picture.mime} is not supported")
    if picture.pixels > BFL_PICTURE_PIXELS:
        raise NotAPicture("image dimensions exceed 20 megapixels")
    if min(picture.size) < least:
        raise NotAPicture(f"image dimensions must be at least {least}x{least} pixels")
    return picture


def _in_order(pictures: Mapping[str, Picture]) -> list[Picture]:
    def place(name: str) -> int:
        number = name.removeprefix("input_image").removeprefix("_")
        return int(number or 1)

    return [pictures[name] for name in sorted(pictures, key=place)]


def _edit(ordered: list[Picture], size: tuple[int, int], wanted: str) -> Job:
    source = ordered[0].rgb if ordered else None
    means = [picture.mean or (0, 0, 0) for picture in ordered[1:]]
    return Job(ordered, size, wanted, lambda hashed: edited(source, means, size, hashed))


def _flux2(body: dict[str, Any], pictures: dict[str, Picture], wanted: str | None) -> Job | Reply:
    ordered = _in_order(pictures)
    around = ordered[0].size if ordered else (1024, 1024)
    # Left out or 0 is like the input, in steps of 16 and within the limit.
    natural = tuple(max(BFL_MIN_SIDE, side // 16 * 16) for side in around)
    if natural[0] * natural[1] > BFL_MAX_PIXELS:
        natural = tuple(side // 16 * 16 for side in like(around, BFL_MAX_PIXELS * 0.97))
    size = (body.get("width") or natural[0], body.get("height") or natural[1])
    for name, side in zip(("width", "height"), size, strict=True):
        if side < BFL_MIN_SIDE or side % 16:
            return errors.value(name, "must be a multiple of 16 and at least 64", side)
    if size[0] * size[1] > BFL_MAX_PIXELS:
        return errors.value("width", "the output must be at most 4 megapixels", size[0])
    return _edit(ordered, size, wanted or "jpeg")


def _kontext(body: dict[str, Any], pictures: dict[str, Picture], wanted: str | None) -> Job | Reply:
    ordered = _in_order(pictures)
    if ordered and body.get("safety_tolerance", 2) > 2:
        return errors.value("safety_tolerance", "at most 2 with an input image")
    around = ordered[0].size if ordered else (1, 1)
    if (ratio := body.get("aspect_ratio")) is not None:
        across, colon, down = ratio.partition(":")
        if not (colon and across.isdecimal() and down.isdecimal() and int(across) * int(down)):
            return errors.value("aspect_ratio", "must be in the format of 'width:height'", ratio)
        around = (int(across), int(down))
        if not 1 / _WIDEST <= around[0] / around[1] <= _WIDEST:
            return errors.value("aspect_ratio", "must be between 21:9 and 9:21", ratio)
    if around[0] > _WIDEST * around[1]:
        around = (21, 9)
    elif around[1] > _WIDEST * around[0]:
        around = (9, 21)
    return _edit(ordered, like(around, MEGAPIXEL), wanted or "png")


def _fill(body: dict[str, Any], pictures: dict[str, Picture], wanted: str | None) -> Job | Reply:
    source, mask = pictures["image"], pictures.get("mask")
    if mask is None and not source.alpha:
        return errors.value("mask", "a mask, or an image with an alpha channel, is needed")
    if mask is not None and mask.size != source.size:
        return errors.value("mask", "the mask must have the dimensions of the image")
    assert source.image is not None and source.rgb is not None
    white = mask_of(mask.rgb) if mask and mask.rgb else transparency_mask(source.image)
    picture = source.rgb
    return Job(
        [source], source.size, wanted or "jpeg", lambda hashed: repainted(picture, white, hashed)
    )


def _expand(body: dict[str, Any], pictures: dict[str, Picture], wanted: str | None) -> Job | Reply:
    source = pictures["image"]
    top, bottom, left, right = (body.get(side, 0) for side in ("top", "bottom", "left", "right"))
    if not top + bottom + left + right:
        return errors.value("top", "at least one side must be expanded")
    assert source.rgb is not None
    picture = source.rgb
    size = (source.width + left + right, source.height + top + bottom)
    return Job(
        [source],
        size,
        wanted or "jpeg",
        lambda hashed: expanded(picture, top, bottom, left, right, hashed),
    )


def _erase(body: dict[str, Any], pictures: dict[str, Picture], wanted: str | None) -> Job | Reply:
    source, mask = pictures["image"], pictures["mask"]
    if mask.size != source.size:
        return errors.value("mask", "the mask must have the dimensions of the image")
    assert source.rgb is not None and mask.rgb is not None
    picture, white = source.rgb, dilated(mask_of(mask.rgb), body.get("dilate_pixels", 10))
    return Job(
        [source], source.size, wanted or "jpeg", lambda hashed: repainted(picture, white, hashed)
    )


_MAKERS = {
    "flux2": _flux2,
    "kontext": _kontext,
    "fill": _fill,
    "expand": _expand,
    "erase": _erase,
}
