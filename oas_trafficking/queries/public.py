"""What is published, for feeds and for search engines. Nothing here depends on who asks."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import Max, Q

from accounts.models import State
from evaluations.models import Meeting, Publication
from indicators.models import Release
from workplan.models import ReportVersion
from workplan.queries import current_catalogue, published_versions

LATEST = 50  # entries of a feed
Page = tuple[str, tuple[object, ...], datetime | None]  # name and arguments of an address, and when it last changed


def published_reports_by_date() -> list[ReportVersion]:
    """With `shown_at`: when the State's consent, in force today, was given."""
    given = Max("consents__given_at", filter=Q(consents__ended_at=None))
    return list(published_versions().defer("content").annotate(shown_at=given).order_by("-shown_at")[:LATEST])


def published_evaluations() -> list[Publication]:
    return list(Publication.objects.for_list()[:LATEST])


def published_releases() -> list[Release]:
    return list(Release.objects.published().order_by("-published_at")[:LATEST])


def pages_with_an_object() -> Iterator[Page]:
    """Addresses of what everybody may read, beside the pages that are always there."""
    yield from _pages("activity_detail", current_catalogue().activities.values_list("code", flat=True))
    yield from _pages("state_detail", (code.lower() for code in State.objects.values_list("iso2", flat=True)))
    yield from _pages("register_detail", Meeting.objects.values_list("number", flat=True))
    for publication in Publication.objects.select_related("evaluation"):
        yield "publication_detail", (publication.evaluation.public_id,), publication.published_at
    for release in Release.objects.published():
        yield "data_release", (release.number,), release.published_at


def _pages(name: str, found: Iterable[object]) -> Iterator[Page]:
    for argument in found:
        yield name, (argument,), None
