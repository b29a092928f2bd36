"""Who may do what with reports. The step must also be possible: see enums.TRANSITIONS."""

from accounts.enums import SECRETARIAT_ROLES, InstitutionKind, Role
from accounts.models import RoleAssignment, State, User
from accounts.permissions import has_role, has_role_in
from workplan.enums import APPROVERS, EDITABLE_STATUSES, NOT_YET_SENT, TRANSITIONS, WRITERS, RoundStatus, Step
from workplan.models import Extension, Question, Report, ReportEntry
from workplan.queries import state_has_begun
from workplan.querysets import AnyUser, own_states


def _in_authority(user: User, state: State, *roles: str) -> bool:
    """A role in the State's national authority: a ministry's contributor writes only what was handed over."""
    mine = RoleAssignment.objects.of(user, *roles)
    return mine.filter(institution__state=state, institution__kind=InstitutionKind.AUTHORITY).exists()


def _writes(user: User, report: Report) -> bool:
    if report.state is None:
        return has_role(user, *SECRETARIAT_ROLES)
    return _in_authority(user, report.state, *WRITERS)


def _approves(user: User, report: Report) -> bool:
    if report.state is None:
        return has_role(user, Role.SECRETARIAT_ADMIN)
    return _in_authority(user, report.state, *APPROVERS)


def _reviews(user: User, report: Report) -> bool:
    """Nobody reviews their own: the Secretariat reviews States, the officers of the Meeting the Secretariat,
    and whoever wrote in a report, sent or approved it in another role leaves it to a colleague."""
    if user.pk in (report.sent_by_id, report.approved_by_id):
        return False
    reviewers = SECRETARIAT_ROLES if report.state else (Role.MEETING_OFFICER,)
    return has_role(user, *reviewers) and not report.entries.filter(updated_by=user.pk).exists()


def _files_for_state(user: User, report: Report) -> bool:
    """An officer of the Secretariat, where nobody of the State has begun: drafts are the State's to finish."""
    return report.state is not None and has_role(user, *SECRETARIAT_ROLES) and not state_has_begun(report)


_STEP_RULES = {
    Step.SEND_TO_COORDINATOR: _writes,
    Step.TAKE_BACK: _writes,
    Step.RETURN_TO_AUTHOR: _approves,
    Step.APPROVE: _approves,
    Step.RETURN: _reviews,
    Step.ACCEPT: _reviews,
    Step.WITHDRAW: _approves,
    Step.ASK_RETURN: _approves,
    Step.REOPEN: _reviews,
    Step.FILE_FOR_STATE: _files_for_state,
}


def round_takes(report: Report, step: str = "") -> bool:
    """Whether the round still takes work on this report: all while open; once closed only what was submitted in
    time, so that questions of the review can be answered, and what has more time; nothing once frozen.

    The Secretariat files for a State only once the State itself no longer can.
    """
    status = report.round.status
    submitted = report.submitted_at is not None
    has_time = report.extended_to is not None and report.extended_to >= report.today
    if step == Step.FILE_FOR_STATE:
        return status == RoundStatus.CLOSED and not submitted and not has_time
    return status == RoundStatus.OPEN or (status == RoundStatus.CLOSED and (submitted or has_time))


def can_take_step(user: User, report: Report, step: str) -> bool:
    """Whether the person may take the step and the report's status allows it. An unknown step raises KeyError."""
    possible = report.status in TRANSITIONS[step].sources and round_takes(report, step)
    return possible and holds_step(user, report, step)


def holds_step(user: User, report: Report, step: str) -> bool:
    """Whether the step is this person's to take, whatever the report's status is just now."""
    return _STEP_RULES[Step(step)](user, report) and not approves_own(user, report, step)


def approves_own(user: User, report: Report, step: str = Step.APPROVE) -> bool:
    one_person = report.state is not None and report.state.one_person_office
    return step == Step.APPROVE and report.sent_by_id == user.pk and not one_person


def can_read_answers(user: User, report: Report) -> bool:
    """The working answers, before they are sent: the reporter's own people. Others read versions."""
    if report.state is None:
        return has_role(user, *SECRETARIAT_ROLES)
    return own_states(user).filter(institution__state=report.state).exists()


def can_read_evidence(user: User, report: Report) -> bool:
    """The titles of all evidence that was sent; whoever cannot reads of that which may be published."""
    return report.state is None or has_role(user, *SECRETARIAT_ROLES) or can_read_answers(user, report)


def can_follow_review(user: User, report: Report) -> bool:
    """Read what the reporter and the reviewers write to each other (QuestionQuerySet.visible_to, for one report)."""
    reviewers = SECRETARIAT_ROLES if report.state else (*SECRETARIAT_ROLES, Role.MEETING_OFFICER)
    return has_role(user, *reviewers) or can_read_answers(user, report)


def follows_papers(_user: AnyUser) -> bool:
    """Whoever asked for a document follows how it is made; nobody else needs to."""
    return False


def can_edit_report(user: User, report: Report) -> bool:
    return report.status in EDITABLE_STATUSES and round_takes(report) and _writes(user, report)


def can_edit_entry(user: User, entry: ReportEntry) -> bool:
    """Writers of the report, and whoever was handed this entry."""
    report = entry.report
    if report.status not in EDITABLE_STATUSES or not round_takes(report):
        return False
    return _writes(user, report) or _was_handed(user, entry)


def _was_handed(user: User, entry: ReportEntry) -> bool:
    granted = entry.grants.in_force().filter(user=user, permission__codename="change_reportentry").exists()
    return granted and has_role_in(user, entry.report.state)


def can_hand_out(user: AnyUser, report: Report) -> bool:
    """Hand entries to single people of the State, and take them back: the coordinator distributes the work."""
    return report.state is not None and has_role_in(user, report.state, Role.FOCAL_POINT)


def can_answer(user: User, question: Question) -> bool:
    return can_answer_for(user, question.report)


def can_answer_for(user: User, report: Report) -> bool:
    return _writes(user, report) or _approves(user, report)


def can_approve(user: User, report: Report) -> bool:
    """Whether this person is one of those who approve, whatever the report's status."""
    return _approves(user, report)


def can_review(user: User, report: Report) -> bool:
    return _reviews(user, report)


def reviews_states(user: User) -> bool:
    return has_role(user, *SECRETARIAT_ROLES)


def reviews_secretariat(user: User) -> bool:
    return has_role(user, Role.MEETING_OFFICER)


def can_ask_for_time(user: AnyUser, report: Report) -> bool:
    """The focal point, for a report that the Secretariat has not had yet."""
    waits = report.status in NOT_YET_SENT and report.submitted_at is None
    is_over = report.round.status not in (RoundStatus.OPEN, RoundStatus.CLOSED)
    return waits and not is_over and report.state is not None and has_role_in(user, report.state, Role.FOCAL_POINT)


def can_decide_extension(user: AnyUser, extension: Extension) -> bool:
    return can_manage_rounds(user) and extension.requested_by_id != user.pk


def can_publish(user: AnyUser, report: Report) -> bool:
    """The focal point decides for the State what everybody may read."""
    return report.state is not None and has_role_in(user, report.state, Role.FOCAL_POINT)


def can_import(user: User, report: Report) -> bool:
    """Whoever may write the whole report; the Secretariat for a State where it may file."""
    return can_edit_report(user, report) or can_take_step(user, report, Step.FILE_FOR_STATE)


def can_take_form(user: User, report: Report) -> bool:
    """The spreadsheet or the paper form: whoever reads the working answers, or fills them in from a file."""
    return can_read_answers(user, report) or can_import(user, report)


def can_manage_rounds(user: AnyUser) -> bool:
    return has_role(user, *SECRETARIAT_ROLES)


def can_follow_rounds(user: AnyUser) -> bool:
    """Who has reported and who has not: the Secretariat and the officers of the Meeting."""
    return has_role(user, *SECRETARIAT_ROLES, Role.MEETING_OFFICER)
