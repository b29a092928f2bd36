"""Where a published evaluation gives a contribution word for word, for whoever wrote it (contributions.queries)."""

from typing import Any

from django.utils.translation import gettext as _

from contributions.models import Contribution
from contributions.queries import Cited
from evaluations.models import Publication
from evaluations.queries.preview import contributions_in

Json = dict[str, Any]


def citing(contribution: Contribution) -> list[Cited]:
    """By the frozen data of what is published: a draft of the Secretariat tells nothing to anybody."""
    content = {"sections": {"contributions": {"contributions": [{"reference": contribution.reference}]}}}
    found = Publication.objects.filter(snapshot__content__contains=content).select_related("evaluation", "snapshot")
    return [_cited(publication, contribution.reference) for publication in found]


def _cited(publication: Publication, reference: str) -> Cited:
    rows = contributions_in(publication.snapshot.content)
    place = next(number for number, row in enumerate(rows, start=1) if row["reference"] == reference)
    section = _("section “Contributions of international bodies and civil society”, %(place)s of %(count)s")
    return Cited(
        title=publication.evaluation.symbol,
        place=section % {"place": place, "count": len(rows)},
        url=f"{publication.get_absolute_url()}#{reference}",
    )
