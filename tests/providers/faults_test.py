"""What goes wrong on the wire and in pictures, and that the bill stays true through it."""

from __future__ import annotations

import gzip
import http.client
import io
import json
import socket
import struct
import time
import unittest
from typing import Any

from PIL import Image

from harness import ARK, GEMINI, Running, ark, base64_of, flat, flux, gemini, picture_of


class WireTest(unittest.TestCase):
    simulator: Running

    @classmethod
    def setUpClass(cls) -> None:
        cls.simulator = Running("gemini")
        cls.addClassCleanup(cls.simulator.stop)

    def raw(self, prompt: str) -> socket.socket:
        """Sends a request; the answer is for the caller to read."""
        connection = socket.create_connection(("127.0.0.1", self.simulator.port), 30)
        self.addCleanup(connection.close)
        body = json.dumps(gemini(prompt)).encode()
        head = f"POST {GEMINI} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n"
        head += "x-goog-api-key: test-key-gemini\r\n\r\n"
        connection.sendall(head.encode() + body)
        return connection

    def billed(self, expected: int, send: Any) -> Any:
        before = self.simulator.counts()["billed"]
        result = send()
        self.assertEqual(self.simulator.counts()["billed"] - before, expected)
        return result

    def reset_of(self, prompt: str) -> None:
        with self.assertRaises((ConnectionResetError, http.client.RemoteDisconnected)):
            self.simulator.post(GEMINI, gemini(prompt))

    def test_resets(self) -> None:
        self.billed(0, lambda: self.reset_of("[[reset]]"))
        self.billed(1, lambda: self.reset_of("[[reset-after-accept]]"))
        connection = self.raw("[[reset-after]]")
        self.assertTrue(connection.recv(4096).startswith(b"HTTP/1.1 200 "))
        with self.assertRaises(ConnectionResetError):
            while connection.recv(4096):
                pass

    def test_a_reset_is_an_rst(self) -> None:
        connection = self.raw("[[reset]]")
        with self.assertRaises(ConnectionResetError):
            connection.recv(1)

    def test_a_number_of_times_then_success(self) -> None:
        body = gemini("[[503:2]] counted")
        self.assertEqual(
            [self.simulator.post(GEMINI, body).status for _ in range(3)], [503, 503, 200]
        )
        other = gemini("[[503:2]] counted", seed=1)
        self.assertEqual(self.simulator.post(GEMINI, other).status, 503)
        lost = gemini("[[reset-after-accept:1]] again")
        with self.assertRaises((ConnectionResetError, http.client.RemoteDisconnected)):
            self.simulator.post(GEMINI, lost)
        self.assertEqual(self.simulator.post(GEMINI, lost).status, 200)

    def test_stalls(self) -> None:
        silent = self.raw("[[stall]]")
        silent.settimeout(0.3)
        with self.assertRaises(TimeoutError):
            silent.recv(1)
        half = self.raw("[[stall-body]]")
        got = half.recv(1 << 16)
        length = int(got.split(b"Content-Length: ")[1].split(b"\r\n")[0])
        wanted = len(got.split(b"\r\n\r\n")[0]) + 4 + length // 2
        while len(got) < wanted:
            got += half.recv(1 << 16)
        half.settimeout(0.3)
        with self.assertRaises(TimeoutError):
            half.recv(1)
        self.assertEqual(len(got), wanted)

    def lines(self, end: str) -> list[dict[str, Any]]:
        """The lines of the request whose prompt ends so."""
        log = self.simulator.log()
        numbers = [line["n"] for line in log if line.get("prompt", "").endswith(end)]
        return [line for line in log if line["n"] in numbers]

    def test_a_held_request_is_logged_and_answered_when_released(self) -> None:
        connection = self.raw("[[hold]] held")
        while len(self.lines("held")) < 1:
            time.sleep(0.01)
        self.assertEqual([line.get("done") for line in self.lines("held")], [None])
        self.assertEqual(self.simulator.release().status, 200)
        self.assertTrue(connection.recv(16).startswith(b"HTTP/1.1 200"))

    def test_latency(self) -> None:
        self.simulator.post(GEMINI, gemini("[[latency:0.4]] slow"))
        first, last = self.lines("slow")
        self.assertGreaterEqual(last["time"] - first["time"], 0.4)

    def test_bodies(self) -> None:
        with self.assertRaises(http.client.IncompleteRead):
            self.billed(1, lambda: self.simulator.post(GEMINI, gemini("[[truncated]]")))
        with self.assertRaises(http.client.IncompleteRead):
            self.simulator.post(GEMINI, gemini("[[chunked-no-end]]"))
        zipped = self.simulator.post(GEMINI, gemini("[[gzip]]"))
        self.assertEqual(zipped.headers["Content-Encoding"], "gzip")
        self.assertIn("candidates", json.loads(gzip.decompress(zipped.body)))
        huge = self.simulator.post(GEMINI, gemini("[[huge:3]]"))
        self.assertGreater(len(huge.body), 3 << 20)
        self.assertIn("candidates", huge.json)
        page = self.simulator.post(GEMINI, gemini("[[html502]]"))
        self.assertEqual((page.status, page.headers["Content-Type"][:9]), (502, "text/html"))

    def test_cut_base64_is_valid_json(self) -> None:
        answer = self.simulator.post(GEMINI, gemini("[[cut-base64]]"))
        data = answer.json["candidates"][0]["content"]["parts"][3]["inlineData"]["data"]
        with self.assertRaises(ValueError):
            picture_of(data)

    def test_redirect(self) -> None:
        answer = self.simulator.post(GEMINI, gemini("[[redirect:http://127.0.0.1:9/else?a=b]]"))
        self.assertEqual(answer.status, 302)
        self.assertEqual(answer.headers["Location"], "http://127.0.0.1:9/else?a=b")

    def test_keep_alive(self) -> None:
        connection = self.simulator.connect()
        self.addCleanup(connection.close)
        for _ in range(3):
            connection.request("GET", "/v1/models", headers=self.simulator.key())
            self.assertEqual(connection.getresponse().read()[:10], b'{"models":')
        self.assertIsNotNone(connection.sock)

    def test_a_chunked_request(self) -> None:
        connection = self.simulator.connect()
        self.addCleanup(connection.close)
        body = json.dumps(gemini("in chunks")).encode()
        parts = iter((body[:100], body[100:]))
        connection.request("POST", GEMINI, parts, self.simulator.key(), encode_chunked=True)
        self.assertEqual(connection.getresponse().status, 200)


class PictureTest(unittest.TestCase):
    """Every fault of a picture, at a service that answers in base64."""

    simulator: Running

    @classmethod
    def setUpClass(cls) -> None:
        cls.simulator = Running("ark")
        cls.addClassCleanup(cls.simulator.stop)

    def item(self, name: str) -> tuple[bytes, dict[str, Any]]:
        body = ark(f"[[{name}]]", flat((90, 90, 90)), response_format="url")
        item = self.simulator.post(ARK, body).json["data"][0]
        answer = self.simulator.fetch(item["url"])
        self.assertEqual(answer.status, 200)
        return answer.body, {**item, "mime": answer.headers["Content-Type"]}

    def opened(self, name: str) -> Image.Image:
        with Image.open(io.BytesIO(self.item(name)[0])) as opened:
            opened.load()
            return opened

    def test_sizes(self) -> None:
        self.assertEqual(self.opened("wrong-size").size, (512, 512))
        self.assertEqual(self.opened("ratio-off").size, (1025, 1024))
        self.assertEqual(self.opened("1x1").size, (1, 1))
        self.assertEqual(self.item("wrong-size")[1]["size"], "1024x1024")

    def test_formats(self) -> None:
        data, item = self.item("wrong-mime")
        self.assertEqual((data[1:4], item["mime"]), (b"PNG", "image/jpeg"))
        deep = self.item("png16")[0]
        self.assertEqual(deep[24], 16)
        self.assertEqual(picture_of(deep).size, (1024, 1024))
        self.assertEqual(self.opened("cmyk").mode, "CMYK")
        veiled = self.opened("alpha")
        self.assertEqual((veiled.mode, veiled.getpixel((5, 500))[3]), ("RGBA", 128))
        self.assertEqual(self.opened("animated").format, "WEBP")
        with Image.open(io.BytesIO(self.item("animated")[0])) as moving:
            self.assertEqual(moving.n_frames, 2)
        with self.assertRaises(OSError):
            picture_of(self.item("not-a-picture")[0])

    def test_a_bomb_is_small_and_claims_much(self) -> None:
        data, _ = self.item("bomb")
        self.assertLess(len(data), 1 << 20)
        self.assertEqual(struct.unpack(">II", data[16:24]), (60000, 60000))

    def test_files(self) -> None:
        cut, _ = self.item("cut-base64")
        with self.assertRaises(OSError):
            picture_of(cut)
        huge, _ = self.item("file.huge:2")
        self.assertGreater(len(huge), 2 << 20)
        with self.assertRaises(http.client.IncompleteRead):
            self.item("file.truncated")
        with self.assertRaises((ConnectionResetError, http.client.RemoteDisconnected)):
            self.item("file.reset")


class DriftTest(unittest.TestCase):
    def test_drift_moves_what_should_stay(self) -> None:
        simulator = Running("bfl", "--ready-after", "0")
        self.addCleanup(simulator.stop)
        image = flat((10, 20, 30), 256, 256)
        black = Image.new("L", (256, 256), 0)
        body = flux("[[drift]]")
        del body["input_image"]
        body |= {"image": base64_of(image), "mask": base64_of(black)}
        task = simulator.post("/v1/flux-pro-1.0-fill", body).json
        ready = simulator.fetch(task["polling_url"], **simulator.key()).json
        picture = simulator.fetch(ready["result"]["sample"]).picture
        self.assertEqual(picture.getpixel((100, 100)), (13, 23, 33))

    def test_shift_moves_and_enlarges(self) -> None:
        simulator = Running("bfl", "--ready-after", "0")
        self.addCleanup(simulator.stop)
        image = flat((10, 20, 30), 256, 256)
        image.paste((200, 200, 200), (128, 128, 256, 256))
        body = flux("[[shift]]")
        del body["input_image"]
        body |= {"image": base64_of(image), "mask": base64_of(Image.new("L", (256, 256), 0))}
        task = simulator.post("/v1/flux-pro-1.0-fill", body).json
        ready = simulator.fetch(task["polling_url"], **simulator.key()).json
        picture = simulator.fetch(ready["result"]["sample"]).picture
        self.assertEqual(picture.size, (256, 256))
        # The corner at 128 lies at 128 * 263 / 256 - 1 across and - 5 down.
        self.assertEqual(picture.getpixel((128, 200)), (10, 20, 30))
        self.assertEqual(picture.getpixel((134, 200)), (200, 200, 200))
        self.assertEqual(picture.getpixel((200, 124)), (10, 20, 30))
        self.assertEqual(picture.getpixel((200, 130)), (200, 200, 200))


if __name__ == "__main__":
    unittest.main()
