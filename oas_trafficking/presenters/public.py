"""The public site for programs: feeds, and the list of pages for search engines."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import HttpRequest
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from core.i18n import LANGUAGES
from core.templatetags.portal import month_date
from oas_trafficking.queries.public import (
    Page,
    pages_with_an_object,
    published_evaluations,
    published_releases,
    published_reports_by_date,
)
from workplan.enums import Theme

# Pages that say the same to everybody, or less to whoever has no session: kept by caches until they change, and found
# by search engines. Forms and links with a secret are not among them.
INDEXED = (
    "language_root",
    "get_help",
    "plan_detail",
    "state_list",
    "data_list",
    "data_dictionary",
    "publication_list",
    "register_list",
    "contribution_published",
    "directory_list",
    "api_docs",
    "help",
    "accessibility",
    "privacy",
)
WITH_AN_OBJECT = (
    "activity_detail",
    "theme_detail",
    "state_detail",
    "register_detail",
    "publication_detail",
    "publication_section",
    "data_release",
    "data_table",
    "data_area",
    "desk_detail",
)
FOR_PROGRAMS = ("feed", "sitemap", "robots", "language_choice")
READABLE = frozenset({*INDEXED, *WITH_AN_OBJECT})
CACHED = READABLE | set(FOR_PROGRAMS)
FEEDS: dict[str, Promise] = {
    "reports": gettext_lazy("What States have published"),
    "evaluations": gettext_lazy("Evaluations of the Work Plan"),
    "releases": gettext_lazy("Releases of statistics"),
}
BEFORE_ANYTHING = datetime(2010, 6, 8, tzinfo=UTC)  # the plan's adoption: a feed of nothing does not change


@dataclass(frozen=True)
class Entry:
    title: str
    path: str
    text: str
    author: str
    at: datetime


class Feed(Atom1Feed):
    def latest_post_date(self) -> datetime:
        """The last entry's; Django would take the time of asking where there is none."""
        return super().latest_post_date() if self.items else BEFORE_ANYTHING


def feed(request: HttpRequest, kind: str) -> str:
    """In the language of the address."""
    title = f"{FEEDS[kind]} · {_('Hemispheric Portal against Trafficking in Persons')}"
    start = request.build_absolute_uri(reverse("language_root"))
    made = Feed(title, start, "", language=get_language(), feed_url=request.build_absolute_uri(request.path))
    for entry in _ENTRIES[kind]():
        link = request.build_absolute_uri(entry.path)
        made.add_item(
            entry.title, link, entry.text, unique_id=link, updateddate=entry.at, pubdate=entry.at,
            author_name=entry.author,
        )  # fmt: skip
    return str(made.writeString("utf-8"))


def _reports() -> Iterator[Entry]:
    for version in published_reports_by_date():
        report = version.report
        words = {"state": report.state, "period": report.round.code}
        days = {"first": month_date(report.round.period_start), "last": month_date(report.round.period_end)}
        path = f"{reverse('state_detail', args=[report.state.iso2.lower()])}#published-{report.round.code}"  # type: ignore[union-attr]
        text = _("What the State published for %(first)s to %(last)s") % days
        yield Entry(_("%(state)s, %(period)s") % words, path, text, str(report.state), version.shown_at)  # type: ignore[attr-defined]


def _evaluations() -> Iterator[Entry]:
    for publication in published_evaluations():
        of = publication.evaluation
        text = _("Period %(code)s") % {"code": of.round.code}
        yield Entry(of.symbol, publication.get_absolute_url(), text, _("General Secretariat"), publication.published_at)


def _releases() -> Iterator[Entry]:
    for release in published_releases():
        title = _("Release %(number)s of statistics") % {"number": release.number}
        text = _("Years up to %(year)s") % {"year": release.year}
        at = release.published_at or BEFORE_ANYTHING
        yield Entry(title, release.get_absolute_url(), text, _("General Secretariat"), at)


_ENTRIES = {"reports": _reports, "evaluations": _evaluations, "releases": _releases}


@dataclass(frozen=True)
class Located:
    """A page in its languages."""

    urls: dict[str, str]
    changed_at: datetime | None


def site_map(request: HttpRequest) -> list[Located]:
    always: Iterable[Page] = ((name, (), None) for name in INDEXED)
    themes: Iterable[Page] = (("theme_detail", (theme.value,), None) for theme in Theme)
    return [_located(request, page) for pages in (always, themes, pages_with_an_object()) for page in pages]


def _located(request: HttpRequest, page: Page) -> Located:
    name, arguments, changed_at = page
    return Located({code: _in_language(request, code, name, arguments) for code in LANGUAGES}, changed_at)


def _in_language(request: HttpRequest, code: str, name: str, arguments: tuple[object, ...]) -> str:
    with override(code):
        return request.build_absolute_uri(reverse(name, args=arguments))


def is_indexed(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match is not None and match.url_name in READABLE
