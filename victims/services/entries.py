"""Needs, goals, services, tasks …: what the team writes into a record beside its facts."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.exceptions import StaleVersion, StepRefused
from victims.enums import EntryStatus, Kind, Purpose
from victims.models import Case, Entry
from victims.permissions import Officer
from victims.services.records import has_consent
from victims.services.shared import CHANGED, note, require_open_case_of, sealed


def write_entry(
    *,
    actor: Officer,
    case: Case,
    kind: str,
    data: Mapping[str, Any],
    status: str = EntryStatus.OPEN,
    due_on: date | None = None,
    parent: uuid.UUID | None = None,
) -> Entry:
    require_open_case_of(actor, case)
    _allowed_by_consent(case, kind)
    note(actor, "case.changed", case.id, what=kind)
    entry = uuid.uuid4()
    return Entry.objects.create(
        state=actor.state,
        id=entry,
        case_id=case.id,
        kind=kind,
        parent=_goal(case, parent) if kind == Kind.STEP else None,
        status=status,
        due_on=due_on,
        made_by=actor.code,
        made_at=timezone.now(),
        changed=timezone.localdate(),
        body=sealed(data, case.id, Kind(kind).field_class, "entry", entry),
    )


def change_entry(
    *,
    actor: Officer,
    case: Case,
    entry: Entry,
    data: Mapping[str, Any],
    version: int,
    status: str = EntryStatus.OPEN,
    due_on: date | None = None,
) -> None:
    require_open_case_of(actor, case)
    note(actor, "case.changed", case.id, what=entry.kind)
    body = sealed(data, case.id, Kind(entry.kind).field_class, "entry", entry.id)
    mine = Entry.objects.filter(id=entry.id, case_id=case.id, version=version)
    fields = {"status": status, "due_on": due_on, "body": body, "version": version + 1}
    if not mine.update(changed=timezone.localdate(), **fields):
        raise StaleVersion(CHANGED)


def finish_task(*, actor: Officer, case: Case, entry: Entry) -> None:
    require_open_case_of(actor, case)
    note(actor, "case.changed", case.id, what=entry.kind, status=EntryStatus.DONE)
    Entry.objects.filter(id=entry.id, case_id=case.id).update(status=EntryStatus.DONE, changed=timezone.localdate())


def note_safety(*, actor: Officer, case: Case, data: Mapping[str, Any], todo: Mapping[str, str]) -> Entry:
    """What cannot wait. Each danger becomes a task for today; `todo` holds its words by code."""
    entry = write_entry(actor=actor, case=case, kind=Kind.SAFETY, data=data)
    for words in todo.values():
        write_entry(actor=actor, case=case, kind=Kind.TASK, data={"what": words}, due_on=timezone.localdate())
    return entry


def _goal(case: Case, parent: uuid.UUID | None) -> uuid.UUID:
    goals = Entry.objects.filter(case_id=case.id, kind=Kind.GOAL)
    goal = goals.filter(id=parent).first() if parent else None
    if goal is None:
        raise StepRefused(_("A step belongs to a goal of the same case."))
    return goal.id


def _allowed_by_consent(case: Case, kind: str) -> None:
    """A service is given to somebody who wants it; what cannot wait is noted whatever was answered."""
    if kind == Kind.SERVICE and not has_consent(case, purpose=Purpose.SERVICE, classes=[]):
        raise StepRefused(_("The person has not agreed to receive services. Ask first, and record the answer."))
