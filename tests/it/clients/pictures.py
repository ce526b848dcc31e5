"""Pixels there and back, and everything that a client must be able to rely on meanwhile. Its daemon
knows `invert` and `slow`, and trusts neither yet.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import get_args

from checks import fails, get, inverted, metric, pattern, profile, swapped
from easel import Client, EaselError, HttpTransport, UnreachableError
from easel.messages import Request, Response
from easel.protocol import PROTOCOL_VERSION, Ask, ErrorKind, Intent

WIDTH, HEIGHT = 37, 23


def invert(source: str) -> Ask:
    return {"intent": "restyle", "source": source, "models": ["invert"], "client": "test"}


def trust(client: Client) -> None:
    rows = client.put_pixels(pattern(WIDTH, HEIGHT), "rgba8", WIDTH, HEIGHT)
    refused = fails("backend_blocked", lambda: client.submit(invert(rows["id"])))
    assert refused.hint, refused
    for backend in client.backend_list()["backends"]:
        if backend["state"] == "untrusted":
            assert client.backend_trust(id=backend["id"])["state"] == "ready"
    assert "invert" in [model["record"]["id"] for model in client.model_list()["models"]]


def pixels_there_and_back(client: Client) -> None:
    rows = pattern(WIDTH, HEIGHT)
    source = client.put_pixels(rows, "rgba8", WIDTH, HEIGHT)
    assert source.get("picture") == {"format": "rgba8", "width": WIDTH, "height": HEIGHT}
    # An editor's order of channels is the same picture.
    assert client.put_pixels(swapped(rows), "bgra8", WIDTH, HEIGHT)["id"] == source["id"]
    plan = client.transform_plan(ask=invert(source["id"]))["jobs"][0]
    assert plan["result_size"] == [WIDTH, HEIGHT] and "failure" not in plan, plan

    transform = client.submit(invert(source["id"]))
    events = list(client.follow(transform["id"]))
    assert [event["event"] for event in events][:2] == ["queued", "started"]
    assert events[-1]["event"] == "done"
    numbers = [event["seq"] for event in events]
    assert numbers == sorted(set(numbers))
    # Going on from a number gives the rest, and from the last one nothing.
    assert list(client.follow(transform["id"], after=numbers[0])) == events[1:]
    assert list(client.follow(transform["id"], after=numbers[-1])) == []
    assert client.events(numbers[0], transform["id"])["events"] == events[1:]

    [artifact] = client.transform_get(id=transform["id"])["jobs"][0]["artifacts"]
    assert [event["artifact"] for event in events if event["event"] == "artifact"] == [artifact]
    assert artifact["place"] == {"x": 0, "y": 0, "width": WIDTH, "height": HEIGHT}
    stored = client.pixels(artifact["blob"])
    assert stored[1:] == ("rgba8", WIDTH, HEIGHT, None)
    assert stored.rows == inverted(rows)
    assert client.pixels(artifact["blob"], "bgra8").rows == swapped(inverted(rows))
    deep = client.pixels(artifact["blob"], "rgba16")
    assert deep.format == "rgba16" and deep.rows[1::2] == stored.rows

    preview = client.preview(artifact["blob"], max=16)
    assert preview.startswith(b"\x89PNG\r\n\x1a\n")
    small = client.put_file(preview).get("picture")
    assert small is not None and max(small["width"], small["height"]) == 16


def profiles_stay(client: Client) -> None:
    icc = client.put_icc(profile())
    assert "picture" not in icc
    rows = pattern(WIDTH, HEIGHT)
    source = client.put_pixels(rows, "rgba8", WIDTH, HEIGHT, icc["id"])
    assert source["id"] != client.put_pixels(rows, "rgba8", WIDTH, HEIGHT)["id"]
    read = client.pixels(source["id"])
    assert (read.icc, read.rows) == (icc["id"], rows)
    missing = "0" * 64
    fails("not_found", lambda: client.put_pixels(rows, "rgba8", WIDTH, HEIGHT, missing))


def nothing_is_sent_twice(client: Client) -> None:
    rows = pattern(31, 17)
    before = metric(client, "uploads_total")
    first = client.put_pixels(rows, "rgba8", 31, 17)
    assert metric(client, "uploads_total") == before + 1
    for again in (rows, bytearray(rows), memoryview(rows)):
        assert client.put_pixels(again, "rgba8", 31, 17) == first
    assert client.put_icc(profile())["bytes"] > 0
    assert metric(client, "uploads_total") == before + 1, "an unchanged layer was sent again"
    # The same bytes in another shape are another picture.
    other = client.put_pixels(rows, "rgba8", 17, 31)
    assert other["id"] != first["id"] and metric(client, "uploads_total") == before + 2
    # What was cleaned up is sent again.
    deadline = time.monotonic() + 60
    while is_there(client, first["id"]):
        assert time.monotonic() < deadline, "the blob was not removed"
        clean_up_as_if_days_had_passed(client)
        time.sleep(0.05)
    fails("not_found", lambda: client.blob_info(first["id"]))
    assert client.put_pixels(rows, "rgba8", 31, 17) == first
    assert metric(client, "uploads_total") == before + 3


def is_there(client: Client, blob: str) -> bool:
    try:
        return client.blob_info(blob)["id"] == blob
    except EaselError as error:
        if error.kind != "not_found":
            raise
        return False


def clean_up_as_if_days_had_passed(client: Client) -> None:
    long_ago = time.time() - 7 * 86_400
    # The daemon moves new blobs here in its own time.
    for file in Path(client.data_dir, "blobs").glob("??/*"):
        os.utime(file, (long_ago, long_ago))
    client.store_gc()


class Lossy(HttpTransport):
    """Loses the first answer to a submission, after the daemon has carried it out."""

    def request(self, request: Request) -> Response:
        response = super().request(request)
        submission = b'"transform.submit"' in bytes(request.body)
        if submission and not losses:
            losses.append(bytes(request.body))
            raise UnreachableError("the answer got lost", sent=True)
        return response


losses: list[bytes] = []


def one_key_one_transform(client: Client) -> None:
    source = client.put_pixels(pattern(9, 9), "rgba8", 9, 9)["id"]
    first = client.submit(invert(source), key="once")
    assert client.submit(invert(source), key="once")["id"] == first["id"]
    assert client.submit(invert(source))["id"] != first["id"], "keys of their own"
    other: Ask = {**invert(source), "title": "another"}
    fails("conflict", lambda: client.submit(other, key="once"))

    count = len(client.transform_list(limit=500)["transforms"])
    with Client(transport=Lossy) as lossy:
        submitted = lossy.submit(invert(source))
    assert len(losses) == 1 and submitted["key"].encode() in losses[0]
    assert len(client.transform_list(limit=500)["transforms"]) == count + 1


def failures_have_their_kind(client: Client) -> None:
    fails("not_found", lambda: client.job_get(id="nobody"))
    fails("not_found", lambda: list(client.follow("nobody")))
    fails("not_found", lambda: client.blob_info("0" * 64))
    fails("invalid_request", lambda: client.blob_info("../token"))
    fails("invalid_request", lambda: client.put_pixels(b"123", "rgba8", 1, 1))
    fails("invalid_request", lambda: client.put_pixels(b"", "rgba8", 0, 0))
    fails("invalid_request", lambda: client.put_pixels(b"1234", "cmyk8", 1, 1))  # type: ignore[arg-type]
    fails("invalid_request", lambda: client.put_file("no such file"))
    fails("invalid_request", lambda: client.job_events(transform=7))  # type: ignore[arg-type]
    fails("not_a_picture", lambda: client.put_file(b"this is no picture at all"))
    fails("unsupported", lambda: client.call("easel.fly"))
    source = client.put_pixels(pattern(9, 9), "rgba8", 9, 9)["id"]
    refused = fails("unsupported", lambda: client.submit({**invert(source), "strength": 0.5}))
    assert "strength" in refused.message and refused.hint, refused
    assert refused.retry_after_ms is None and refused.charged is None
    missing = fails("not_found", lambda: client.submit({**invert(source), "models": ["nothing"]}))
    assert "`nothing`" in missing.message

    answer = get(client, "/metrics", token="f" * 64)
    assert answer.status == 401 and b"unauthorized" in answer.body
    assert set(get_args(ErrorKind)) >= {"unauthorized", "conflict", "over_budget"}
    assert "restyle" in get_args(Intent)


def cancelling_ends_a_transform(client: Client) -> None:
    source = client.put_pixels(pattern(9, 9), "rgba8", 9, 9)["id"]
    ask: Ask = {
        "intent": "restyle",
        "source": source,
        "models": ["slow", "invert"],
        "params": {"slow:milliseconds": 600_000},
    }
    transform = client.submit(ask)
    seen: dict[str, str] = {}
    models = {job["id"]: job["model"] for job in transform["jobs"]}
    for event in client.follow(transform["id"]):
        seen[models[event["job"]]] = event["event"]
        if seen.get("invert") == "done" and seen.get("slow") in ("started", "progress"):
            client.cancel(transform["id"])
    assert seen == {"slow": "cancelled", "invert": "done"}, seen
    # Again, when there is nothing left to cancel.
    states = [job["state"] for job in client.cancel(transform["id"])["jobs"]]
    assert states == ["cancelled", "done"]
    slow = transform["jobs"][0]["id"]
    fails("invalid_request", lambda: client.job_cancel(id=slow))
    assert client.job_retry(id=slow)["state"] in ("queued", "running")
    client.cancel(transform["id"])
    assert list(client.follow(transform["id"]))[-1]["event"] == "cancelled"


def pairing_lets_another_client_in(client: Client) -> None:
    code = client.pairing_start()["code"]
    token = client.pairing_finish(code=code, client="test")["token"]
    assert get(client, "/metrics", token).status == 200
    fails("unauthorized", lambda: client.pairing_finish(code=code, client="test"))


def main() -> None:
    with Client() as client:
        info = client.server_info()
        assert info["protocol"] == PROTOCOL_VERSION
        assert Path(info["data_dir"]) == client.data_dir
        trust(client)
        pixels_there_and_back(client)
        profiles_stay(client)
        nothing_is_sent_twice(client)
        one_key_one_transform(client)
        failures_have_their_kind(client)
        cancelling_ends_a_transform(client)
        pairing_lets_another_client_in(client)
        # Closed is not ended: the next call connects again.
        client.close()
        assert client.server_info()["pid"] == info["pid"]


if __name__ == "__main__":
    try:
        main()
    except EaselError as error:
        raise SystemExit(f"{error.kind}: {error} (hint: {error.hint})") from error
