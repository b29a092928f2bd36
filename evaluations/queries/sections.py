"""What the evaluation takes from beside the reports: one provider per section, each plain data or None.

None means that the portal holds nothing for the section, and the documents then say so. A section that another app
begins to fill needs its provider here and nothing else.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Count, Q

from accounts.enums import Confidence, InstitutionKind
from accounts.models import Institution, State
from contributions.enums import Status, TranslationStatus
from contributions.models import Contribution
from evaluations.enums import day_of
from evaluations.models import Evaluation
from indicators.models import Release
from networks.enums import AssistanceSide, Level, MatchStatus, Topic
from networks.models import Agreement, AssistanceItem, AssistanceMatch, Network

Json = dict[str, Any]
Provider = Callable[[Evaluation], Json | None]
# Networks inside a State are listed for authorities alone; the documents count them and name none.
BETWEEN_STATES = (Level.REGIONAL, Level.CONTINENTAL)
FACTS = (Confidence.CONFIRMED, Confidence.VERIFIED)


def build_sections(evaluation: Evaluation) -> dict[str, Json | None]:
    """The data of every section, in the order of the document."""
    return {name: provider(evaluation) for name, provider in PROVIDERS.items()}


def institutions(evaluation: Evaluation) -> Json | None:
    """National authorities that are established: confirmed by the State, or found in a source that is named."""
    day = evaluation.round.period_end
    authorities = Institution.objects.filter(kind=InstitutionKind.AUTHORITY, confidence__in=FACTS)
    in_force = authorities.exclude(valid_to__lt=day).exclude(valid_from__gt=day).select_related("state")
    rows = [_authority(body) for body in in_force.order_by("state__iso2", "name")]
    return {"authorities": rows} if rows else None


def _authority(body: Institution) -> Json:
    assert body.state is not None  # noqa: S101 - a constraint: an authority has a State
    return {
        "state": body.state.iso2,
        "name": body.name,
        "language": body.name_language,
        "legal_basis": body.legal_basis,
        "since": body.valid_from.isoformat() if body.valid_from else None,
    }


def networks(evaluation: Evaluation) -> Json | None:
    """Networks that every authority may know of, and how many sit in them, by level."""
    day = evaluation.round.period_end
    in_force = Q(valid_from=None) | Q(valid_from__lte=day)
    listed = Network.objects.filter(in_force, is_listed=True, confidence__in=FACTS).exclude(valid_to__lt=day)
    rows = listed.annotate(seat_count=Count("seats", filter=Q(seats__left_at=None))).order_by("slug")
    found = [
        {"level": row.level, "name": _names(row), "seats": row.seat_count}  # type: ignore[attr-defined]
        for row in rows
    ]
    if not found:
        return None
    counts = {level: sum(row["level"] == level for row in found) for level in Level.values}
    return {"counts": counts, "networks": [row for row in found if row["level"] in BETWEEN_STATES]}


def _names(row: Network) -> dict[str, str]:
    names = {"es": row.name_es, "en": row.name_en, "fr": row.name_fr, "pt-br": row.name_pt_br}
    written = next(name for name in names.values() if name)
    return {language: name or written for language, name in names.items()}


def agreements(evaluation: Evaluation) -> Json | None:
    """Agreements between States in force at the end of the period, as recorded with their source."""
    day = evaluation.round.period_end
    rows = Agreement.objects.exclude(valid_to__lt=day).exclude(valid_from__gt=day).prefetch_related("parties")
    found = [
        {"title": row.title, "language": row.language, "parties": sorted(state.iso2 for state in row.parties.all())}
        for row in rows.order_by("title", "pk")
    ]
    return {"agreements": found} if found else None


def assistance(evaluation: Evaluation) -> Json | None:
    """Needs and offers by topic, and how many were brought together."""
    items = list(AssistanceItem.objects.select_related("institution__state").order_by("pk"))
    if not items:
        return None
    agreed = AssistanceMatch.objects.filter(status__in=(MatchStatus.AGREED, MatchStatus.DONE))
    matched = dict(agreed.order_by().values_list("need__topic").annotate(n=Count("pk")))
    return {"topics": [_topic(topic, items, matched.get(topic, 0)) for topic in Topic.values]}


def _topic(topic: str, items: Iterable[AssistanceItem], matched: int) -> Json:
    of_topic = [item for item in items if item.topic == topic]
    needs = [item.institution.state for item in of_topic if item.side == AssistanceSide.NEED]
    offers = [item.institution for item in of_topic if item.side == AssistanceSide.OFFER]
    return {
        "topic": topic,
        "needs": _codes(needs),
        "need_count": len(needs),
        "offers": _codes(body.state for body in offers),
        "other_offers": sorted({body.name for body in offers if body.state is None}),
        "offer_count": len(offers),
        "matched": matched,
    }


def _codes(states: Iterable[State | None]) -> list[str]:
    return sorted({state.iso2 for state in states if state is not None})


def statistics(evaluation: Evaluation) -> Json | None:
    """The last published release of protected statistics; its tables are rounded before anybody sees them."""
    release = Release.objects.filter(status="published").select_related("content").order_by("-number").first()
    if release is None:
        return None
    return {
        "number": release.number,
        "year": release.year,
        "published_on": day_of(release.published_at).isoformat() if release.published_at else None,
        "sha256": release.content.sha256,
        "told_less": len(release.content.steps),
    }


def contributions(evaluation: Evaluation) -> Json | None:
    """Of international bodies and civil society: those that are published, with the States' replies, word for word.

    Of what was sent to the Secretariat or to States alone, only the number is told.
    """
    if not evaluation.with_contributions:
        return None
    accepted = Contribution.objects.filter(round=evaluation.round, status=Status.ACCEPTED)
    shown = accepted.published().prefetch_related("states", "replies__state", "translations").order_by("reference")
    found = [_contribution(row) for row in shown]
    closed = accepted.exclude(pk__in=accepted.published().values("pk")).count()
    return {"contributions": found, "closed": closed} if found or closed else None


def _contribution(row: Contribution) -> Json:
    replies = sorted(row.replies.all(), key=lambda reply: reply.state.iso2)
    return {
        "reference": row.reference,
        "by": row.shown_name,
        "title": row.title,
        "text": row.text,
        "language": row.language,
        "states": _codes(row.states.all()),
        "replies": [{"state": r.state.iso2, "text": r.text, "language": r.language} for r in replies],
        "translations": {
            one.language: {"title": one.title, "text": one.text}
            for one in row.translations.all()
            if one.status == TranslationStatus.REVIEWED
        },
    }


PROVIDERS: dict[str, Provider] = {
    "institutions": institutions,
    "statistics": statistics,
    "contributions": contributions,
    "assistance": assistance,
    "networks": networks,
    "agreements": agreements,
}
