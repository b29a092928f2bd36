"""What the evaluation takes from beside the reports: one provider per section, each plain data or None.

None means that the portal holds nothing for the section, and the documents then say so. A section that another app
begins to fill needs its provider here and nothing else.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q

from accounts.enums import Confidence, InstitutionKind
from accounts.models import Institution, State
from contributions.enums import Status
from contributions.models import Contribution
from evaluations.enums import CLOCK
from evaluations.models import Evaluation
from evaluations.queries.statistics import statistics
from networks.enums import AssistanceSide, Level, MatchStatus, Topic
from networks.models import (
    Agreement,
    AssistanceItem,
    AssistanceMatch,
    InstrumentAct,
    LegalInstrument,
    NationalPlan,
    Network,
)

Json = dict[str, Any]
Provider = Callable[[Evaluation], Json | None]
# Networks inside a State are listed for authorities alone; the documents count them and name none.
BETWEEN_STATES = (Level.REGIONAL, Level.CONTINENTAL)
FACTS = (Confidence.CONFIRMED, Confidence.VERIFIED)


def build_sections(evaluation: Evaluation, known: Mapping[str, Json | None] | None = None) -> dict[str, Json | None]:
    """The data of every section, in the order of the document; what is known already is not read again."""
    found = known or {}
    return {name: found[name] if name in found else provider(evaluation) for name, provider in PROVIDERS.items()}


def institutions(evaluation: Evaluation) -> Json | None:
    """National authorities that are established: confirmed by the State, or found in a source that is named."""
    day = evaluation.round.period_end
    authorities = Institution.objects.filter(
        kind=InstitutionKind.AUTHORITY, confidence__in=FACTS, state__iso2__in=evaluation.states
    )
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


def law(evaluation: Evaluation) -> Json | None:
    """Plans as entered, whatever their dates; treaties adopted and acts done until the end of the period."""
    day = evaluation.round.period_end
    plans = NationalPlan.objects.standing().filter(state__iso2__in=evaluation.states).select_related("state")
    acts = InstrumentAct.objects.standing().filter(state__iso2__in=evaluation.states, done_on__lte=day)
    found = [_plan(row) for row in plans.order_by("state__iso2", "valid_from", "title")]
    acts = acts.select_related("state", "instrument").order_by("state__iso2", "instrument__position", "done_on", "act")
    done = [_act(row) for row in acts]
    treaties = [_treaty(row) for row in LegalInstrument.objects.filter(adopted_on__lte=day)]
    return {"plans": found, "treaties": treaties, "acts": done} if found or done else None


def _plan(row: NationalPlan) -> Json:
    return {
        "state": row.state.iso2,
        "title": row.title,
        "language": row.language,
        "from": row.valid_from.isoformat(),
        "until": row.valid_to.isoformat() if row.valid_to else None,
        "adopted_by": row.adopted_by,
        "source": row.source,
    }


def _act(row: InstrumentAct) -> Json:
    done = {"act": row.act, "on": row.done_on.isoformat(), "source": row.source}
    return {"state": row.state.iso2, "treaty": row.instrument.code, **done}


def _treaty(row: LegalInstrument) -> Json:
    names = {"es": row.name_es, "en": row.name_en, "fr": row.name_fr, "pt-br": row.name_pt_br}
    return {"code": row.code, "name": names, "adopted_on": row.adopted_on.isoformat(), "source": row.source}


def networks(evaluation: Evaluation) -> Json | None:
    """Networks that every authority may know of, and how many sat in them at the end of the period, by level."""
    day = evaluation.round.period_end
    listed = Network.objects.filter(_held_on(day), is_listed=True, confidence__in=FACTS)
    rows = listed.annotate(seat_count=Count("seats", filter=_held_on(day, "seats__"))).order_by("slug")
    found = [
        {"level": row.level, "name": _names(row), "seats": row.seat_count}  # type: ignore[attr-defined]
        for row in rows
    ]
    if not found:
        return None
    counts = {level: sum(row["level"] == level for row in found) for level in Level.values}
    return {"counts": counts, "networks": [row for row in found if row["level"] in BETWEEN_STATES]}


def _held_on(day: date, of: str = "") -> Q:
    """From its first day to its last, both included; without a day it has no such end."""
    begun = Q(**{f"{of}valid_from": None}) | Q(**{f"{of}valid_from__lte": day})
    return begun & (Q(**{f"{of}valid_to": None}) | Q(**{f"{of}valid_to__gte": day}))


def _names(row: Network) -> dict[str, str]:
    names = {"es": row.name_es, "en": row.name_en, "fr": row.name_fr, "pt-br": row.name_pt_br}
    written = next(name for name in names.values() if name)
    return {language: name or written for language, name in names.items()}


def agreements(evaluation: Evaluation) -> Json | None:
    """Agreements between States in force at the end of the period, as recorded with their source."""
    rows = Agreement.objects.filter(_held_on(evaluation.round.period_end), parties__iso2__in=evaluation.states)
    found = [
        {"title": row.title, "language": row.language, "parties": sorted(state.iso2 for state in row.parties.all())}
        for row in rows.distinct().order_by("title", "pk").prefetch_related("parties")
    ]
    return {"agreements": found} if found else None


def assistance(evaluation: Evaluation) -> Json | None:
    """Needs and offers open at the end of the period by topic, and how many had been brought together by then."""
    day = evaluation.round.period_end
    over = datetime.combine(day + timedelta(days=1), time.min, CLOCK)
    told = AssistanceItem.objects.filter(_covered(evaluation), at__lt=over).exclude(closed_on__lte=day)
    items = list(told.select_related("institution__state").order_by("pk"))
    if not items:
        return None
    agreed = AssistanceMatch.objects.filter(
        _covered(evaluation, "need__"), status__in=(MatchStatus.AGREED, MatchStatus.DONE), decided_at__lt=over
    )
    matched = dict(agreed.order_by().values_list("need__topic").annotate(n=Count("pk")))
    return {"topics": [_topic(topic, items, matched.get(topic, 0)) for topic in Topic.values]}


def _covered(evaluation: Evaluation, of: str = "") -> Q:
    """Of a State that the evaluation covers, or of a body that belongs to none."""
    state = f"{of}institution__state"
    return Q(**{state: None}) | Q(**{f"{state}__iso2__in": evaluation.states})


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


def contributions(evaluation: Evaluation) -> Json | None:
    """Of international bodies and civil society: those that are published, with the States' replies, word for word.

    Of what was sent to the Secretariat or to States alone, only the number is told.
    """
    if not evaluation.with_contributions:
        return None
    covered = Q(states=None) | Q(states__iso2__in=evaluation.states)
    accepted = Contribution.objects.filter(covered, round=evaluation.round, status=Status.ACCEPTED).distinct()
    shown = accepted.published().prefetch_related("states", "activities", "replies__state").order_by("reference")
    found = [_contribution(row, evaluation.states) for row in shown]
    closed = accepted.exclude(pk__in=accepted.published().values("pk")).count()
    return {"contributions": found, "closed": closed} if found or closed else None


def _contribution(row: Contribution, states: Sequence[str]) -> Json:
    """With the replies of the States that the evaluation covers."""
    replies = sorted((r for r in row.replies.all() if r.state.iso2 in states), key=lambda reply: reply.state.iso2)
    return {
        "reference": row.reference,
        "kind": row.kind,
        "activities": sorted(activity.code for activity in row.activities.all()),
        "by": row.shown_name,
        "title": row.title,
        "text": row.text,
        "language": row.language,
        "states": _codes(row.states.all()),
        "replies": [{"state": r.state.iso2, "text": r.text, "language": r.language} for r in replies],
    }


PROVIDERS: dict[str, Provider] = {
    "institutions": institutions,
    "law": law,
    "statistics": statistics,
    "contributions": contributions,
    "assistance": assistance,
    "networks": networks,
    "agreements": agreements,
}
