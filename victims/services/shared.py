"""What the services of the area share: who may, the trail, sealing."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.exceptions import NotAllowed, StepRefused
from victims import vault
from victims.enums import Status
from victims.models import Case
from victims.permissions import Officer, works_on

Opened = dict[str, Any]
CHANGED = _("A colleague changed this in the meantime. Look at it again before you save.")


def require(allowed: bool) -> None:
    if not allowed:
        raise NotAllowed(_("You do not work on this case."))


def require_open_case_of(actor: Officer, case: Case) -> None:
    """The team writes, and into an open case alone."""
    require(works_on(actor, case))
    if case.status != Status.OPEN:
        raise StepRefused(_("This case is closed. Nothing more is written into it."))


def note(actor: Officer, verb: str, case: uuid.UUID, **data: Any) -> None:
    vault.write_trail(
        chain=actor.state,
        verb=verb,
        object_type="victims.case",
        object_id=str(case),
        actor_id=actor.user.pk,
        data=data,
    )


def sealed(value: Mapping[str, Any], case: uuid.UUID, field_class: str, table: str, record: uuid.UUID) -> bytes:
    return vault.seal(value, case=case, field_class=field_class, table=table, record=record)
