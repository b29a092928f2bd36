"""Rounds and reports of the tests, made by the services a person would use."""

from datetime import date
from types import SimpleNamespace

from accounts.models import StateMembership
from workplan import services
from workplan.models import Catalogue, Plan, Report, ReportEntry, Round


def make_round(code: str = "2014-1", start: date = date(2014, 1, 1), end: date = date(2014, 6, 30)) -> Round:
    plan = Plan.objects.get(slug="wp-2010")
    catalogue = Catalogue.objects.get(plan=plan, is_current=True)
    return Round.objects.create(
        plan=plan, catalogue=catalogue, code=code, period_start=start, period_end=end, due_on=end
    )


def only_a_few_take_part() -> None:
    """Costa Rica, Guatemala, Barbados, Brazil and Haiti: all languages, and 1,100 entries fewer in each round."""
    others = StateMembership.objects.filter(kind="participates").exclude(state__iso2__in=["CR", "GT", "BB", "BR", "HT"])
    others.update(valid_to=date(2013, 12, 31))


def make_open_round(cast: SimpleNamespace, code: str = "2014-1", **dates: date) -> Round:
    round_ = make_round(code, **dates)
    services.open_round(round=round_, actor=cast.denise)
    return round_


def answer(entry: ReportEntry, actor: object, **fields: object) -> ReportEntry:
    defaults: dict[str, object] = {"status": "partial", "narrative": "Texto de prueba.", "is_ready": True}
    data = services.EntryData(**{**defaults, **fields})
    return services.save_entry(entry=entry, version=entry.version, data=data, actor=actor)


def submit(report: Report, author: object, approver: object, **fields: object) -> Report:
    """Answer every entry, send and approve."""
    for entry in report.entries.all():
        answer(entry, author, **fields)
    services.send_to_coordinator(report=report, actor=author)
    services.approve(report=report, actor=approver)
    report.refresh_from_db()
    return report
