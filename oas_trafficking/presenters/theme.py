"""What the page of a theme gathers: what the Third Meeting asked, and what stands in the portal about it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse

from core.templatetags.charts import BarPart
from evaluations.delivery.content import name_key
from evaluations.queries.figures import Json, row
from indicators.models import Release
from indicators.presenters import CatalogueRow, catalogue_rows
from oas_trafficking.presenters.dashboard import bar
from workplan.enums import Theme
from workplan.models import Activity, ReportVersion

# Released tables that say something of a theme; of the others no count is collected. By the codes of the catalogue.
TABLES: Mapping[str, tuple[str, ...]] = {
    Theme.VISIBILITY: ("offences-recorded", "persons-suspected", "persons-prosecuted", "persons-convicted"),
    Theme.VICTIM_CENTRE: ("victims-assisted",),
    Theme.PROTECTION: ("victims-by-sex-and-age", "victims-by-age-group"),
    Theme.SHARED_RESPONSIBILITY: ("victims-by-citizenship-and-place", "victims-repatriated"),
    Theme.EVERY_FORM: ("victims-by-sex-and-exploitation", "offences-recorded"),
}


@dataclass(frozen=True)
class ActivityLine:
    """An activity of the theme, how many States published on it, and how it stands in the reports one may open."""

    activity: Activity
    published: int
    bar: list[BarPart]


@dataclass(frozen=True)
class PublishedLine:
    """A State, and the activities of the theme on which it published something."""

    name: str
    iso2: str
    period: str
    activities: list[Activity]


def activity_lines(
    activities: Sequence[Activity], versions: Iterable[ReportVersion], live: Json | None
) -> list[ActivityLine]:
    told = {(_iso2(version), entry["activity"]) for version in versions for entry in version.entries}  # type: ignore[attr-defined]
    counts = {activity.code: sum(code == activity.code for _iso2, code in told) for activity in activities}
    return [ActivityLine(activity, counts[activity.code], _bar(live, activity)) for activity in activities]


def _bar(live: Json | None, activity: Activity) -> list[BarPart]:
    """None of what the Secretariat does itself: its report is not one of a State."""
    if live is None or not activity.is_for_states:
        return []
    known = [a for a in live["activities"] if a["code"] == activity.code]
    return bar(row(live, activity.code, known).distribution) if known else []


def published_lines(activities: Sequence[Activity], versions: Iterable[ReportVersion]) -> list[PublishedLine]:
    """The newest of each State that says something of the theme, in the alphabet of the page."""
    last: dict[str, ReportVersion] = {}
    for version in versions:
        last.setdefault(_iso2(version), version)
    lines = [_published_line(version, activities) for version in last.values()]
    return sorted(lines, key=lambda line: name_key(line.name))


def _published_line(version: ReportVersion, activities: Sequence[Activity]) -> PublishedLine:
    told = {entry["activity"] for entry in version.entries}  # type: ignore[attr-defined]
    kept = [activity for activity in activities if activity.code in told]
    return PublishedLine(str(version.report.state), _iso2(version).lower(), version.report.round.code, kept)


def _iso2(version: ReportVersion) -> str:
    return version.report.state.iso2 if version.report.state else ""


def released_rows(theme: str, release: Release | None) -> list[CatalogueRow]:
    if release is None or theme not in TABLES:
        return []
    wanted = {f"/{code}/" for code in TABLES[theme]}
    rows = catalogue_rows(release, release.content)
    return [found for found in rows if any(part in found.url for part in wanted)]


def theme_links(here: str = "") -> list[dict[str, object]]:
    """All themes, as a menu."""
    return [
        {"code": theme.value, "label": theme.label, "url": reverse("theme_detail", args=[theme.value]),
         "current": theme.value == here}
        for theme in Theme
    ]  # fmt: skip
