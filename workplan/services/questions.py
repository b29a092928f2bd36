"""Questions of the review."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.enums import HookKind
from accounts.models import User
from core import audit
from core.exceptions import NotAllowed, StepRefused
from workplan import permissions
from workplan.enums import QuestionStatus, ReportStatus
from workplan.models import Activity, Question, Reply, Report
from workplan.services.locks import locked_report
from workplan.services.steps import tell_systems


@transaction.atomic
def ask_question(*, report: Report, activity: Activity, field: str, text: str, actor: User) -> Question:
    """The reviewer asks about a field of the version under review. The same question sent twice is one."""
    report = locked_report(report.pk)
    if report.status != ReportStatus.SUBMITTED or not permissions.round_takes(report):
        raise StepRefused(_("Questions are asked while the report is under review."))
    if not permissions.can_review(actor, report):
        raise NotAllowed(_("You do not review this report."))
    question, is_new = Question.objects.get_or_create(
        report=report,
        activity=activity,
        version=report.versions.latest("number"),
        field=field,
        text=text,
        status=QuestionStatus.OPEN,
        asked_by=actor,
        defaults={"language": actor.language},
    )
    if is_new:
        _audit_question("question.asked", question, actor)
        tell_systems(HookKind.QUESTION_ASKED, report)
    return question


@transaction.atomic
def answer_question(*, question: Question, text: str, actor: User) -> Reply:
    """Add a reply. The same words from the same person as the last reply are a form sent twice: one reply."""
    question = _locked_question(question.pk)
    if question.status == QuestionStatus.RESOLVED:
        raise StepRefused(_("This question is already resolved."))
    _refuse_frozen(question)
    if not permissions.can_answer(actor, question):
        raise NotAllowed(_("You cannot answer this question."))
    last = question.replies.last()
    if last is not None and (last.by_id, last.text) == (actor.pk, text):
        return last
    reply = Reply.objects.create(question=question, text=text, language=actor.language, by=actor)
    _set_question_status(question, QuestionStatus.ANSWERED, "question.answered", actor)
    tell_systems(HookKind.QUESTION_ANSWERED, question.report)
    return reply


@transaction.atomic
def resolve_question(*, question: Question, actor: User) -> None:
    question = _locked_question(question.pk)
    if not permissions.can_review(actor, question.report):
        raise NotAllowed(_("Only the reviewer resolves a question."))
    if question.status == QuestionStatus.RESOLVED:
        return
    _refuse_frozen(question)
    _set_question_status(question, QuestionStatus.RESOLVED, "question.resolved", actor)


def _refuse_frozen(question: Question) -> None:
    if not permissions.round_takes(question.report):
        raise StepRefused(_("The period is over: its questions stay as they are."))


def _locked_question(question_id: int) -> Question:
    locked = Question.objects.select_for_update(of=("self",))
    return locked.select_related("report__round", "report__state").get(pk=question_id)


def _set_question_status(question: Question, status: str, verb: str, actor: User) -> None:
    question.status = status
    question.save(update_fields=["status"])
    _audit_question(verb, question, actor)


def _audit_question(verb: str, question: Question, actor: User) -> None:
    data: dict[str, Any] = {"field": question.field, "reference": question.report.reference}
    audit.record(actor=actor, verb=verb, obj=question, chain=question.report.chain, data=data)
