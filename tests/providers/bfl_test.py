"""The simulator of BFL: the rules of every endpoint, and what its answers show."""

from __future__ import annotations

import hashlib
import unittest

from PIL import Image

from bfl_case import BflCase
from gemini_test import tint_of
from harness import PRO, base64_of, data_of, flat, flux

FILL = "/v1/flux-pro-1.0-fill"
EXPAND = "/v1/flux-pro-1.0-expand"
ERASE = "/v1/flux-tools/erase-v1"
KONTEXT = "/v1/flux-kontext-pro"


def fill_of(prompt: str, seed: str = "") -> tuple[int, int, int]:
    hashed = hashlib.sha256(f"{prompt}|{seed}".encode()).digest()
    return (hashed[3], hashed[4], hashed[5])


def mask(width: int = 256, height: int = 256) -> Image.Image:
    """White in the left half."""
    picture = Image.new("L", (width, height), 0)
    picture.paste(255, (0, 0, width // 2, height))
    return picture


class BflTest(BflCase):
    def test_keys(self) -> None:
        for headers in ({}, {"x-key": "other"}, {"Authorization": "Bearer test-key-bfl"}):
            answer = self.simulator.ask("POST", PRO, flux("a"), headers)
            self.assertEqual(answer.status, 403)
            self.assertIn("detail", answer.json)
        self.assertEqual(self.simulator.ask("GET", "/v1/credits", None, {}).status, 403)
        self.assertEqual(self.simulator.ask("GET", "/v1/credits").json, {"credits": 1000.0})
        task = self.submitted(PRO, flux("a"))
        self.assertEqual(self.simulator.fetch(task["polling_url"]).status, 403)

    def test_the_answer_is_drawn_from_the_request(self) -> None:
        references = [flat((250, 10, 20)), flat((20, 240, 30))]
        body = flux(
            "[[ready:1]] draw", flat((100, 110, 120)), *references, seed=9, width=512, height=256
        )
        picture = self.picture(PRO, body)
        self.assertEqual((picture.size, picture.format), ((512, 256), None))
        self.assertEqual(picture.getpixel((16, 16)), (250, 10, 20))
        self.assertEqual(picture.getpixel((48, 16)), (20, 240, 30))
        offsets = tint_of("[[ready:1]] draw", "9")
        expected = tuple(
            value + offset for value, offset in zip((100, 110, 120), offsets, strict=True)
        )
        self.assertEqual(picture.getpixel((80, 16)), expected)
        self.assertEqual(picture.getpixel((300, 200)), expected)

    def test_sizes(self) -> None:
        like = self.picture(PRO, flux("[[ready:1]]", flat((1, 1, 1), 100, 200)))
        self.assertEqual(like.size, (96, 192))
        zero = self.picture(PRO, flux("[[ready:1]]", flat((1, 1, 1), 128, 64), width=0, height=0))
        self.assertEqual(zero.size, (128, 64))
        for name, value in (("width", 513), ("width", 48), ("height", 500)):
            self.refused(PRO, flux("a", **{name: value}), name)
        self.refused(PRO, flux("a", width=2064, height=2048), "width")
        self.refused(PRO, flux("a", width="512"), "width", "int_type")

    def test_fields(self) -> None:
        for name in ("n", "strength", "mask", "negative_prompt", "aspect_ratio", "steps"):
            self.refused(PRO, flux("a", **{name: 1}), name, "extra_forbidden")
        klein = "/v1/flux-2-klein-4b"
        self.refused(
            klein, flux("a", prompt_upsampling=True), "prompt_upsampling", "extra_forbidden"
        )
        self.refused(klein, flux("a", guidance=3), "guidance", "extra_forbidden")
        self.submitted("/v1/flux-2-flex", flux("a", steps=20, guidance=3.5))
        self.refused("/v1/flux-2-flex", flux("a", steps=51), "steps", "range")
        self.submitted(PRO, flux("a", prompt_upsampling=True))
        self.refused(PRO, flux("a", safety_tolerance=6), "safety_tolerance", "range")
        self.refused(PRO, flux("a", output_format="webp"), "output_format", "enum")
        self.refused(PRO, flux("a", seed=True), "seed", "int_type")
        self.submitted(PRO, flux("a", seed=2**40))
        self.refused(PRO, {"input_image": base64_of(flat((1, 1, 1)))}, "prompt", "missing")
        for gone in ("/v1/flux-1-pro", "/v1/flux-kontext", "/v2/flux-2-pro"):
            self.assertEqual(self.simulator.post(gone, flux("a")).status, 404)

    def test_pictures(self) -> None:
        small = flat((1, 1, 1))
        self.refused(PRO, flux("a", *[small] * 9), "input_image_9", "extra_forbidden")
        self.submitted(PRO, flux("a", *[small] * 8))
        self.refused(
            "/v1/flux-2-klein-9b", flux("a", *[small] * 5), "input_image_5", "extra_forbidden"
        )
        self.submitted("/v1/flux-2-klein-9b", flux("a", *[small] * 4))
        for text in (
            "https://example.com/a.png",
            "data:image/png;base64," + base64_of(small),
            base64_of(small)[:-2],
            base64_of(small, "GIF"),
            base64_of(flat((1, 1, 1), 63, 64)),
            base64_of(flat((1, 1, 1), 5001, 4000)),
            base64_of(flat((1, 1, 1)), "TIFF"),
        ):
            self.refused(PRO, {"prompt": "a", "input_image": text}, "input_image")

    def test_heavy_pictures(self) -> None:
        noise = Image.effect_noise((4400, 4400), 90).convert("RGB")
        heavy = base64_of(noise, "PNG", compress_level=0)
        self.refused(PRO, {"prompt": "a", "input_image": heavy}, "input_image")

    def test_kontext(self) -> None:
        body = flux("[[ready:1]]", flat((1, 1, 1), 160, 90))
        self.assertEqual(self.picture(KONTEXT, body).size, (1360, 768))
        self.assertEqual(self.picture(KONTEXT, {**body, "aspect_ratio": "1:1"}).size, (1024, 1024))
        for ratio in ("22:9", "1:4", "wide", "1:0"):
            self.refused(KONTEXT, flux("a", aspect_ratio=ratio), "aspect_ratio")
        for name in ("width", "steps", "input_image_5"):
            self.refused(KONTEXT, flux("a", **{name: 512}), name, "extra_forbidden")
        self.refused(KONTEXT, flux("a", safety_tolerance=3), "safety_tolerance")

    def test_fill_repaints_white_alone(self) -> None:
        source = flat((10, 20, 30), 256, 256)
        prompt = "[[ready:1]] fill"
        body = {"prompt": prompt, "image": base64_of(source), "output_format": "png", "seed": 3}
        picture = self.picture(FILL, {**body, "mask": base64_of(mask())})
        self.assertEqual(picture.getpixel((10, 100)), fill_of(prompt, "3"))
        self.assertEqual(picture.getpixel((127, 255)), fill_of(prompt, "3"))
        self.assertEqual(picture.getpixel((128, 0)), (10, 20, 30))
        clear = source.convert("RGBA")
        clear.putalpha(mask().point(lambda value: 255 - value))
        picture = self.picture(FILL, {**body, "image": base64_of(clear)})
        self.assertEqual(picture.getpixel((10, 100)), fill_of(prompt, "3"))
        self.assertEqual(picture.getpixel((200, 100)), (10, 20, 30))

    def test_fill_rules(self) -> None:
        image = base64_of(flat((1, 1, 1), 256, 256))
        self.refused(FILL, {"prompt": "a", "image": image}, "mask")
        self.refused(FILL, {"image": image, "mask": base64_of(mask(256, 300))}, "mask")
        small = base64_of(flat((1, 1, 1), 255, 300))
        self.refused(FILL, {"image": small, "mask": base64_of(mask(255, 300))}, "image")
        self.refused(FILL, {"mask": base64_of(mask())}, "image", "missing")
        self.refused(
            FILL, {"image": image, "mask": image, "width": 256}, "width", "extra_forbidden"
        )
        self.refused(FILL, {"image": image, "mask": image, "steps": 14}, "steps", "range")
        self.refused(FILL, {"image": image, "mask": image, "guidance": 101}, "guidance", "range")

    def test_erase_grows_the_mask(self) -> None:
        white = Image.new("L", (256, 256), 0)
        white.putpixel((100, 100), 255)
        image = base64_of(flat((10, 20, 30), 256, 256))
        body = {
            "image": image,
            "mask": base64_of(white),
            "output_format": "png",
            "dilate_pixels": 5,
        }
        task = self.submitted(ERASE, body)
        picture = self.simulator.fetch(self.run_of(task)[-1].json["result"]["sample"]).picture
        for place, inside in (
            ((95, 95), True),
            ((105, 100), True),
            ((94, 100), False),
            ((106, 106), False),
        ):
            self.assertEqual(picture.getpixel(place) == fill_of(""), inside, place)
        self.refused(ERASE, {"image": image}, "mask", "missing")
        self.refused(ERASE, {**body, "prompt": "a"}, "prompt", "extra_forbidden")
        self.refused(ERASE, {**body, "dilate_pixels": 26}, "dilate_pixels", "range")

    def test_expand(self) -> None:
        prompt = "[[ready:1]] more"
        body = {
            "prompt": prompt,
            "image": base64_of(flat((10, 20, 30), 256, 256)),
            "output_format": "png",
        }
        picture = self.picture(EXPAND, {**body, "top": 10, "left": 20, "right": 30})
        self.assertEqual(picture.size, (306, 266))
        self.assertEqual(picture.getpixel((19, 100)), fill_of(prompt))
        self.assertEqual(picture.getpixel((20, 10)), (10, 20, 30))
        self.assertEqual(picture.getpixel((276, 100)), fill_of(prompt))
        self.refused(EXPAND, body, "top")
        self.refused(EXPAND, {**body, "top": 2049}, "top", "range")

    def test_formats(self) -> None:
        sent = {"input_image": base64_of(flat((1, 1, 1))), "prompt": "[[ready:1]]"}
        for target, mime in ((PRO, "image/jpeg"), (KONTEXT, "image/png")):
            sample = self.simulator.fetch(self.result(target, sent)["result"]["sample"])
            self.assertEqual(sample.headers["Content-Type"], mime)

    def test_the_log_has_masks_too(self) -> None:
        image, white = flat((1, 1, 1), 256, 256), mask()
        self.submitted(
            FILL, {"prompt": "logged", "image": base64_of(image), "mask": base64_of(white)}
        )
        line = next(line for line in self.simulator.log() if line.get("prompt") == "logged")
        self.assertEqual(line["body"]["mask"]["sha256"], hashlib.sha256(data_of(white)).hexdigest())
        self.assertEqual(line["body"]["mask"]["mean"], [128, 128, 128])


if __name__ == "__main__":
    unittest.main()
