"""Plans and treaties of a State: entered, changed, taken back and put back by its authority."""

from dataclasses import dataclass, fields
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import State, User
from core import audit
from core.exceptions import NotAllowed, PortalError, StaleVersion, StepRefused
from core.identity import refuse_identity
from networks import permissions
from networks.enums import Act
from networks.models import InstrumentAct, LegalInstrument, NationalPlan

LawRecord = NationalPlan | InstrumentAct


@dataclass(frozen=True)
class PlanData:
    title: str
    language: str
    valid_from: date
    valid_to: date | None  # none: no end is set
    adopted_by: str
    source: str
    identity_reason: str = ""


@dataclass(frozen=True)
class ActData:
    instrument: LegalInstrument
    act: str
    done_on: date
    source: str
    identity_reason: str = ""


LawData = PlanData | ActData


@transaction.atomic
def enter_law(*, state: State, data: LawData, actor: User) -> LawRecord:
    """A plan, or an act on a treaty, of the actor's own State."""
    _hold(state, actor)
    record: LawRecord = NationalPlan(state=state) if isinstance(data, PlanData) else InstrumentAct(state=state)
    return _write(record, data, actor, "recorded")


@transaction.atomic
def change_law(*, record: LawRecord, data: LawData, seen: int, actor: User) -> LawRecord:
    """`seen` is the version that the person had before them."""
    stored = _held(record, actor)
    if stored.removed_at is not None:
        raise StepRefused(_("It was removed. Put it back first."))
    if stored.version != seen:
        raise StaleVersion(_("Somebody else changed this in the meantime. Open it again."))
    stored.version += 1
    return _write(stored, data, actor, "changed")


@transaction.atomic
def remove_law(*, record: LawRecord, actor: User) -> None:
    """Out of sight of all others; the State itself still sees it, and can put it back."""
    stored = _held(record, actor)
    if stored.removed_at is None:
        stored.removed_at = timezone.now()
        _save(stored, actor, "removed")


@transaction.atomic
def restore_law(*, record: LawRecord, actor: User) -> None:
    """Refused where the same was entered again meanwhile."""
    stored = _held(record, actor)
    if stored.removed_at is not None:
        stored.removed_at = None
        _save(stored, actor, "restored")


def _hold(state: State, actor: User) -> None:
    """One writer of a State at a time: nothing is entered twice."""
    if not permissions.writes_law_of(actor, state):
        raise NotAllowed(_("You do not report for this State."))
    State.objects.select_for_update().get(pk=state.pk)


def _held(record: LawRecord, actor: User) -> LawRecord:
    _hold(record.state, actor)
    stored: LawRecord = type(record)._default_manager.get(pk=record.pk)
    return stored


def _write(record: LawRecord, data: LawData, actor: User, what: str) -> LawRecord:
    if isinstance(data, ActData):
        _refuse_day(data)
    texts = (data.source,) if isinstance(data, ActData) else (data.title, data.adopted_by, data.source)
    for field in fields(data):
        setattr(record, field.name, getattr(data, field.name))
    record.identity_reason = refuse_identity(texts, reason=data.identity_reason)
    return _save(record, actor, what)


def _refuse_day(data: ActData) -> None:
    if data.done_on < data.instrument.adopted_on:
        raise PortalError(_("This is before the day on which the treaty was adopted."))
    if data.act != Act.DENOUNCED and data.done_on > timezone.localdate():
        raise PortalError(_("This day has not come yet."))


def _save(record: LawRecord, actor: User, what: str) -> LawRecord:
    try:
        record.validate_constraints()
    except ValidationError as error:
        raise PortalError(" ".join(error.messages)) from error
    record.recorded_by, record.recorded_at = actor, timezone.now()
    record.save()
    kind = "national_plan" if isinstance(record, NationalPlan) else "ratification"
    audit.record(
        verb=f"{kind}.{what}", obj=record, chain=record.state.iso2, actor=actor, data={"version": record.version}
    )
    return record
