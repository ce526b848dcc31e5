"""A peer for the benchmark of watched folders: inotifywait and ImageMagick, as shell loops use them.

    python inotifywait_magick.py IN OUT COUNT      exits once COUNT results are there
"""

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# Debian's name first: `convert` may be anybody's program.
CONVERT = shutil.which("convert-im6.q16") or shutil.which("convert")

source, target, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
watch = subprocess.Popen(
    ["inotifywait", "--monitor", "--event=close_write,moved_to", "--format=%f", str(source)],
    stdout=subprocess.PIPE,
    stderr=subprocess.PIPE,
    text=True,
)
assert CONVERT is not None
assert watch.stdout is not None and watch.stderr is not None
for line in watch.stderr:
    if "established" in line:
        break


def invert(name: str) -> None:
    # One thread each, as two of them run; level 1 is nearest to what the other side writes.
    subprocess.run(
        [CONVERT, str(source / name), "-limit", "thread", "1", "-negate"]
        + ["-quality", "15", str(target / f"{Path(name).stem}.png")],
        check=True,
    )


with ThreadPoolExecutor(2) as pool:
    print("ready", flush=True)
    begun = []
    for line in watch.stdout:
        name = line.rstrip("\n")
        if name.endswith(".jpg"):
            begun.append(pool.submit(invert, name))
        if len(begun) == count:
            break
    for one in begun:
        one.result()
watch.terminate()
