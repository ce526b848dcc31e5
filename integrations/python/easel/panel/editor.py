"""What the panel needs of an editor, and of whatever runs its flows. An integration implements
both; everything else about a transform is the same in every editor and lies beside this file.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Callable, NamedTuple, Protocol

from ..errors import EaselError
from ..flows import Flow, T
from ..messages import Bytes
from ..protocol import Origin, PixelFormat, Region


class Rows(NamedTuple):
    """Pixels as an editor holds them: top to bottom, tightly packed."""

    rows: Bytes
    format: PixelFormat
    width: int
    height: int
    #: The bytes of the ICC profile; without one it is sRGB, or linear sRGB for floats.
    icc: bytes | None = None


@dataclass(frozen=True)
class Sight:
    """What would be sent if Transform were pressed now: cheap to make, asked for twice a second."""

    #: The layer's name, or the document's where everything visible is sent.
    title: str
    width: int
    height: int
    #: Where the source lies in its document. `document` and `layer` find it again after a restart.
    origin: Origin
    #: What the selection covers of the source, in pixels of the source; `None` without a selection.
    selection: Region | None = None
    #: A few words on depth and colours: `16-bit RGB`.
    format: str = ""
    #: Why it cannot be sent, with what to do; nothing else of this is looked at then.
    problem: EaselError | None = None
    #: A small picture for the panel, of the toolkit's own kind.
    thumbnail: Any = field(default=None, compare=False)
    #: Changes whenever the pixels or the selection may have changed.
    token: Hashable = None
    #: Layers that can be picked as references: what `Editor.read_layer` takes, and a name.
    layers: Sequence[tuple[str, str]] = ()


class Source(NamedTuple):
    """What is sent: the pixels that are to change, and where they may change."""

    sight: Sight
    pixels: Rows
    #: One byte a pixel, as many as `pixels` has, 255 = may change; `None`: everywhere.
    mask: Bytes | None


class Layer(NamedTuple):
    """One result that is to become a layer."""

    #: Made of model and prompt.
    name: str
    pixels: Rows
    #: Where it belongs, in pixels of its document.
    x: int
    y: int
    #: One byte a pixel of `pixels`: 0 where the layer is to be hidden; `None`: nowhere.
    mask: bytes | None
    #: The artifact, the job and the transform that it comes from, to be kept with the layer.
    artifact: str
    job: str
    transform: str
    #: The recipe's run that it comes from; empty without one. What arrived together shares it.
    run: str = ""


class Placement(NamedTuple):
    """Results that arrive together: one layer, or a group of which one is visible at a time."""

    #: The group's name.
    title: str
    layers: Sequence[Layer]
    #: The source: the results go right above its layer, or on top where that is gone.
    origin: Origin
    #: What `Editor.place` returned for results that these take the place of, in live mode.
    replaces: Any = None


class Editor(Protocol):
    """An editor as the panel sees it. All of it is called on the editor's own thread."""

    #: The name on the wire: `krita`, `gimp`.
    client: str

    def look(self, area: str) -> Sight | None:
        """What would be sent now; `None` where no document is open. `area`: `layer` for the active
        layer or group, `visible` for everything that is seen.
        """
        ...

    def read(self, area: str, use_selection: bool) -> Source:
        """The pixels; raises `EaselError` where that cannot be."""
        ...

    def read_layer(self, id: str) -> Rows:
        """A layer of the active document, to be a reference; `id` is from `Sight.layers`."""
        ...

    def formats(self, origin: Origin) -> PixelFormat | None:
        """In which format `place` wants results for the document of `origin`: that of its layers.
        `None` where the document is not open.
        """
        ...

    def place(self, placement: Placement) -> Any:
        """Puts results into their document as new layers, in one undo step, and gives back a
        handle for `Placement.replaces`. The active layer stays the one it was, so that Transform
        can be pressed again. Raises `EaselError` where the document is not open.
        """
        ...

    def choose(self, artifact: str, origin: Origin) -> bool:
        """Shows the layer that `place` made of an artifact and hides the others of its group;
        `False` where the document of `origin` has no such layer any more.
        """
        ...


class Running(Protocol):
    """A flow that was started, or a call that waits."""

    def stop(self) -> None:
        """Ends it: nothing of it is heard any more."""
        ...


class Driver(Protocol):
    """Runs flows beside the editor's own work. What it calls, it calls on the editor's thread,
    and never before `run` or `after` has returned.
    """

    def run(
        self,
        flow: Flow[T],
        done: Callable[[T], None],
        failed: Callable[[EaselError], None],
        told: Callable[[Any], None] | None = None,
    ) -> Running:
        """Runs a flow; `told` is given what it tells on the way."""
        ...

    def after(self, seconds: float, call: Callable[[], None]) -> Running:
        """Calls once, later."""
        ...
