"""A peer for the benchmark of watched folders: watchdog and Pillow, the way people write it.

    python watchdog_pillow.py IN OUT COUNT      exits once COUNT results are there
"""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image, ImageOps
from watchdog.events import FileSystemEventHandler
from watchdog.observers import Observer

source, target, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
done = threading.Semaphore(0)


def invert(path: Path) -> None:
    # What PIL calls level 1 is nearest to what the other side of the comparison writes.
    ImageOps.invert(Image.open(path).convert("RGB")).save(
        target / f"{path.stem}.png", compress_level=1
    )
    done.release()


class Handler(FileSystemEventHandler):
    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.pool = pool

    def take(self, path: str) -> None:
        if path.endswith(".jpg"):
            self.pool.submit(invert, Path(path))

    def on_closed(self, event) -> None:
        self.take(event.src_path)

    def on_moved(self, event) -> None:
        self.take(event.dest_path)


with ThreadPoolExecutor(2) as pool:
    observer = Observer()
    observer.schedule(Handler(pool), str(source))
    observer.start()
    print("ready", flush=True)
    for _ in range(count):
        done.acquire()
    observer.stop()
