"""Many contributions from one workbook: all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from contributions.models import Contribution
from contributions.services.contributions import Draft, draft_contribution, send
from core.exceptions import IdentitySuspected, PortalError


@dataclass(frozen=True)
class BulkFault:
    """Why a row is not taken; rows count as the spreadsheet program counts them."""

    row: int
    reason: str


class FaultyBulk(PortalError):
    def __init__(self, faults: Sequence[BulkFault]) -> None:
        super().__init__(_("The file has %(count)s faults; nothing was sent.") % {"count": len(faults)})
        self.faults = list(faults)


@transaction.atomic
def file_many(*, drafts: Sequence[tuple[int, Draft]], actor: User, identity_reason: str = "") -> list[Contribution]:
    """Draft and send each. Raises FaultyBulk with every row that is refused, and then nothing was sent."""
    sent: list[Contribution] = []
    faults: list[BulkFault] = []
    for number, draft in drafts:
        try:
            with transaction.atomic():
                row = draft_contribution(draft=replace(draft, identity_reason=identity_reason), actor=actor)
                sent.append(send(contribution=row, actor=actor))
        except PortalError as refusal:
            faults.append(BulkFault(number, _why(refusal)))
    if faults:
        raise FaultyBulk(faults)
    return sent


def _why(refusal: Any) -> str:
    pieces = f" ({', '.join(refusal.pieces)})" if isinstance(refusal, IdentitySuspected) and refusal.pieces else ""
    return f"{refusal.message}{pieces}"
