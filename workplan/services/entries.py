"""Answers to single activities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.enums import Language
from accounts.models import User
from core import audit
from core.exceptions import PortalError, StaleVersion
from workplan import permissions
from workplan.enums import ImplementationStatus
from workplan.models import Action, ReportEntry, Round
from workplan.queries import ANSWER_FIELDS
from workplan.services.locks import locked_entry
from workplan.validators import details_fault


@dataclass(frozen=True)
class ActionData:
    kind: str
    title: str
    starts_on: date
    ends_on: date | None = None
    place: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)  # by enums.DETAILS; what is blank is not there


@dataclass(frozen=True)
class EntryData:
    """A validated answer; `actions` replaces those there were."""

    status: str
    reason: str = ""
    narrative: str = ""
    results: str = ""
    good_practice: str = ""
    obstacles: str = ""
    obstacle_kinds: Sequence[str] = ()
    language: str = Language.EN
    is_ready: bool = False
    carried_from: Round | None = None  # copied from there, and nobody has said that it still holds
    actions: Sequence[ActionData] = field(default_factory=tuple)


@transaction.atomic
def save_entry(*, entry: ReportEntry, version: int, data: EntryData, actor: User) -> ReportEntry:
    """Write an answer if nobody saved since `version` was read.

    Raises StaleVersion (nothing is written), NotAllowed, or PortalError where the answer breaks a rule.
    """
    entry = locked_entry(entry, actor)
    if entry.version != version:
        raise StaleVersion(_("Somebody else saved this entry while you were writing."))
    _check_entry(entry.report.round, data)
    _write_entry(entry, data, actor)
    audit.record(
        actor=actor,
        verb="entry.saved",
        obj=entry,
        chain=entry.report.chain,
        data={
            "activity": entry.activity.code,
            "version": entry.version,
            "ready": entry.is_ready,
            **({"carried_from": data.carried_from.code} if data.carried_from else {}),
        },
    )
    return entry


def _check_entry(round_: Round, data: EntryData) -> None:
    if data.status == ImplementationStatus.NO_INFORMATION:
        raise PortalError(_("“No information” is set by the portal, never chosen."))
    if data.status == ImplementationStatus.NOT_APPLICABLE and not data.reason.strip():
        raise PortalError(_("Say why the activity does not apply."))
    if data.is_ready and not data.status:
        raise PortalError(_("Choose a status before you mark the entry as completed."))
    if data.is_ready and data.carried_from is not None:
        raise PortalError(_("Confirm what was copied from the period before."))
    for action in data.actions:
        _check_dates(round_, action)
        if fault := details_fault(action.kind, action.details):
            raise PortalError(fault)


def _check_dates(round_: Round, action: ActionData) -> None:
    end = action.ends_on or action.starts_on
    if end < action.starts_on:
        raise PortalError(_("An action cannot end before it starts."))
    if not round_.period_start <= action.starts_on <= end <= round_.period_end:
        raise PortalError(_("The dates of an action must fall in the period of the round."))


def write_answer(entry: ReportEntry, values: Mapping[str, Any], actor: User) -> None:
    """Write the parts named, and nothing else. The caller has locked the entry and checked what is written.

    Whoever writes an answer says so: unless it is copied just now, it no longer waits for a confirmation.
    """
    for name, value in {"carried_from": None, "proposed_by": None, **values}.items():
        setattr(entry, name, value)
    entry.version += 1
    entry.updated_by = actor
    entry.save()


def _write_entry(entry: ReportEntry, data: EntryData, actor: User) -> None:
    values = {name: getattr(data, name) for name in ANSWER_FIELDS}
    values |= {"obstacle_kinds": list(data.obstacle_kinds), "carried_from": data.carried_from}
    values["proposed_by"] = None if permissions.can_edit_report(actor, entry.report) else actor
    write_answer(entry, values, actor)
    entry.actions.all().delete()
    Action.objects.bulk_create(
        Action(
            entry=entry,
            kind=action.kind,
            title=action.title,
            starts_on=action.starts_on,
            ends_on=action.ends_on,
            place=action.place,
            details=dict(action.details),
        )
        for action in data.actions
    )
