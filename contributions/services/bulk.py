"""Many contributions from one workbook: all of them or none."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import State, User
from contributions import permissions
from contributions.enums import BulkState, Visibility
from contributions.imports import read_contributions
from contributions.models import Accreditation, BulkFiling, Contribution
from contributions.queries import activities_of
from contributions.services.contributions import Draft, draft_contribution, send
from core import audit
from core.exceptions import IdentitySuspected, NotAllowed, PortalError
from core.i18n import SUFFIXES
from core.sanitize.names import split_name
from workplan.imports import Fault
from workplan.models import Activity, Round


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
    sent, faults = _try_all(drafts, actor, identity_reason)
    if faults:
        raise FaultyBulk(faults)
    return sent


def _try_all(
    drafts: Sequence[tuple[int, Draft]], actor: User, identity_reason: str = ""
) -> tuple[list[Contribution], list[BulkFault]]:
    sent: list[Contribution] = []
    faults: list[BulkFault] = []
    for number, draft in drafts:
        reason = identity_reason or draft.identity_reason
        try:
            with transaction.atomic():
                row = draft_contribution(draft=replace(draft, identity_reason=reason), actor=actor)
                sent.append(send(contribution=row, actor=actor))
        except PortalError as refusal:
            faults.append(BulkFault(number, _why(refusal)))
    return sent, faults


# --- a workbook -----------------------------------------------------------------------------------


@transaction.atomic
def read_bulk(*, content: bytes, name: str, round_: Round, actor: User) -> BulkFiling:
    """Read a workbook and keep what it would send. The same file is read anew until it is sent, and then stays.

    Raises FaultyFile where it cannot be read at all, NotAllowed without an accreditation in force.
    """
    accreditation = _accreditation(actor)
    digest = sha256(content).hexdigest()
    own = BulkFiling.objects.filter(institution=accreditation.institution, round=round_, sha256=digest)
    known = own.select_for_update(of=("self",)).first()
    if known is not None and known.state == BulkState.SENT:
        return known
    reading = read_contributions(
        content, name, states=_names_of(accreditation), activities=set(_codes_of(round_, accreditation))
    )
    lines = [{"row": line.row, "values": line.values} for line in reading.lines]
    faults = _rehearse(lines, round_, accreditation, actor)
    problems = [_problem(fault) for fault in reading.faults]
    problems += [{"row": one.row, "column": "", "found": "", "reason": one.reason} for one in faults]
    filing = known or BulkFiling(institution=accreditation.institution, round=round_, sha256=digest, created_by=actor)
    filing.file_name, filing.lines = "".join(split_name(name))[:120], lines
    filing.problems = sorted(problems, key=lambda problem: int(problem["row"]))
    filing.save()
    counts = {"rows": len(lines), "problems": len(problems)}
    audit.record(verb="contribution.bulk_read", obj=filing, actor=actor, data=counts)
    return filing


def _names_of(accreditation: Accreditation) -> dict[str, list[str]]:
    ends = SUFFIXES.values()
    return {state.iso2: [getattr(state, f"name_{end}") for end in ends] for state in accreditation.states.all()}


def _codes_of(round_: Round, accreditation: Accreditation) -> Iterable[str]:
    return activities_of(round_, accreditation).values_list("code", flat=True)


def _problem(fault: Fault) -> dict[str, Any]:
    found = fault.found.replace("\0", "\ufffd")  # the database holds no NUL
    return {"row": fault.row or 0, "column": fault.column, "found": found, "reason": fault.reason}


def _rehearse(
    lines: Sequence[dict[str, Any]], round_: Round, accreditation: Accreditation, actor: User
) -> list[BulkFault]:
    """What the services would refuse, quotas and the identity guard included: all is done, and undone."""
    with transaction.atomic():
        _sent, faults = _try_all(_drafts(lines, round_, accreditation), actor)
        transaction.set_rollback(True)
    return faults


def _drafts(lines: Iterable[dict[str, Any]], round_: Round, accreditation: Accreditation) -> list[tuple[int, Draft]]:
    states = {state.iso2: state for state in accreditation.states.all()}
    activities = {activity.code: activity for activity in activities_of(round_, accreditation)}
    return [(line["row"], _draft(line["values"], round_, states, activities)) for line in lines]


def _draft(
    values: dict[str, Any], round_: Round, states: Mapping[str, State], activities: Mapping[str, Activity]
) -> Draft:
    plain = ("visibility", "name_withheld", "kind", "language", "title", "text", "identity_reason")
    return Draft(
        round=round_,
        states=[states[code] for code in values["states"] if code in states],
        activities=[activities[code] for code in values["activities"] if code in activities],
        period_from=date.fromisoformat(values["period_from"]),
        period_to=date.fromisoformat(values["period_to"]),
        **{name: values[name] for name in plain},
    )


@transaction.atomic
def send_bulk(*, filing: BulkFiling, actor: User, without: int = 0) -> int:
    """Send all rows, or, where `without` is the number of faulty ones, all the others. Returns how many.

    Raises PortalError while there are problems that nobody chose to leave out, or where rows can no longer be sent.
    """
    filing = BulkFiling.objects.select_for_update(of=("self",)).select_related("round").get(pk=filing.pk)
    accreditation = _accreditation(actor)
    if accreditation.institution_id != filing.institution_id:
        raise NotAllowed(_("Your organization has no accreditation in force."))
    if filing.state == BulkState.SENT:
        return filing.contributions.count()  # sent twice
    if without != len(filing.faulty_rows):
        raise PortalError(_("The file has rows with problems. Correct them, or send without these rows."))
    good = [line for line in filing.lines if line["row"] not in filing.faulty_rows]
    if not good:
        raise PortalError(_("No row can be sent. Correct the file and hand it in again."))
    _refuse_mixed(good)
    return _send_lines(filing, good, accreditation, actor)


def _refuse_mixed(lines: Sequence[dict[str, Any]]) -> None:
    """Rows of one file arrive together: beside those with a name, whose the others are would be no question."""
    seen = [line for line in lines if line["values"]["visibility"] != Visibility.SECRETARIAT]
    withheld = [line["row"] for line in seen if line["values"]["name_withheld"]]
    if withheld and len(withheld) < len(seen):
        words = {"row": withheld[0]}
        raise PortalError(
            _("Row %(row)s withholds your name and others show it. Hand them in as two files, on two days.") % words
        )


def _send_lines(filing: BulkFiling, lines: Sequence[dict[str, Any]], accreditation: Accreditation, actor: User) -> int:
    try:
        sent = file_many(drafts=_drafts(lines, filing.round, accreditation), actor=actor)
    except FaultyBulk as refusal:
        words = {"row": refusal.faults[0].row, "reason": refusal.faults[0].reason}
        raise PortalError(
            _("Nothing was sent, because something has changed since. Row %(row)s: %(reason)s") % words
        ) from refusal
    filing.contributions.set(sent)
    filing.state, filing.sent_at = BulkState.SENT, timezone.now()
    filing.save(update_fields=["state", "sent_at"])
    left_out = {"sent": len(sent), "left_out": len(filing.faulty_rows)}
    audit.record(verb="contribution.bulk_sent", obj=filing, actor=actor, data=left_out)
    return len(sent)


def _accreditation(actor: User) -> Accreditation:
    accreditation = permissions.contributing_for(actor)
    if accreditation is None:
        raise NotAllowed(_("Your organization has no accreditation in force."))
    return accreditation


def _why(refusal: Any) -> str:
    pieces = f" ({', '.join(refusal.pieces)})" if isinstance(refusal, IdentitySuspected) and refusal.pieces else ""
    return f"{refusal.message}{pieces}"
