"""Versions of a report: the list of them, and the two of which the differences are read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from core.templatetags.portal import month_date
from workplan import permissions
from workplan.enums import ReportStatus
from workplan.models import Report, ReportEntry, ReportPaper, ReportVersion, StatusChange
from workplan.presenters import AnswerArea, Event, step_done
from workplan.queries import comparable_versions

NOW = "now"


@dataclass(frozen=True)
class VersionRow:
    """One version with what became of it, newest step last."""

    version: ReportVersion
    before: str  # key of the version before, to compare with; empty for the first
    events: list[Event]
    receipt: ReportPaper | None  # none where it is not made yet
    receipt_state: str  # then: waiting, failed, or empty where nobody asked


def version_rows(
    versions: Sequence[ReportVersion],
    changes: Iterable[StatusChange],
    receipts: Mapping[int, ReportPaper],
    under_way: Mapping[int, str],
) -> list[VersionRow]:
    """Newest first."""
    steps: dict[int | None, list[Event]] = {}
    for change in changes:
        event = Event(step_done(change.step, change.report), change.at, str(change.by), change.note)
        steps.setdefault(change.version_id, []).append(event)
    before = ["", *(side_key(version) for version in versions)]
    rows = []
    for version, key in zip(versions, before, strict=False):
        pk = version.pk
        rows.append(VersionRow(version, key, steps.get(pk, []), receipts.get(pk), under_way.get(pk, "")))
    return rows[::-1]


def link_changes(areas: Iterable[AnswerArea], report: Report, before: ReportVersion | None, after: str) -> None:
    """From each answer that changed to its changes; `before` is of the same report."""
    if before is None:
        return
    url, start = reverse("report_compare", args=[report.reference]), f"{report.round.code}.{before.number}"
    for answer in (answer for area in areas for answer in area.answers if answer.changed):
        answer.changes_url = f"{url}?{urlencode({'with': start, 'of': after, 'activity': answer.code})}"


# --- two of them ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Side:
    """One of the two texts that are compared: a version, or the answers as they stand."""

    key: str
    label: str
    version: ReportVersion | None


@dataclass(frozen=True)
class Pair:
    before: Side
    after: Side

    @property
    def both(self) -> tuple[Side, Side]:
        return self.before, self.after

    @property
    def versions(self) -> list[ReportVersion]:
        return [side.version for side in self.both if side.version is not None]


def side_key(version: ReportVersion) -> str:
    return f"{version.report.round.code}.{version.number}"


def sides(versions: Iterable[ReportVersion], *, with_working: bool) -> list[Side]:
    """What can be compared, oldest first; `with_working` adds the answers that are not sent yet."""
    found = [Side(side_key(version), _side_label(version), version) for version in versions]
    return [*found, Side(NOW, _("The answers as they stand now"), None)] if with_working else found


def _side_label(version: ReportVersion) -> str:
    words = {
        "period": version.report.round.code,
        "number": version.number,
        "date": month_date(version.submitted_at),
    }
    return _("%(period)s, version %(number)s, sent on %(date)s") % words


def default_pair(found: Sequence[Side], report: Report) -> Pair | None:
    """The last of this report with what came before it: since the last submission, or since the last period."""
    own = [side for side in found if side.version is None or side.version.report_id == report.pk]
    if not own or found.index(own[-1]) == 0:
        return None
    return Pair(found[found.index(own[-1]) - 1], own[-1])


def chosen_pair(found: Sequence[Side], report: Report, asked: Mapping[str, str]) -> Pair | None:
    """The two that were asked for, in the order of time whichever way they were named. Raises KeyError for what
    is none of them."""
    by_key = {side.key: side for side in found}
    named = {name: by_key[asked[name]] for name in ("with", "of") if asked.get(name)}
    default = default_pair(found, report)
    if default is None:
        return None
    two = [named.get("with", default.before), named.get("of", default.after)]
    return Pair(*sorted(two, key=found.index))


def sides_for(user: User, report: Report) -> list[Side]:
    """Once a report is sent, its working answers are the version; until then they are its own people's."""
    is_sent = report.status in (ReportStatus.SUBMITTED, ReportStatus.ACCEPTED)
    with_working = not is_sent and permissions.can_read_answers(user, report)
    return sides(comparable_versions(user, report), with_working=with_working)


@dataclass(frozen=True)
class Shortcut:
    label: str
    key: str
    is_current: bool


def shortcuts(found: Sequence[Side], report: Report, pair: Pair) -> list[Shortcut]:
    """Since the last submission and since the last period, where there is one; both lead to `pair.after`."""
    earlier = [side for side in found[: found.index(pair.after)] if side.version is not None]
    own = [side for side in earlier if side.version and side.version.report_id == report.pk]
    others = [side for side in earlier if side not in own]
    named = [(_("Since the last submission"), own[-1:]), (_("Since the last period"), others[-1:])]
    return [Shortcut(label, side.key, side == pair.before) for label, rows in named for side in rows]


@dataclass(frozen=True)
class Link:
    text: str
    url: str


def entry_links(user: User, entry: ReportEntry) -> list[Link]:
    """From one answer to what changed in it and to the history of its report, for whoever opens that report."""
    report = entry.report
    found = sides_for(user, report)
    pair = default_pair(found, report)
    rows = shortcuts(found, report, pair) if pair else []
    url = reverse("report_compare", args=[report.reference])
    after = pair.after.key if pair else ""
    links = [
        Link(row.label, f"{url}?{urlencode({'with': row.key, 'of': after, 'activity': entry.activity.code})}")
        for row in rows
    ]
    return [*links, Link(_("History of this report"), reverse("report_history", args=[report.reference]))]
