"""What the scripts beside this one share."""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable
from contextlib import closing
from typing import Any

from easel import Client, EaselError, HttpTransport
from easel.daemon import read_endpoint
from easel.messages import Request, Response


def fails(kind: str, work: Callable[[], Any]) -> EaselError:
    """Expects a failure of a kind, and hands it back."""
    try:
        given = work()
    except EaselError as error:
        assert error.kind == kind, f"{error.kind} instead of {kind}: {error}"
        assert error.message and not error.message[0].isupper(), error.message
        assert not error.message.endswith("."), error.message
        return error
    raise AssertionError(f"no {kind}: {given!r}")


def get(client: Client, path: str, token: str | None = None) -> Response:
    """What the daemon answers to a bare request, with the token of its file or another one."""
    endpoint = read_endpoint(client.data_dir)
    with closing(HttpTransport(endpoint.port, token or endpoint.token)) as transport:
        return transport.request(Request("GET", path))


def metric(client: Client, name: str) -> int:
    """One of the daemon's counters."""
    lines = get(client, "/metrics").body.decode().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(f"easel_{name} ")))


def pattern(width: int, height: int) -> bytes:
    """Rows of `rgba8`, transparent in places."""
    return bytes(
        sample & 255
        for y in range(height)
        for x in range(width)
        for sample in (x * 7 + y, y * 5, x ^ y, 255 - (x + y) % 3)
    )


def swapped(rows: bytes) -> bytes:
    """Red and blue exchanged."""
    other = bytearray(rows)
    other[0::4], other[2::4] = rows[2::4], rows[0::4]
    return bytes(other)


def inverted(rows: bytes) -> bytes:
    """What the model `invert` makes of rows."""
    other = bytearray(rows)
    for channel in range(3):
        other[channel::4] = bytes(255 - sample for sample in rows[channel::4])
    return bytes(other)


def profile() -> bytes:
    """A small ICC profile: the primaries of sRGB with a plain power as its curve."""

    def xyz(*values: float) -> bytes:
        return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(it * 65536) for it in values))

    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(2.2 * 256)) + bytes(2)
    name = b"small\0"
    description = b"desc" + bytes(4) + struct.pack(">I", len(name)) + name + bytes(78)
    tags = {
        b"desc": description + bytes(-len(description) % 4),
        b"cprt": b"text" + bytes(4) + b"none" + bytes(4),
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(0.4361, 0.2225, 0.0139),
        b"gXYZ": xyz(0.3851, 0.7169, 0.0971),
        b"bXYZ": xyz(0.1431, 0.0606, 0.7141),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    table, data = struct.pack(">I", len(tags)), b""
    for signature, value in tags.items():
        table += signature + struct.pack(">II", 128 + 4 + 12 * len(tags) + len(data), len(value))
        data += value
    white = struct.pack(">3i", 63190, 65536, 54061)
    header = struct.pack(">I4sI4s4s4s", 0, bytes(4), 0x0240_0000, b"mntr", b"RGB ", b"XYZ ")
    header += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28) + white
    body = header.ljust(128, b"\0") + table + data
    return struct.pack(">I", len(body)) + body[4:]


def say(*words: object) -> None:
    """Tells the test that started this script."""
    print(*words)
    sys.stdout.flush()
