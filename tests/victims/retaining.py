"""Closed cases and their end, each step in the scope of whoever takes it."""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.db import sealed_scope
from tests.factories.victims import acting_for, make_case, make_entry
from victims.models import Approval, Case, TeamMember
from victims.permissions import Officer
from victims.services import retention

WORDS = "CNRY-words-of-retention"


def closed_case(number: int = 1, *, team: Officer | None = None, **fields: Any) -> Case:
    """As a closing leaves it: the database wants the approval of a second person."""
    with acting_for("CR", "asker", "case_supervisor"):
        case = make_case(number)
        make_entry(case, "note", {"note_kind": "general", "text": "Invented"})
        if team is not None:
            TeamMember.objects.create(
                state="CR", case_id=case.id, user_id=team.code, since=timezone.now(), added_by="asker"
            )
        asked = Approval.objects.create(
            state="CR", case_id=case.id, question="closure", reason="assistance", asked_by="asker",
            asked_at=timezone.now(),
        )  # fmt: skip
    today = timezone.localdate()
    given = {"closed": today - dt.timedelta(days=800), "review_on": today - dt.timedelta(days=70), **fields}
    with acting_for("CR", "decider", "case_supervisor"):
        Approval.objects.filter(id=asked.id).update(
            decision="approved", decided_by="decider", decided_at=timezone.now()
        )
        Case.objects.filter(id=case.id).update(status="closed", **given)
        return Case.objects.get(id=case.id)


def act(officer: Officer, step: Any, case: Case, **words: Any) -> Any:
    """In a scope of their own, as a page does; a refusal leaves nothing behind."""
    with sealed_scope(officer.context()), transaction.atomic(using="sealed"):
        return step(actor=officer, case=Case.objects.get(id=case.id), **words)


def erased(case: Case, one: Officer, other: Officer) -> None:
    act(one, retention.ask_erasure, case, reason="period_over", words=WORDS)
    act(other, retention.confirm, case)
