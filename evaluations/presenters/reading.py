"""A published evaluation as pages: the same chapters, from the same templates, as its documents."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from evaluations.delivery.content import Chapter, Content, PublicContent
from evaluations.models import Publication
from evaluations.queries.figures import summarize

FOLDER = "evaluations/document/"


@dataclass(frozen=True)
class Page:
    slug: str
    title: str
    template: str
    chapter: Chapter | None = None
    url: str = ""


def reading_content(publication: Publication, hidden: frozenset[str]) -> Content:
    """In the language of the page. The figures are those of the frozen data, whatever was reported since."""
    snapshot, language = publication.snapshot, get_language() or "en"
    if hidden:
        return PublicContent(publication.evaluation, snapshot, language, hidden)
    return Content(publication.evaluation, snapshot, summarize(snapshot.content), language)


def reading_pages(publication: Publication, content: Content) -> list[Page]:
    chapters = [
        Page(chapter.anchor, f"{chapter.number}. {chapter.title}", chapter.template, chapter)
        for chapter in content.chapters
    ]
    annexes = [
        Page("annex", str(dict(content.annexes)["annex"]), f"{FOLDER}matrix.html"),
        Page("annexes", _("Annexes B to E"), f"{FOLDER}annexes.html"),
    ]
    return [_at(publication, page) for page in [*chapters, *annexes]]


def _at(publication: Publication, page: Page) -> Page:
    url = reverse("publication_section", args=[publication.evaluation.public_id, page.slug.lower()])
    return Page(page.slug, page.title, page.template, page.chapter, url)


def reading_page(publication: Publication, slug: str, hidden: frozenset[str]) -> dict[str, Any]:
    """One section, and its neighbors."""
    content = reading_content(publication, hidden)
    pages = reading_pages(publication, content)
    place = next((n for n, page in enumerate(pages) if page.slug.lower() == slug), None)
    if place is None:
        raise Http404
    page = pages[place]
    return {
        "evaluation": publication.evaluation,
        "publication": publication,
        "page": page,
        "pages": pages,
        "before": pages[place - 1] if place else None,
        "after": pages[place + 1] if place + 1 < len(pages) else None,
        **{f"{page.slug}_url": page.url for page in pages if page.slug in {"annexes", "contributions"}},
        "c": content,
        "is_partly_public": bool(hidden),
        "language": content.language,
        "chapter": page.chapter,
        "number": page.chapter.number if page.chapter else None,
        "area": page.chapter.area if page.chapter else None,
    }


def contents_page(publication: Publication, hidden: frozenset[str]) -> dict[str, Any]:
    """For the page of the publication: its sections with their addresses, and its contributions."""
    content = reading_content(publication, hidden)
    return {"pages": reading_pages(publication, content), "contributions": content.contributions}
