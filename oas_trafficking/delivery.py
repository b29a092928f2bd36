"""Files of the dashboard and of a State's page: made at once for a page, by a worker for whoever asks with a key."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import State, User
from core import jobs, replica
from core.files import store_once
from core.models import JobFile, OutboxMessage
from core.spreadsheets import csv_text
from evaluations.delivery.xlsx import Sheet, workbook
from evaluations.models import Evaluation
from networks.queries import busiest_corridors
from oas_trafficking.forms import PeriodForm
from oas_trafficking.presenters.dashboard import Dashboard
from oas_trafficking.presenters.state_page import StatePage
from oas_trafficking.queries import Desk
from oas_trafficking.queries.dashboard import Overview, overview, standings, state_overview
from workplan.models import Report, Round

EXPORTS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
CORRIDORS = 8  # of the dashboard


class NotTheirs(Exception):
    """The person may no longer open what they asked for: the work is given up, and tells nobody anything."""


# --- what a page and a file say -------------------------------------------------------------------


def rounds_looked_at(user: User) -> list[Round]:
    """The periods that have opened, the latest first."""
    return list(Round.objects.visible_to(user).exclude(status="draft"))


def figures_of(form: PeriodForm) -> tuple[Overview, list[Report]]:
    """Of every State, from the standby where there is one."""
    return replica.read(lambda: _figures(form))


def _figures(form: PeriodForm) -> tuple[Overview, list[Report]]:
    return overview(form.round, form.compared), list(standings(form.round))


def dashboard_of(desk: Desk, form: PeriodForm) -> Dashboard:
    """What lies on the desk is read from the database itself, the figures from the standby where there is one."""
    evaluations = desk.evaluations
    return replica.read(lambda: _dashboard(evaluations, form))


def _dashboard(evaluations: list[Evaluation], form: PeriodForm) -> Dashboard:
    of, reports = _figures(form)
    return Dashboard(
        of=of,
        reports=reports,
        evaluations=evaluations,
        query=form.query,
        language=translation.get_language() or "en",
        at=replica.moment(),
        corridors=busiest_corridors(CORRIDORS),
    )


def reports_of(user: Any, state: State) -> list[Report]:
    """Those the person may open, the latest first."""
    reports = Report.objects.visible_to(user).filter(state=state).with_list_data()
    return list(reports.order_by("-round__period_start"))


def state_page_of(
    state: State, reports: Sequence[Report], query: Mapping[str, Any]
) -> tuple[PeriodForm, StatePage] | None:
    """From the accepted ones of the reports that the reader may open; none without any."""
    accepted = [report for report in reports if report.accepted_version_id is not None]
    if not accepted:
        return None
    form = PeriodForm(query, rounds=[report.round for report in accepted])
    page = StatePage(
        state=state,
        of=state_overview(form.round, form.compared, accepted),
        reports=accepted,
        query=form.query,
        area=query.get("area", ""),
        language=translation.get_language() or "en",
        at=timezone.now(),
    )
    return form, page


# --- files ----------------------------------------------------------------------------------------


def file_of(sheets: Sequence[Sheet], kind: str, at: datetime) -> bytes:
    if kind == "xlsx":
        return workbook(sheets, title=_("Progress of the Work Plan"), created=at)
    return csv_text((_("Table"), _("Row"), _("Column"), _("Value")), _lines(sheets)).encode()


def _lines(sheets: Sequence[Sheet]) -> Iterator[tuple[object, ...]]:
    """The sheets one after another, a line for each cell."""
    for sheet in sheets:
        for row in sheet.rows:
            for head, value in zip(sheet.head[1:], row[1:], strict=True):
                yield sheet.name, row[0], head, "" if value is None else value


def write_export(message: OutboxMessage, user_id: int, iso2: str, query: Mapping[str, str], kind: str) -> None:
    """The view of the person as they may open it now, in their language; kept beside the job."""
    user = User.objects.get(pk=user_id, is_active=True)
    with translation.override(user.language), timezone.override(user.time_zone):
        reference, content = _written(user, iso2, query, kind)
    name, digest = store_once(content, folder="exports", suffix=kind)
    with transaction.atomic():
        if jobs.finish(message) and message.job_id is not None:
            JobFile.objects.create(
                job_id=message.job_id, reference=reference, format=kind, file=name, size=len(content), sha256=digest
            )


def _written(user: User, iso2: str, query: Mapping[str, str], kind: str) -> tuple[str, bytes]:
    page: Dashboard | StatePage
    if iso2:
        found = state_page_of(state := State.objects.get(iso2=iso2), reports_of(user, state), query)
        if found is None:
            raise NotTheirs
        form, page = found
        return f"{iso2}-{form.round.code}", file_of(page.sheets(), kind, page.at)
    desk = Desk(user)
    if not desk.is_secretariat:
        raise NotTheirs
    form = PeriodForm(query, rounds=rounds_looked_at(user))
    page = dashboard_of(desk, form)
    return f"dashboard-{form.round.code}", file_of(page.sheets(), kind, page.at)
