"""What the pages of the Meetings show."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.i18n import NATIVE_NAMES
from core.templatetags.portal import month_date
from evaluations.models import Conclusion, FollowUp, Meeting
from workplan.models import Activity
from workplan.queries import current_catalogue

Text = str | Promise
ITEM_TITLES: dict[str, Promise] = {
    "officers": _("Officer of the Meeting"),
    "agenda": _("Item of the agenda"),
    "documents": _("Document of the Meeting"),
    "conclusions": _("Conclusion"),
}


@dataclass(frozen=True)
class Fact:
    key: Text
    value: Text


@dataclass(frozen=True)
class ActivityLink:
    code: str
    title: str
    url: str  # empty where the plan in force has no such activity


@dataclass(frozen=True)
class ConclusionCard:
    """A conclusion, the activities that carry it out, and what became of it; the last word first."""

    conclusion: Conclusion
    activities: list[ActivityLink]
    steps: list[FollowUp]

    @property
    def last(self) -> FollowUp | None:
        return self.steps[0] if self.steps else None

    @property
    def earlier(self) -> list[FollowUp]:
        return self.steps[1:]


def meeting_page(meeting: Meeting) -> dict[str, Any]:
    """For a Meeting with its page data."""
    return {
        "meeting": meeting,
        "facts": _facts(meeting),
        "papers": [(paper, NATIVE_NAMES.get(paper.original_language, "")) for paper in meeting.papers.all()],
        "conclusions": _cards(meeting),
    }


def _facts(meeting: Meeting) -> list[Fact]:
    facts = [Fact(_("Place"), meeting.place), Fact(_("Days"), days(meeting)), Fact(_("Series"), meeting.series)]
    facts += [Fact(officer.get_role_display(), _named(officer)) for officer in meeting.officers.all()]
    return [fact for fact in facts if fact.value]


@dataclass(frozen=True)
class ConflictRow:
    label: Text
    mine: Text
    stored: Text


def conflict_rows(form: Any, stored: Any) -> list[ConflictRow]:
    """The fields in which what was typed is not what somebody else saved meanwhile."""
    return [
        ConflictRow(form[name].label, _shown(form.instance, name), _shown(stored, name))
        for name in form._meta.fields
        if getattr(form.instance, name) != getattr(stored, name)
    ]


def _shown(record: Any, name: str) -> Text:
    value = getattr(record, name)
    if isinstance(value, date):
        return month_date(value)
    if isinstance(value, list):
        return ", ".join(value)
    named = getattr(record, f"get_{name}_display", None)
    return str(named() if named else "" if value is None else value)


def _named(officer: Any) -> str:
    return f"{officer.name} ({officer.state.name})" if officer.state else officer.name


def days(meeting: Meeting) -> str:
    return f"{month_date(meeting.starts_on)} – {month_date(meeting.ends_on)}"


def _cards(meeting: Meeting) -> list[ConclusionCard]:
    conclusions = list(meeting.conclusions.all())
    titles = {activity.code: activity for activity in _catalogue(conclusions)}
    return [
        ConclusionCard(
            row, [activity_link(code, titles.get(code)) for code in row.activities], list(row.follow_ups.all())
        )
        for row in conclusions
    ]


def _catalogue(conclusions: Iterable[Conclusion]) -> Iterable[Activity]:
    return current_catalogue().activities.all() if any(row.activities for row in conclusions) else []


def activity_link(code: str, activity: Activity | None) -> ActivityLink:
    if activity is None:
        return ActivityLink(code, "", "")
    return ActivityLink(activity.number, activity.title, reverse("activity_detail", args=[code]))
