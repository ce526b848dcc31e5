"""What can go wrong, in the words of the wire: `kind` is for programs, the rest is for people."""

from __future__ import annotations

from .protocol import Charged, ErrorKind, Failure


class EaselError(Exception):
    """A failure as every face of Easel shows it."""

    def __init__(
        self,
        kind: ErrorKind,
        message: str,
        hint: str | None = None,
        retry_after_ms: int | None = None,
        provider_message: str | None = None,
        charged: Charged | None = None,
    ) -> None:
        super().__init__(message)
        #: The stable part.
        self.kind = kind
        #: What went wrong: lower case, no full stop.
        self.message = message
        #: What to do next.
        self.hint = hint
        #: When trying again makes sense, in milliseconds from now.
        self.retry_after_ms = retry_after_ms
        #: The provider's own words.
        self.provider_message = provider_message
        #: Whether it was paid for; `None` where nothing costs.
        self.charged = charged

    @classmethod
    def from_failure(cls, failure: Failure) -> EaselError:
        """The failure of a job or a plan as something that can be raised."""
        return cls(
            failure["kind"],
            failure["message"],
            failure.get("hint"),
            failure.get("retry_after_ms"),
            failure.get("provider_message"),
            failure.get("charged"),
        )


class UnreachableError(EaselError):
    """No daemon answers."""

    def __init__(self, message: str, hint: str | None = None, *, sent: bool = False) -> None:
        super().__init__("busy", message, hint)
        #: The request may have reached a daemon and may have been carried out.
        self.sent = sent
