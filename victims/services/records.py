"""Records: opened by consent, read with a reason, changed by their team. The trail names every reading first."""

import secrets
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from core.exceptions import NotAllowed, StaleVersion, StepRefused
from victims import vault
from victims.enums import CODE_ALPHABET, Element, FieldClass, GivenBy, Kind, Manner, Purpose, Standing
from victims.models import Approval, Case, Consent, Entry, Identity, TeamMember
from victims.permissions import (
    Officer,
    can_change_team,
    can_read_facts,
    can_read_notes,
    can_reveal_identity,
    works_on,
)
from victims.queries import is_child
from victims.services import search
from victims.services.retention import propose_withdrawn
from victims.services.shared import CHANGED, Opened, note, require, require_open_case_of, sealed


@dataclass(frozen=True)
class Answer:
    """What the person answered when asked for consent."""

    given: bool
    classes: Sequence[str] = ()
    given_by: str = GivenBy.PERSON
    manner: str = Manner.SPOKEN
    language: str = "es"
    interpreter: bool = False
    explained: Sequence[str] = ()  # the points of HTCDS 2.0 that were gone through
    given_on: date = field(default_factory=timezone.localdate)
    expires_on: date | None = None

    def how(self) -> dict[str, Any]:
        """What is sealed of it."""
        return {name: getattr(self, name) for name in ("given_by", "manner", "language", "interpreter", "explained")}


def open_case(
    *, actor: Officer, consent: Answer, facts: Mapping[str, Any], identity: Mapping[str, Any] | None = None
) -> Case:
    """Consent first. Who does not agree to be kept is helped all the same, and is not in the portal.

    Only classes the person agreed to are kept; the case worker becomes the first of the team.
    """
    if not consent.given:
        raise StepRefused(_("Without consent nothing is kept here. Assistance does not depend on it."))
    if (facts and FieldClass.QUASI not in consent.classes) or (identity and FieldClass.IDENTITY not in consent.classes):
        raise StepRefused(_("Keep only what the person agreed to."))
    case, today = uuid.uuid4(), timezone.localdate()
    note(actor, "case.opened", case)
    vault.create_keys(case)
    row = Case.objects.create(
        state=actor.state,
        id=case,
        token=secrets.token_urlsafe(16),
        code=_new_code(actor.state),
        opened=today,
        changed=today,
        created_by=actor.code,
        facts=sealed(facts, case, FieldClass.QUASI, "case_file", case) if facts else None,
    )
    if identity:
        _keep_identity(actor, row, identity)
    _keep_consent(actor, row, consent, Purpose.STORAGE)
    _join(actor, row, actor.code)
    return row


def ask_consent(*, actor: Officer, case: Case, purpose: str, answer: Answer, recipient: str = "") -> Consent:
    """A refusal is kept as well: nobody has to be asked twice."""
    require_open_case_of(actor, case)
    note(actor, "consent.recorded", case.id, purpose=purpose, given=answer.given, classes=sorted(answer.classes))
    return _keep_consent(actor, case, answer, purpose, recipient)


def withdraw_consent(*, actor: Officer, case: Case, consent: Consent) -> None:
    """At once and for good. What was kept by it is decided apart: closing, or erasing."""
    require(works_on(actor, case))
    note(actor, "consent.withdrawn", case.id, purpose=consent.purpose)
    live = Consent.objects.live().filter(id=consent.id, case_id=case.id)
    if not live.update(withdrawn_at=timezone.now()):
        raise StepRefused(_("This consent is not in force."))
    if consent.purpose == Purpose.STORAGE:
        propose_withdrawn(actor=actor, case=case)


def has_consent(case: Case, *, purpose: str, classes: Sequence[str], recipient: str = "") -> bool:
    """One consent in force that covers each class, for this purpose and this recipient."""
    live = Consent.objects.live().filter(case_id=case.id, purpose=purpose, recipient=recipient)
    return bool(live.filter(classes__contains=list(classes)).exists())


@dataclass(frozen=True)
class Part:
    """An entry, a consent or a question of a record, with what was sealed of it."""

    row: Any
    data: Opened


@dataclass(frozen=True)
class Record:
    """All of a record that its team and supervisors read; identity and notes are apart."""

    case: Case
    facts: Opened
    entries: list[Part]
    consents: list[Part]
    approvals: list[Part]

    def of(self, *kinds: str) -> list[Part]:
        return [part for part in self.entries if part.row.kind in kinds]


def read_record(*, actor: Officer, case: Case, reason: str) -> Record:
    """One event in the trail, then everything of the class at once."""
    require(can_read_facts(actor, case))
    receipt = vault.announce(cases=[case.id], field_class=FieldClass.QUASI, purpose=reason, actor_id=actor.user.pk)

    def opened(table: str, rows: Any) -> list[Part]:
        return [Part(row, vault.unseal(row.body, receipt, case=case.id, table=table, record=row.id)) for row in rows]

    return Record(
        case,
        vault.unseal(case.facts, receipt, case=case.id, table="case_file", record=case.id),
        opened("entry", Entry.objects.filter(case_id=case.id).exclude(kind=Kind.NOTE)),
        opened("consent", Consent.objects.filter(case_id=case.id)),
        opened("approval", Approval.objects.filter(case_id=case.id)),
    )


def read_notes(*, actor: Officer, case: Case, reason: str) -> list[Part]:
    """What was told: for the team alone."""
    require(can_read_notes(actor, case))
    receipt = vault.announce(cases=[case.id], field_class=FieldClass.NARRATIVE, purpose=reason, actor_id=actor.user.pk)
    rows = Entry.objects.filter(case_id=case.id, kind=Kind.NOTE).order_by("-made_at")
    return [Part(row, vault.unseal(row.body, receipt, case=case.id, table="entry", record=row.id)) for row in rows]


def elements_of(facts: Mapping[str, Any]) -> list[str]:
    """What of the crime is there. A child needs no means."""
    found = {
        Element.ACT: bool(facts.get("acts")),
        Element.MEANS: bool(facts.get("means")) or is_child(facts),
        Element.PURPOSE: bool(facts.get("exploitation_types")),
    }
    return [element.value for element, is_there in found.items() if is_there]


def change_facts(
    *, actor: Officer, case: Case, facts: Mapping[str, Any], version: int, standing: str | None = None
) -> None:
    """`facts` are all of them, as they shall stand. Nobody is confirmed without an act, a means and a purpose."""
    require_open_case_of(actor, case)
    _agreed_to(case, FieldClass.QUASI)
    standing, elements = standing or case.standing, elements_of(facts)
    if standing == Standing.CONFIRMED and (missing := [one for one in Element if one not in elements]):
        words = ", ".join(str(one.label) for one in missing)
        raise StepRefused(_("To confirm, the record still needs %(what)s. A child needs no means.") % {"what": words})
    note(actor, "case.changed", case.id, what="facts")
    body = sealed(facts, case.id, FieldClass.QUASI, "case_file", case.id)
    changed = Case.objects.filter(id=case.id, version=version).update(
        facts=body, version=version + 1, standing=standing, elements=elements, changed=timezone.localdate()
    )
    if not changed:
        raise StaleVersion(CHANGED)


def change_identity(*, actor: Officer, case: Case, identity: Mapping[str, Any], version: int) -> None:
    """`version` is 0 where none was kept."""
    require_open_case_of(actor, case)
    _agreed_to(case, FieldClass.IDENTITY)
    note(actor, "case.changed", case.id, what="identity")
    if not version:
        return _keep_first_identity(actor, case, identity)
    body = sealed(identity, case.id, FieldClass.IDENTITY, "identity", case.id)
    kept = Identity.objects.filter(id=case.id, version=version)
    if not kept.update(body=body, version=version + 1, changed=timezone.localdate()):
        raise StaleVersion(CHANGED)
    search.remember(case, identity)
    return None


def _keep_first_identity(actor: Officer, case: Case, identity: Mapping[str, Any]) -> None:
    try:
        with transaction.atomic(using=settings.SEALED_DATABASE):
            _keep_identity(actor, case, identity)
    except IntegrityError as error:  # a colleague was faster
        raise StaleVersion(CHANGED) from error


def identity_version(case: Case) -> int:
    row = Identity.objects.filter(id=case.id).values_list("version", flat=True).first()
    return row or 0


def _keep_identity(actor: Officer, case: Case, identity: Mapping[str, Any]) -> None:
    body = sealed(identity, case.id, FieldClass.IDENTITY, "identity", case.id)
    Identity.objects.create(state=actor.state, id=case.id, body=body, changed=timezone.localdate())
    search.remember(case, identity)


def _agreed_to(case: Case, field_class: str) -> None:
    if not has_consent(case, purpose=Purpose.STORAGE, classes=[field_class]):
        raise StepRefused(_("The person did not agree that this is kept. Ask first, and record the answer."))


def read_facts(
    *, actor: Officer, cases: Sequence[Case], reason: str, how: str = "page"
) -> dict[uuid.UUID, dict[str, Any]]:
    """Facts of one case or of a list, by case. All are in the trail before the first is opened."""
    require(bool(cases) and can_read_facts(actor, *cases))
    ids = [case.id for case in cases]
    receipt = vault.announce(cases=ids, field_class=FieldClass.QUASI, purpose=reason, actor_id=actor.user.pk, how=how)
    return {
        case.id: vault.unseal(case.facts, receipt, case=case.id, table="case_file", record=case.id) for case in cases
    }


def announce_reveal(*, actor: Officer, case: Case, reason: str) -> vault.Receipt:
    """For one case, with a reason, by somebody of its team; of record and copy alike, so that all looks count."""
    if not can_reveal_identity(actor, case):
        note(actor, "identity.refused", case.id, reason=reason)
        raise NotAllowed(_("Only the team of the case sees the identity."))
    return vault.announce(
        cases=[case.id], field_class=FieldClass.IDENTITY, purpose=reason, actor_id=actor.user.pk, how="reveal"
    )


def reveal_identity(*, actor: Officer, case: Case, reason: str) -> Opened:
    receipt = announce_reveal(actor=actor, case=case, reason=reason)
    row = Identity.objects.filter(id=case.id).first()
    return vault.unseal(row.body if row else None, receipt, case=case.id, table="identity", record=case.id)


def add_to_team(*, actor: Officer, case: Case, colleague: Officer) -> None:
    """Nobody brings in themselves: with the team comes the identity."""
    require(can_change_team(actor, case) and colleague.state == actor.state)
    if colleague.code == actor.code:
        note(actor, "team.refused", case.id)
        raise NotAllowed(_("Another supervisor brings you into a team, not you yourself."))
    if Role.CASE_WORKER not in colleague.roles:
        raise StepRefused(_("Only case workers join a team."))
    note(actor, "team.joined", case.id, person=colleague.code)
    if not TeamMember.objects.filter(case_id=case.id, user_id=colleague.code).update(until=None):
        _join(actor, case, colleague.code)


def remove_from_team(*, actor: Officer, case: Case, code: str) -> None:
    require(can_change_team(actor, case))
    note(actor, "team.left", case.id, person=code)
    TeamMember.objects.current().filter(case_id=case.id, user_id=code).update(until=timezone.now())


def _new_code(state: str) -> str:
    """Random: neither a sequence nor a year tells how many cases there are. The database holds that it is new."""
    letters = "".join(secrets.choice(CODE_ALPHABET) for _letter in range(6))
    return f"{state}-{letters[:4]}-{letters[4:]}"


def _keep_consent(actor: Officer, case: Case, answer: Answer, purpose: str, recipient: str = "") -> Consent:
    consent = uuid.uuid4()
    return Consent.objects.create(
        state=actor.state,
        id=consent,
        case_id=case.id,
        purpose=purpose,
        recipient=recipient,
        classes=sorted(answer.classes) if answer.given else [],
        given=answer.given,
        given_on=answer.given_on,
        expires_on=answer.expires_on,
        taken_by=actor.code,
        body=sealed(answer.how(), case.id, FieldClass.QUASI, "consent", consent),
    )


def _join(actor: Officer, case: Case, code: str) -> None:
    TeamMember.objects.create(
        state=actor.state, case_id=case.id, user_id=code, since=timezone.now(), added_by=actor.code
    )
