"""Refusals of the domain. Each carries a translated sentence that may be shown to the user."""

from collections.abc import Sequence

from django.utils.functional import Promise


class PortalError(Exception):
    """Base of all refusals; `message` is safe to show."""

    def __init__(self, message: "str | Promise") -> None:
        super().__init__(str(message))
        self.message = message


class StepRefused(PortalError):
    """A transition that the state of the object does not allow."""


class NotAllowed(PortalError):
    """The actor may see the object but not do this."""


class StaleVersion(PortalError):
    """Somebody else saved in the meantime."""


class SealedAreaClosed(PortalError):
    """The sealed area was asked for something outside a scope, or cannot vouch for itself. Nothing is shown."""


class ScopeViolation(PortalError):
    """A write that would leave the actor's own scope. Always a bug or an attack."""


class IdentitySuspected(PortalError):
    """A text or a file may tell who somebody is, and nobody has said why it names no victim (core.identity)."""

    def __init__(self, message: "str | Promise", pieces: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.pieces = pieces
