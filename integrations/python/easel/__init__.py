"""Easel's client for Python: the standard library is enough for it.

`Client` is where to begin; `protocol` has every record of the wire as a type.
"""

from .client import Client
from .daemon import data_dir
from .errors import EaselError, UnreachableError
from .messages import Pixels
from .transport import HttpTransport, Transport

__all__ = [
    "Client",
    "EaselError",
    "HttpTransport",
    "Pixels",
    "Transport",
    "UnreachableError",
    "data_dir",
]
