"""The plan and the States."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.forms import Form
from django.http import Http404
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Institution, State
from core.i18n import LANGUAGES, NATIVE_NAMES, SUFFIXES
from workplan.models import (
    Activity,
    Plan,
)
from workplan.presenters.steps import Event
from workplan.queries import current_catalogue


@dataclass(frozen=True)
class PlanArea:
    code: str
    title: str
    activities: list[Activity]


def plan_areas(activities: Iterable[Activity]) -> list[PlanArea]:
    """Activities under their areas, both in the order of the plan."""
    ordered = sorted(activities, key=lambda activity: (activity.area.position, activity.position))
    groups = ((area, list(rows)) for area, rows in groupby(ordered, key=lambda activity: activity.area))
    return [PlanArea(area.code, area.title, rows) for area, rows in groups]


def plan_events(plan: Plan) -> list[Event]:
    """Adoption and amendments, newest first."""
    years = {"first": plan.start_date.year, "last": plan.original_end_date.year}
    adopted = Event(_("Adopted for %(first)s-%(last)s") % years, plan.adopted_on, plan.resolution)
    amended = [
        Event(
            _("Extended to %(year)s") % {"year": amendment.new_end_date.year}, amendment.decided_on, "", amendment.text
        )
        for amendment in plan.amendments.order_by("-decided_on")
    ]
    return [*amended, adopted]


def plan_years(plan: Plan) -> str:
    years = {"first": plan.start_date.year, "last": plan.original_end_date.year, "end": plan.end_date.year}
    if years["end"] == years["last"]:
        return _("%(first)s-%(last)s") % years
    return _("%(first)s-%(last)s, extended to %(end)s") % years


def chips(form: Form, wanted: Mapping[str, str], url: str) -> list[dict[str, str]]:
    """The filters in force, each with the address of the page without it."""
    rows = []
    for name, value in wanted.items():
        rest = urlencode({key: other for key, other in wanted.items() if key != name})
        label = dict(form.fields[name].choices)[value]  # type: ignore[attr-defined]
        rows.append({"label": str(label), "url": f"{url}?{rest}" if rest else url})
    return rows


def plan_of_activity(code: str) -> dict[str, Any]:
    """An activity of the list in force, and those before and after it."""
    catalogue = current_catalogue()
    activities = list(catalogue.activities.select_related("area", "catalogue__plan"))
    activity = next((row for row in activities if row.code == code), None)
    if activity is None:
        raise Http404
    return {
        "catalogue": catalogue,
        "activity": activity,
        "neighbors": neighbors(activities, activity),
        "translations": translations(activity),
    }


@dataclass(frozen=True)
class Neighbors:
    before: Activity | None
    after: Activity | None


def neighbors(activities: Sequence[Activity], activity: Activity) -> Neighbors:
    place = activities.index(activity)
    return Neighbors(
        before=activities[place - 1] if place else None,
        after=activities[place + 1] if place + 1 < len(activities) else None,
    )


def translations(activity: Activity) -> list[dict[str, str]]:
    """Title and text in the languages other than the page's."""
    return [
        {
            "language": code,
            "name": NATIVE_NAMES[code],
            "title": getattr(activity, f"title_{SUFFIXES[code]}"),
            "text": getattr(activity, f"text_{SUFFIXES[code]}"),
        }
        for code in LANGUAGES
        if code != get_language()
    ]


def by_name(states: Iterable[State]) -> list[State]:
    return sorted(states, key=lambda state: state.sort_key)


def by_state(institutions: Iterable[Institution]) -> list[tuple[State, list[Institution]]]:
    """Bodies under their States, States by name."""
    bodies: dict[State, list[Institution]] = {}
    for institution in institutions:
        if institution.state is not None:
            bodies.setdefault(institution.state, []).append(institution)
    return [(state, bodies[state]) for state in by_name(bodies)]


def official_names(state: State) -> list[dict[str, str]]:
    return [
        {"key": NATIVE_NAMES[code], "value": getattr(state, f"official_name_{SUFFIXES[code]}"), "lang": code}
        for code in LANGUAGES
    ]
