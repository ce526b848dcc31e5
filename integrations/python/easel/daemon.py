"""Where the daemon keeps its things, how to reach it, and how to start one. Reads the two files
that it writes for local integrations, and nothing else of its data folder.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from .errors import EaselError, UnreachableError

_LARGE_LOG = 10 << 20
#: CREATE_NO_WINDOW and CREATE_NEW_PROCESS_GROUP.
_WINDOWS_FLAGS = 0x0800_0200
#: Daemons that were started here: an ended one stays in the process list until it is asked about.
_started: list[subprocess.Popen[bytes]] = []


class Endpoint(NamedTuple):
    """How to reach a daemon."""

    port: int
    pid: int
    token: str


def data_dir(environment: Mapping[str, str] | None = None, platform: str = sys.platform) -> Path:
    """The folder that the daemon of this user takes by itself, by the platform's convention;
    `EASEL_DATA_DIR` says otherwise.
    """
    environment = os.environ if environment is None else environment
    chosen = environment.get("EASEL_DATA_DIR")
    if chosen:
        return Path(chosen).absolute()
    home = Path(environment.get("HOME") or Path.home())
    if platform == "win32":
        local = environment.get("LOCALAPPDATA")
        return (Path(local) if local else home / "AppData" / "Local") / "easel" / "data"
    if platform == "darwin":
        return home / "Library" / "Application Support" / "easel"
    # Flatpak gives an editor folders of its own; the daemon runs outside and uses the user's.
    sandboxed = "FLATPAK_ID" in environment
    shared = environment.get("HOST_XDG_DATA_HOME" if sandboxed else "XDG_DATA_HOME", "")
    # A relative path is invalid there, and the daemon passes over it too.
    return (Path(shared) if os.path.isabs(shared) else home / ".local" / "share") / "easel"


def read_endpoint(folder: Path) -> Endpoint:
    """What the daemon of a data folder wrote; raises `UnreachableError` where there is none."""
    none = UnreachableError("no daemon is running", "`easel serve` starts one")
    try:
        written = json.loads((folder / "daemon.json").read_bytes())
        token = (folder / "token").read_text(encoding="ascii").strip()
        endpoint = Endpoint(int(written["port"]), int(written["pid"]), token)
    except (OSError, ValueError, KeyError, TypeError):
        raise none from None
    if not _is_alive(endpoint.pid):
        # It crashed. Its port may be anybody's by now: the token must not go there.
        raise none
    return endpoint


def _is_alive(pid: int) -> bool:
    for process in _started:
        process.poll()
    # On Windows this would end the process, and a sandbox has process numbers of its own.
    if sys.platform == "win32" or "FLATPAK_ID" in os.environ:
        return True
    try:
        os.kill(pid, 0)
    except OSError:
        # There is none, or it belongs to somebody else.
        return False
    return True


def installed_program(package: Path = Path(__file__).parent) -> str | None:
    """The program that put this package beside an editor's plugin: the `PATH` of a desktop session
    may not lead to it. `None` where it is gone, or where nothing was installed.
    """
    # The record lies beside the plugin: one or two folders above this one.
    for folder in package.parents[:2]:
        try:
            program = json.loads((folder / "installed.json").read_bytes())["program"]
        except (OSError, ValueError, KeyError, TypeError):
            continue
        return program if isinstance(program, str) and os.access(program, os.X_OK) else None
    return None


def spawn(folder: Path, program: str | None, explicit: bool) -> subprocess.Popen[bytes]:
    """Starts a daemon that outlives this process. `explicit` says that the folder is not the one
    that a daemon takes by itself.
    """
    found = shutil.which(program or installed_program() or "easel")
    if found is None:
        message = f"there is no program `{program or 'easel'}`"
        raise EaselError("not_found", message, "install Easel, or say where its program is")
    command = [found, "serve", "--log-format", "json"]
    if explicit:
        command += ["--data-dir", str(folder)]
    log = log_path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if log.exists() and log.stat().st_size > _LARGE_LOG:
            log.replace(log.with_name("easel.log.old"))
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # Signals and consoles that are meant for the editor are not meant for the daemon.
                start_new_session=sys.platform != "win32",
                creationflags=_WINDOWS_FLAGS if sys.platform == "win32" else 0,
            )
    except OSError as error:
        raise EaselError("internal", f"cannot start the daemon: {error}") from error
    _started.append(process)
    return process


@atexit.register
def _let_go() -> None:
    for process in _started:
        # Python warns of children that outlive it, and these are meant to.
        process.returncode = process.poll() or 0


def log_path(folder: Path) -> Path:
    """Where a daemon in the background writes its log."""
    return folder / "easel.log"


def last_error(folder: Path) -> str:
    """The reason that a daemon gave before it ended."""
    try:
        lines = log_path(folder).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    errors = [line for line in lines if line.startswith("error: ")]
    return (errors or lines or ["its log is empty"])[-1].removeprefix("error: ")
