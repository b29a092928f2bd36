"""Who may do what with reports. The step must also be possible: see enums.TRANSITIONS."""

from accounts.enums import SECRETARIAT_ROLES, Role
from accounts.models import User
from accounts.permissions import has_role, has_role_in
from workplan.enums import EDITABLE_STATUSES, TRANSITIONS, Step
from workplan.models import Question, Report, ReportEntry

_WRITERS = (Role.FOCAL_POINT, Role.CONTRIBUTOR)


def _writes(user: User, report: Report) -> bool:
    if report.state is None:
        return has_role(user, *SECRETARIAT_ROLES)
    return has_role_in(user, report.state, *_WRITERS)


def _approves(user: User, report: Report) -> bool:
    if report.state is None:
        return has_role(user, Role.SECRETARIAT_ADMIN)
    return has_role_in(user, report.state, Role.FOCAL_POINT, Role.APPROVER)


def _reviews(user: User, report: Report) -> bool:
    """Nobody reviews their own: the Secretariat reviews States, the officers of the Meeting the Secretariat."""
    if report.state is None:
        return has_role(user, Role.MEETING_OFFICER)
    return has_role(user, *SECRETARIAT_ROLES)


_STEP_RULES = {
    Step.SEND_TO_COORDINATOR: _writes,
    Step.TAKE_BACK: _writes,
    Step.RETURN_TO_AUTHOR: _approves,
    Step.APPROVE: _approves,
    Step.RETURN: _reviews,
    Step.ACCEPT: _reviews,
}


def can_take_step(user: User, report: Report, step: str) -> bool:
    """Whether the person may take the step and the report's status allows it. An unknown step raises KeyError."""
    possible = report.status in TRANSITIONS[step].sources
    return possible and _STEP_RULES[Step(step)](user, report) and not _approves_own(user, report, step)


def _approves_own(user: User, report: Report, step: str) -> bool:
    one_person = report.state is not None and report.state.one_person_office
    return step == Step.APPROVE and report.sent_by_id == user.pk and not one_person


def can_edit_report(user: User, report: Report) -> bool:
    return report.round.status == "open" and report.status in EDITABLE_STATUSES and _writes(user, report)


def can_edit_entry(user: User, entry: ReportEntry) -> bool:
    """Writers of the report, and whoever was handed this entry."""
    report = entry.report
    if report.round.status != "open" or report.status not in EDITABLE_STATUSES:
        return False
    return _writes(user, report) or entry.grants.filter(user=user, permission__codename="change_reportentry").exists()


def can_answer(user: User, question: Question) -> bool:
    return _writes(user, question.report) or _approves(user, question.report)


def can_review(user: User, report: Report) -> bool:
    return _reviews(user, report)


def can_manage_rounds(user: User) -> bool:
    return has_role(user, *SECRETARIAT_ROLES)
