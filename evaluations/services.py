"""What the Secretariat does with evaluations."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core import audit, jobs
from core.exceptions import NotAllowed, PortalError, StepRefused
from core.models import Job
from evaluations import permissions, tasks
from evaluations.enums import Stage
from evaluations.models import Document, Evaluation
from workplan.models import Round

KIND = tasks.build.name


@transaction.atomic
def create_evaluation(
    *,
    round: Round,  # noqa: A002 - the field's own word
    compared_round: Round | None,
    symbol: str,
    original_language: str,
    actor: User,
) -> Evaluation:
    """Define an evaluation; nothing is read until it is built. The compared round must be an earlier one."""
    if not permissions.can_prepare(actor):
        raise NotAllowed(_("Only the Secretariat prepares evaluations."))
    if compared_round is not None and not _comes_before(compared_round, round):
        raise PortalError(_("Compare with an earlier period of the same Work Plan."))
    evaluation = Evaluation(
        plan=round.plan,
        round=round,
        compared_round=compared_round,
        symbol=symbol,
        original_language=original_language,
        created_by=actor,
    )
    evaluation.full_clean()
    evaluation.save()
    _audit("evaluation.created", evaluation, actor)
    return evaluation


def _comes_before(earlier: Round, later: Round) -> bool:
    return earlier.plan_id == later.plan_id and earlier.period_start < later.period_start


@transaction.atomic
def request_build(*, evaluation: Evaluation, actor: User) -> Job:
    """Ask for the documents. One build at a time: raises StepRefused while one is running."""
    if not permissions.can_prepare(actor):
        raise NotAllowed(_("Only the Secretariat prepares evaluations."))
    locked = Evaluation.objects.select_for_update(of=("self",)).select_related("job").get(pk=evaluation.pk)
    if locked.is_building:
        raise StepRefused(_("The documents are already being generated."))
    job = jobs.create_job(kind=KIND, actor=actor)
    jobs.enqueue(KIND, str(locked.public_id), key=f"{KIND}:{job.public_id}", queue="documents", job=job)
    locked.job = job
    locked.save(update_fields=["job"])
    jobs.report_progress(job, stage=Stage.FREEZE, stage_number=1, stage_count=len(Stage), done=0, total=0)
    _audit("evaluation.build_requested", locked, actor)
    evaluation.refresh_from_db()
    return job


def record_download(*, document: Document, actor: User) -> None:
    """Whoever takes a copy of an unpublished document leaves a trace."""
    data = {"sha256": document.sha256, "language": document.language, "format": document.format}
    audit.record(actor=actor, verb="document.downloaded", obj=document.snapshot.evaluation, data=data)


def _audit(verb: str, evaluation: Evaluation, actor: User) -> None:
    audit.record(actor=actor, verb=verb, obj=evaluation, data={"symbol": evaluation.symbol})
