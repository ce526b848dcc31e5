"""What each service accepts, model by model: ids, sizes, limits, prices. Data only; where sources
disagree, the stricter figure stands, so that whoever passes here passes at either reading."""

from __future__ import annotations

from dataclasses import dataclass, field

MIB = 1024 * 1024
MEGAPIXEL = 1024 * 1024

KEYS = {"gemini": "test-key-gemini", "ark": "test-key-ark", "bfl": "test-key-bfl"}

# --- Gemini -----------------------------------------------------------------------------------

TEN_RATIOS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
FOURTEEN_RATIOS = (*TEN_RATIOS, "1:4", "4:1", "1:8", "8:1")

#: Pixels at `1K`, a few off the exact ratio as the real table is.
GEMINI_PIXELS = {
    "1:1": (1024, 1024),
    "2:3": (832, 1248),
    "3:2": (1248, 832),
    "3:4": (864, 1184),
    "4:3": (1184, 864),
    "4:5": (896, 1152),
    "5:4": (1152, 896),
    "9:16": (768, 1344),
    "16:9": (1344, 768),
    "21:9": (1536, 672),
    "1:4": (512, 2064),
    "4:1": (2064, 512),
    "1:8": (352, 2928),
    "8:1": (2928, 352),
}
#: What the other sizes make of them.
GEMINI_SCALE = {"512": 0.5, "1K": 1.0, "2K": 2.0, "4K": 4.0}
GEMINI_MIMES = ("image/png", "image/jpeg", "image/webp", "image/heic", "image/heif")
GEMINI_REQUEST_BYTES = 20 * MIB
GEMINI_INPUT_IMAGE_TOKENS = 560


@dataclass(frozen=True)
class GeminiModel:
    """One image model of the Gemini API."""

    name: str
    max_images: int
    ratios: tuple[str, ...]
    #: imageSize -> tokens of an output image.
    sizes: dict[str, int]
    limits: tuple[int, int]


_FLASH = {"512": 747, "1K": 1120, "2K": 1680, "4K": 2520}
GEMINI_MODELS = {
    "gemini-3.1-flash-image": GeminiModel(
        "Nano Banana 2", 14, FOURTEEN_RATIOS, _FLASH, (131072, 32768)
    ),
    "gemini-3-pro-image": GeminiModel(
        "Nano Banana Pro", 14, TEN_RATIOS, {"1K": 1120, "2K": 1120, "4K": 2000}, (65536, 32768)
    ),
    "gemini-3.1-flash-lite-image": GeminiModel(
        "Nano Banana 2 Lite", 14, TEN_RATIOS, {"1K": 1120}, (65536, 4096)
    ),
    "gemini-nano-banana-2.1": GeminiModel(
        "Nano Banana 2.1",
        14,
        FOURTEEN_RATIOS,
        {"1K": 1120, "2K": 1680, "4K": 3780},
        (131072, 32768),
    ),
}
#: Ids that existed; they get the same 404 as any unknown one.
GEMINI_RETIRED = (
    "gemini-2.5-flash-image",
    "gemini-2.5-flash-image-preview",
    "gemini-3.1-flash-image-preview",
    "gemini-3-pro-image-preview",
)

# --- Ark --------------------------------------------------------------------------------------

_COMMON_FORMATS = ("jpeg", "png")
_NEWER_FORMATS = ("jpeg", "png", "webp", "bmp", "tiff", "gif")
ARK_KEYWORDS = {"1K": 1024, "1.5K": 1536, "2K": 2048, "3K": 3072, "4K": 4096}
ARK_PICTURE_PIXELS = 36_000_000
ARK_MAX_SIDE_RATIO = 16
ARK_TOTAL_IMAGES = 15


@dataclass(frozen=True)
class ArkModel:
    """One Seedream model. `window` is the least and the greatest number of pixels of an answer."""

    keywords: tuple[str, ...]
    window: tuple[int, int]
    max_images: int
    #: Sets of pictures and streaming.
    sequential: bool
    output_format: bool
    inputs: tuple[str, ...] = _NEWER_FORMATS
    picture_bytes: int = 10 * MIB
    fast: bool = False
    tools: bool = False
    transparent: bool = False


ARK_MODELS = {
    "seedream-4-0-250828": ArkModel(
        ("1K", "2K", "4K"), (1_048_576, 16_777_216), 14, True, False, _COMMON_FORMATS, fast=True
    ),
    "seedream-4-5-251128": ArkModel(("2K", "4K"), (3_686_400, 16_777_216), 14, True, False),
    "seedream-5-0-260128": ArkModel(
        ("2K", "3K"), (3_686_400, 9_437_184), 14, True, True, tools=True, transparent=True
    ),
    "seedream-5-0-pro-260628": ArkModel(
        ("1K", "2K"),
        (1_048_576, 4_194_304),
        10,
        False,
        True,
        (*_NEWER_FORMATS, "heic", "heif"),
        30 * MIB,
        transparent=True,
    ),
    "seedream-5-0-flash-260915": ArkModel(
        ("1K", "1.5K", "2K"), (921_600, 4_624_220), 10, False, True, transparent=True
    ),
}
ARK_RETIRED = ("seedream-3-0-t2i-250415", "seededit-3-0-i2i-250628")
#: An endpoint id hides the model; every `ep-…` is this one.
ARK_ENDPOINT_MODEL = "seedream-4-5-251128"
#: What the China and the newer international region put before the id.
ARK_PREFIXES = ("doubao-", "dola-")

# --- BFL --------------------------------------------------------------------------------------

BFL_PICTURE_BYTES = 20 * MIB
BFL_PICTURE_PIXELS = 20_000_000
BFL_MAX_PIXELS = 4 * MEGAPIXEL
BFL_MIN_SIDE = 64
BFL_TOOL_MIN_SIDE = 256
BFL_MIMES = ("image/png", "image/jpeg", "image/webp")
BFL_FORMATS = ("jpeg", "png")
BFL_ACTIVE = 24


@dataclass(frozen=True)
class BflModel:
    """One BFL endpoint. Prices in credits: first output megapixel, further ones, input."""

    kind: str
    max_images: int
    safety: int
    price: tuple[float, float, float]
    extra: frozenset[str] = field(default_factory=frozenset)
    active: int = BFL_ACTIVE


_UPSAMPLING = frozenset({"prompt_upsampling"})
_PRO = BflModel("flux2", 8, 5, (3, 1.5, 1.5), _UPSAMPLING)
_KLEIN_9B = BflModel("flux2", 4, 5, (1.5, 0.2, 0.2))
BFL_MODELS = {
    "flux-2-pro": _PRO,
    "flux-2-pro-preview": _PRO,
    "flux-2-max": BflModel("flux2", 8, 5, (7, 3, 3), _UPSAMPLING),
    "flux-2-flex": BflModel("flux2", 8, 5, (5, 5, 5), frozenset({"steps", "guidance"})),
    "flux-2-klein-4b": BflModel("flux2", 4, 5, (1.4, 0.1, 0.1)),
    "flux-2-klein-9b": _KLEIN_9B,
    "flux-2-klein-9b-preview": _KLEIN_9B,
    "flux-kontext-pro": BflModel("kontext", 4, 6, (4, 0, 0)),
    "flux-kontext-max": BflModel("kontext", 4, 6, (8, 0, 0), active=6),
    "flux-pro-1.0-fill": BflModel("fill", 1, 6, (5, 0, 0)),
    "flux-pro-1.0-expand": BflModel("expand", 1, 6, (5, 0, 0)),
    "flux-tools/erase-v1": BflModel("erase", 1, 5, (3, 0.4, 0.4)),
}
