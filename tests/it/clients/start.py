"""Finds the folders of each platform, starts a daemon that nobody started before, and runs the
example of the client's manual. Its argument is that manual.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path, PurePosixPath

from checks import fails, say
from easel import Client, UnreachableError, data_dir


def folders_of_each_platform() -> None:
    def folder(platform: str, **environment: str) -> str:
        return data_dir(environment, platform).as_posix()

    home = {"HOME": "/home/ada"}
    assert folder("linux", **home) == "/home/ada/.local/share/easel"
    assert folder("linux", XDG_DATA_HOME="/data", **home) == "/data/easel"
    assert folder("linux", XDG_DATA_HOME="data", **home) == "/home/ada/.local/share/easel"
    sandbox = {"FLATPAK_ID": "org.kde.krita", "XDG_DATA_HOME": "/home/ada/.var/app/x/data"}
    assert folder("linux", **home, **sandbox) == "/home/ada/.local/share/easel"
    assert folder("linux", HOST_XDG_DATA_HOME="/data", **home, **sandbox) == "/data/easel"
    assert folder("darwin", **home) == "/home/ada/Library/Application Support/easel"
    assert folder("win32", LOCALAPPDATA="C:/Users/ada/AppData/Local") == (
        "C:/Users/ada/AppData/Local/easel/data"
    )
    assert folder("win32", **home) == "/home/ada/AppData/Local/easel/data"
    assert folder("linux", EASEL_DATA_DIR="/elsewhere", **home) == "/elsewhere"
    assert PurePosixPath(folder("linux", EASEL_DATA_DIR="here", **home)).is_absolute()


def example_of(manual: Path) -> str:
    [example] = re.findall(r"```python\n(.*?)```", manual.read_text(encoding="utf-8"), re.DOTALL)
    return str(example)


def main() -> None:
    folders_of_each_platform()
    missing = Client(program="no-such-program")
    refused = fails("not_found", missing.start)
    assert "`no-such-program`" in refused.message and refused.hint
    # A program that ends at once is no daemon.
    fails("busy", Client(program="false").start)
    client = Client()
    fails("busy", client.server_info)
    info = client.start()
    try:
        # Nobody told the daemon where to be: both sides know the same convention.
        assert Path(info["data_dir"]) == client.data_dir == data_dir()
        assert client.start()["pid"] == info["pid"], "a second one was started"
        client.backend_trust(id="invert")
        exec(compile(example_of(Path(sys.argv[1])), sys.argv[1], "exec"), {})
    finally:
        client.server_shutdown()
    # The file of a daemon that has ended is gone, and a client says so.
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            client.server_info()
        except UnreachableError:
            break
        time.sleep(0.02)
    fails("busy", client.server_info)
    # One with a folder of its own, where it says so itself.
    with Client(client.data_dir / "own") as own:
        try:
            assert Path(own.start()["data_dir"]) == client.data_dir / "own"
        finally:
            own.server_shutdown()
    say("ended")


if __name__ == "__main__":
    main()
