"""Technical assistance, agreements and routes: what States say to all the others."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Institution, State, User
from accounts.permissions import audit_chain
from core import audit
from core.exceptions import NotAllowed, PortalError, StepRefused
from core.identity import refuse_identity
from networks import permissions
from networks.enums import AssistanceSide, MatchStatus, Notice
from networks.models import Agreement, AgreementParty, AssistanceItem, AssistanceMatch, RouteFigure
from networks.services.notices import notify, people_of

BASE = 10  # of rounding: every figure that leaves a State


@dataclass(frozen=True)
class AssistanceData:
    side: str
    topic: str
    institution: Institution
    title: str
    text: str
    language: str
    activity_code: str = ""
    identity_reason: str = ""


@transaction.atomic
def publish_assistance(*, data: AssistanceData, actor: User) -> AssistanceItem:
    """A need or an offer, known from now on to authorities, the Secretariat and partners."""
    if not permissions.assistance_institutions(actor, data.side).filter(pk=data.institution.pk).exists():
        raise NotAllowed(_("You cannot write this for the institution."))
    fields = {**vars(data), "identity_reason": refuse_identity((data.title, data.text), reason=data.identity_reason)}
    item = AssistanceItem.objects.create(**fields, by=actor, by_institution=data.institution)
    _audit(f"assistance.{data.side}_published", item, actor)
    return item


@transaction.atomic
def close_assistance(*, item: AssistanceItem, actor: User) -> None:
    if not permissions.can_keep_assistance(actor, item):
        raise NotAllowed(_("Only its own institution closes it."))
    AssistanceItem.objects.filter(pk=item.pk, closed_on=None).update(closed_on=timezone.localdate())
    _audit("assistance.closed", item, actor)


@transaction.atomic
def propose_match(*, need: AssistanceItem, offer: AssistanceItem, actor: User) -> AssistanceMatch:
    """Bring a need and an offer together; one of the two is the actor's own, the other side decides."""
    mine = AssistanceSide.NEED if permissions.can_keep_assistance(actor, need) else AssistanceSide.OFFER
    if mine == AssistanceSide.OFFER and not permissions.can_keep_assistance(actor, offer):
        raise NotAllowed(_("One of the two must be of your own institution."))
    if need.closed_on or offer.closed_on:
        raise StepRefused(_("One of the two is closed."))
    match, created = AssistanceMatch.objects.get_or_create(
        need=need, offer=offer, defaults={"proposed_by": actor, "proposed_side": mine}
    )
    if created:
        other = offer if mine == AssistanceSide.NEED else need
        notify(people_of(other.institution), Notice.MATCH_PROPOSED, key=f"match:{match.pk}", but=actor)
        _audit("assistance.match_proposed", need, actor)
    return match


_NEXT = {
    MatchStatus.AGREED: (MatchStatus.PROPOSED,),
    MatchStatus.DECLINED: (MatchStatus.PROPOSED,),
    MatchStatus.DONE: (MatchStatus.AGREED,),
}


@transaction.atomic
def decide_match(*, match: AssistanceMatch, status: str, actor: User) -> None:
    """Agree or decline (the side that was asked), or say that it was carried out (either side)."""
    match = AssistanceMatch.objects.select_for_update().select_related("need", "offer").get(pk=match.pk)
    if status not in _NEXT or match.status not in _NEXT[MatchStatus(status)]:
        raise StepRefused(_("The match is no longer at this step."))
    own = any(permissions.can_keep_assistance(actor, item) for item in (match.need, match.offer))
    if not (own if status == MatchStatus.DONE else permissions.can_decide_match(actor, match)):
        raise NotAllowed(_("The other side decides."))
    match.status, match.decided_at = status, timezone.now()
    match.save(update_fields=["status", "decided_at"])
    _audit(f"assistance.match_{status}", match.need, actor)


def _audit(verb: str, item: AssistanceItem, actor: User) -> None:
    audit.record(verb=verb, obj=item, chain=audit_chain(actor), actor=actor, data={"topic": item.topic})


@transaction.atomic
def record_agreement(
    *,
    title: str,
    language: str,
    parties: Collection[State],
    source: str,
    actor: User,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Agreement:
    """An agreement between States, with its source; one of them is the actor's own."""
    if len(parties) < 2:
        raise PortalError(_("Choose at least two States."))
    own = permissions.reporting_states(actor).filter(pk__in=[state.pk for state in parties])
    if not own.exists():
        raise NotAllowed(_("Your State must be a party."))
    agreement = Agreement.objects.create(
        title=title, language=language, source=source, valid_from=valid_from, valid_to=valid_to, recorded_by=actor
    )
    AgreementParty.objects.bulk_create(AgreementParty(agreement=agreement, state=state) for state in parties)
    audit.record(verb="agreement.recorded", obj=agreement, chain=audit_chain(actor), actor=actor)
    return agreement


def rounded(count: int) -> int:
    """To base 10: 0-4 is 0, 5-14 is 10."""
    return (count + BASE // 2) // BASE * BASE


@dataclass(frozen=True)
class RouteData:
    side: str
    other: State
    year: int
    count: int  # rounded here; the count itself is not kept
    source: str


@transaction.atomic
def report_route(*, state: State, data: RouteData, actor: User) -> RouteFigure:
    """What the State reports of one way in one year. A second report replaces the first."""
    if not permissions.reporting_states(actor).filter(pk=state.pk).exists():
        raise NotAllowed(_("You do not report for this State."))
    if state.pk == data.other.pk:
        raise PortalError(_("Choose another State."))
    refuse_identity((data.source,))
    figure, _created = RouteFigure.objects.update_or_create(
        state=state,
        side=data.side,
        other=data.other,
        year=data.year,
        defaults={
            "rounded": rounded(data.count),
            "source": data.source,
            "recorded_by": actor,
            "recorded_at": timezone.now(),
        },
    )
    audit.record(
        verb="route.reported", obj=figure, chain=state.iso2, actor=actor, data={"year": data.year, "side": data.side}
    )
    return figure
