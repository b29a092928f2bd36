"""A small portal in which every tenant's every text carries a canary, and the people who will look for them.

A canary is "CNRY-<family>-<field>": policy.MAY_READ says who may ever receive one of a family.
"""

import hashlib
import secrets
import time
import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from allauth.account.internal.userkit import user_id_to_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

from accounts.delivery import stop_signer
from accounts.enums import InstitutionKind
from accounts.middleware import SEEN, STARTED
from accounts.models import (
    FactorReset,
    FocalPointAppointment,
    Institution,
    Invitation,
    NoteDocument,
    RoleAssignment,
    State,
    User,
)
from core import audit
from core.canonical import content_hash
from core.files import store_once
from core.jobs import create_job
from core.models import OutboxMessage, SentForm
from evaluations.models import (
    Conclusion,
    Consultation,
    Document,
    Element,
    Evaluation,
    Exclusion,
    Publication,
    Snapshot,
    StateComment,
    StatePaper,
    Translation,
)
from evaluations.queries.snapshot import build_snapshot
from evaluations.queries.translations import units_of
from evaluations.services import KIND, request_build
from tests.access import policy
from tests.access.canaries import NEVER, canary
from tests.access.world_contributions import furnish_contributions
from tests.access.world_hooks import furnish_hooks, furnish_views
from tests.access.world_indicators import furnish_statistics
from tests.access.world_networks import furnish_networks
from tests.access.world_victims import furnish_victims
from tests.factories.accounts import give_role, make_user
from tests.factories.workplan import answer, make_open_round, make_round
from workplan import delivery, services
from workplan.models import (
    EntryDraft,
    EntryUserObjectPermission,
    Evidence,
    Extension,
    ImportRun,
    Rating,
    Report,
    ReportPaper,
    Round,
)

WRITTEN = 4  # answers of each report; the rest says nothing

Targets = dict[str, dict[str, Any]]


@dataclass
class World:
    """Actors with a session each, and the parts of the address of every object the policy speaks of."""

    people: dict[str, User] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    parts: dict[str, Targets] = field(default_factory=dict)  # by kind of object
    own: dict[str, dict[str, Targets]] = field(default_factory=dict)  # by actor, where it differs

    def address(self, url: str, target: str, actor: str) -> str:
        row = policy.URLS[url]
        with translation.override("en"):
            return reverse(url, kwargs={**self._named(url, target, actor), **row.words})

    def words(self, url: str, target: str, actor: str) -> list[str]:
        """The canaries in the address itself: a network is named by its slug."""
        named = map(str, self._named(url, target, actor).values())
        return [word for word in named if word.startswith("CNRY-")]

    def _named(self, url: str, target: str, actor: str) -> dict[str, Any]:
        row, kinds = policy.URLS[url], {**self.parts, **self.own[actor]}
        named: dict[str, Any] = kinds[row.over][target] if row.over else {}
        return named

    def client(self, actor: str) -> Client:
        client = Client(raise_request_exception=False)
        if actor in self.sessions:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[actor]
        return client


def build() -> World:
    world = World()
    places = _institutions()
    staff = _staff(places)
    _actors(world, places)
    reports = _reports(world, places, staff)
    _addresses(world, reports)
    _personal(world)
    _plan(world, staff)
    _evaluation(world, staff)
    _register(world)
    _people(world, places, staff)
    furnish_networks(world, places, staff)
    furnish_contributions(world, places, staff)
    furnish_hooks(world, places, staff)
    furnish_views(world, places, staff)
    furnish_statistics(world, staff)
    furnish_victims(world, places)
    _trails(world)
    for user in world.people.values():
        RecoveryCodes.activate(user)
    world.sessions = {actor: _session(user) for actor, user in world.people.items()}
    _spoil(world)
    return world


# --- tenants and people ---------------------------------------------------------------------------


def _institution(kind: str, state: str | None, family: str, name: str = "institution") -> Institution:
    return Institution.objects.create(
        kind=kind,
        state=State.objects.get(iso2=state) if state else None,
        name=canary(family, name),
        name_language="es",
        parent_institution=canary(family, "parent"),
        legal_basis=canary(family, "law"),
        source=canary(family, "source"),
    )


def _institutions() -> SimpleNamespace:
    return SimpleNamespace(
        # Authorities and the Secretariat are known to all who sign in: their names are no secret.
        authority=_institution(InstitutionKind.AUTHORITY, "CR", "PUBLIC"),
        other_authority=_institution(InstitutionKind.AUTHORITY, "GT", "PUBLIC"),
        secretariat=_institution(InstitutionKind.SECRETARIAT, None, "PUBLIC", "secretariat"),
        agency=_institution(InstitutionKind.AGENCY, "CR", "CR-PEOPLE", "agency"),
        other_agency=_institution(InstitutionKind.AGENCY, "GT", "GT-PEOPLE", "agency"),
        mission=_institution(InstitutionKind.MISSION, "CR", "CR-PEOPLE", "mission"),
        other_mission=_institution(InstitutionKind.MISSION, "GT", "GT-PEOPLE", "mission"),
        meeting=_institution(InstitutionKind.MEETING, None, "PUBLIC", "meeting"),
        partner=_institution(InstitutionKind.PARTNER, None, "PARTNER", "ngo"),
        other_partner=_institution(InstitutionKind.PARTNER, None, "OTHER-PARTNER", "ngo"),
    )


def _person(name: str, family: str, institution: Institution, role: str, **dates: date) -> User:
    user = make_user(name, full_name=canary(family, name))
    give_role(user, institution, role, reason=canary(family, "reason"), **dates)
    return user


def _staff(places: SimpleNamespace) -> SimpleNamespace:
    """Those who do the work behind the scenes; the actors only look, and so approve nothing of their own."""
    return SimpleNamespace(
        cr_author=_person("cr-author", "CR-PEOPLE", places.authority, "contributor"),
        cr_approver=_person("cr-approver", "FOCAL", places.authority, "approver"),
        gt_author=_person("gt-author", "GT-PEOPLE", places.other_authority, "contributor"),
        gt_approver=_person("gt-approver", "FOCAL", places.other_authority, "focal_point"),
        gt_agency=_person("gt-agency", "GT-PEOPLE", places.other_agency, "contributor"),
        sg_author=_person("sg-author", "PUBLIC", places.secretariat, "secretariat_officer"),
        sg_approver=_person("sg-approver", "PUBLIC", places.secretariat, "secretariat_admin"),
        other_partner=_person("ngo", "OTHER-PARTNER", places.other_partner, "partner"),
    )


def _actors(world: World, places: SimpleNamespace) -> None:
    for role, place in policy.ROLES.items():
        world.people[role] = make_user(role.replace("_", "-"))
        give_role(world.people[role], getattr(places, place), role)
    for actor in ("disabled", "expired", "former"):
        world.people[actor] = make_user(actor)
        give_role(world.people[actor], places.authority, "focal_point")
    for actor in ("ministry", "handed_before"):
        world.people[actor] = make_user(actor.replace("_", "-"))
        give_role(world.people[actor], places.agency, "contributor")
    # A role that ended: the person can still sign in and finds nothing.
    RoleAssignment.objects.filter(user=world.people["former"]).update(valid_to=date(2013, 1, 1))


# --- reports --------------------------------------------------------------------------------------


def _write(report: Report, author: User, family: str, year: int) -> None:
    action = services.ActionData(
        kind="training",
        title=canary(family, "action"),
        starts_on=date(year, 9, 1) if year == 2013 else date(year, 3, 1),
        place=canary(family, "place"),
        details={"institution": canary(family, "institution")},
    )
    for entry in report.entries.order_by("activity__position")[:WRITTEN]:
        answer(entry, author, **texts(family), actions=(action,))


def texts(family: str) -> dict[str, str]:
    return {name: canary(family, name) for name in ("narrative", "results", "good_practice", "obstacles", "reason")}


def _attach_all(world: World, report: Report, author: User, code: str) -> None:
    """Evidence for each circle of readers, on an answer that is sent."""
    entry = report.entries.order_by("activity__position")[0]
    whose = {"CR": "own", "GT": "other State's", "SG": "Secretariat's"}[code]
    if code == "SG":
        _attach(world, f"{whose} sent", entry, author, "SG-SENT", "secretariat")
        return
    _attach(world, f"{whose} sent", entry, author, f"{code}-EVIDENCE", "secretariat")
    alone = "own, for the State alone" if code == "CR" else "other State's, for itself alone"
    _attach(world, alone, entry, author, f"{code}-STATE-ONLY", "state")
    if code == "CR":
        _attach(world, "own, public", entry, author, "CR-SENT", "public")


def _attach(world: World, target: str, entry: Any, author: User, family: str, visibility: str) -> None:
    """A file that was checked and found clean: what is handed out is a copy with a canary of its own."""
    data = services.EvidenceData(type="law", title=canary(family, "title"), language="es", visibility=visibility)
    content = canary(family, "original").encode()
    name = f"{canary(family, 'name')}.txt"
    evidence = services.attach_file(entry=entry, data=data, name=name, content=content, actor=author)
    stored, digest = store_once(canary(family, "copy").encode(), folder="evidence", suffix="txt")
    checked = {"scan_state": "clean", "served": stored, "served_size": 9, "served_sha256": digest}
    Evidence.objects.filter(pk=evidence.pk).update(**checked)
    world.parts.setdefault("evidence", {})[target] = {"public_id": evidence.public_id}


def _send(report: Report, author: User, approver: User) -> None:
    services.send_to_coordinator(report=report, actor=author)
    services.approve(report=report, actor=approver)
    report.refresh_from_db()


def _print(world: World, report: Report, code: str) -> None:
    """The receipt of what was sent: with all evidence, and for a State with what may be published alone."""
    whole = {"CR": ("own", "CR-EVIDENCE"), "GT": ("other State's", "GT-EVIDENCE"), "SG": ("Secretariat's", "SG-SENT")}
    papers = [(*whole[code], True), *([("own, public", "CR-SENT", False)] if code == "CR" else [])]
    for target, family, is_whole in papers:
        stored, digest = store_once(canary(family, "receipt").encode(), folder="papers", suffix="pdf")
        paper = ReportPaper.objects.create(
            version=report.versions.get(), language="es", is_whole=is_whole, file=stored, size=9, sha256=digest
        )
        parts = {"reference": report.reference, "public_id": paper.public_id}
        world.parts.setdefault("paper", {})[target] = parts


def _ask(report: Report, reviewer: User, family: str) -> None:
    activity = report.entries.order_by("activity__position")[0].activity
    services.ask_question(
        report=report, activity=activity, field="narrative", text=canary(family, "question"), actor=reviewer
    )


def _reports(world: World, places: SimpleNamespace, staff: SimpleNamespace) -> dict[str, Report]:
    cast = SimpleNamespace(denise=staff.sg_author)
    make_open_round(cast, "2013-2", start=date(2013, 7, 1), end=date(2013, 12, 31))
    make_open_round(cast, "2014-1")
    chair = world.people["meeting_officer"]
    people = {
        "CR": (staff.cr_author, staff.cr_approver, staff.sg_author),
        "GT": (staff.gt_author, staff.gt_approver, staff.sg_author),
        "SG": (staff.sg_author, staff.sg_approver, chair),
    }
    for code, (author, approver, reviewer) in people.items():
        sent = Report.objects.get(reference=f"{code}-2013-2")
        _write(sent, author, f"{code}-SENT", 2013)
        if code == "CR":  # last time's answer to what a ministry is handed this year, and was not then
            answer(sent.entries.order_by("activity__position")[0], author, **texts("CR-BEFORE"))
        _attach_all(world, sent, author, code)
        _send(sent, author, approver)
        _print(world, sent, code)
        _ask(sent, reviewer, f"{code}-THREAD")
        draft = Report.objects.get(reference=f"{code}-2014-1")
        _write(draft, author, f"{code}-DRAFT", 2014)
        extension = _talk(sent, draft, author, approver, reviewer)
        run = _import(draft, author, code)
        if code != "SG":
            whose = "own State's" if code == "CR" else "other State's"
            world.parts.setdefault("extension", {})[whose] = {"public_id": extension.public_id}
            world.parts.setdefault("import", {})[whose] = {"public_id": run.public_id}
    _attach(world, "own draft", handed_entry(), staff.cr_author, "CR-HANDED", "secretariat")
    other = Report.objects.get(reference="GT-2014-1").entries.first()
    _attach(world, "other State's draft", other, staff.gt_author, "GT-DRAFT", "secretariat")
    for kind in ("evidence", "extension", "import"):
        world.parts[kind]["never existed"] = {"public_id": NEVER}
    world.parts["paper"]["never existed"] = {"reference": "CR-2013-2", "public_id": NEVER}
    _take_back_other(staff)
    _hand_over(world)
    return {report.reference: report for report in Report.objects.all()}


def _talk(sent: Report, draft: Report, author: User, approver: User, reviewer: User) -> Extension:
    """What is written about a report: a reply, a rating, a request for more time."""
    code = sent.reference[:2]
    services.answer_question(question=sent.questions.get(), text=canary(f"{code}-THREAD", "reply"), actor=author)
    version = sent.versions.get()
    Rating.objects.create(
        version=version,
        activity=sent.entries.order_by("activity__position")[0].activity,
        status="full",
        self_status="partial",
        reason=canary(f"{code}-SENT", "rating"),
        rated_by=reviewer,
    )
    data = services.EvidenceData(type="web_page", title=canary(f"{code}-DRAFT", "web"), language="es")
    address = f"https://example.org/{canary(f'{code}-DRAFT', 'address')}"
    entry = draft.entries.order_by("activity__position")[1]
    services.attach_address(entry=entry, data=data, url=address, actor=author)
    EntryDraft.objects.create(
        entry=entry,
        user=author,
        entry_version=entry.version,
        answer={"narrative": [canary(f"{code}-TYPED", "narrative")]},
        page=uuid.uuid4(),
        sequence=1,
    )
    return Extension.objects.create(
        report=draft,
        requested_by=approver,
        requested_date=date(2014, 8, 1),
        reason=canary(f"{code}-TIME", "reason"),
        decision="refused",
        decided_by=reviewer,
        decided_at=timezone.now(),
        decision_reason=canary(f"{code}-TIME", "decision"),
    )


def _import(draft: Report, author: User, code: str) -> ImportRun:
    """A file of answers that was read and waits to be imported."""
    entries = list(draft.entries.select_related("activity__area"))
    entries[0].status, entries[0].reason, entries[0].narrative = "partial", "", canary(f"{code}-DRAFT", "line")
    content = delivery.workbook(draft, code, delivery.answer_sheets(draft, entries))
    name = f"{canary(f'{code}-DRAFT', 'file')}.xlsx"
    run = services.start_import(report=draft, content=content, name=name, channel="", actor=author)
    ImportRun.objects.filter(pk=run.pk).update(undo=[{"narrative": canary(f"{code}-DRAFT", "undo")}])
    return run


def _take_back_other(staff: SimpleNamespace) -> None:
    """The other State's report was returned and is being changed: reviewers read what was sent, not that."""
    report = Report.objects.get(reference="GT-2013-2")
    services.return_report(report=report, actor=staff.sg_author, note=canary("GT-THREAD", "note"))
    _write(report, staff.gt_author, "GT-DRAFT", 2013)


def handed_entry() -> Any:
    return Report.objects.get(reference="CR-2014-1").entries.order_by("activity__position")[0]


def _hand_over(world: World) -> None:
    entry = handed_entry()
    answer(entry, entry.updated_by, **texts("CR-HANDED"))
    foreign = Report.objects.get(reference="GT-2014-1").entries.order_by("activity__position")[0]
    foreigner = User.objects.get(email="gt-agency@example.org")
    own = _grant(entry, world.people["ministry"], "CR-PEOPLE", None)
    _grant(entry, world.people["handed_before"], "CR-PEOPLE", date(2013, 12, 31))
    other = _grant(foreign, foreigner, "GT-PEOPLE", None)
    world.parts["grant"] = {
        "own State's": {"pk": own},
        "other State's": {"pk": other},
        "never existed": {"pk": other + 2},
    }


def _grant(entry: Any, user: User, family: str, last_day: date | None) -> int:
    rights = Permission.objects.filter(codename__in=("view_reportentry", "change_reportentry"))
    grants = [
        EntryUserObjectPermission.objects.create(
            content_object=entry, user=user, permission=right, valid_to=last_day, reason=canary(family, "grant")
        )
        for right in rights.order_by("codename")
    ]
    return int(grants[0].pk)


# --- addresses ------------------------------------------------------------------------------------

REFERENCES = {
    "own draft": "CR-2014-1",
    "own sent": "CR-2013-2",
    "other State's draft": "GT-2014-1",
    "other State's sent": "GT-2013-2",
    "Secretariat's draft": "SG-2014-1",
    "Secretariat's sent": "SG-2013-2",
    "never existed": "ZZ-2014-1",
}


def _addresses(world: World, reports: dict[str, Report]) -> None:
    references = {target: {"reference": reference} for target, reference in REFERENCES.items()}
    world.parts["report"] = world.parts["sent report"] = world.parts["report to write"] = references
    # The same code for what never existed: the answer must not depend on it.
    world.parts["entry"] = {
        target: {"reference": reference, "code": _first_code(reports.get(reference))}
        for target, reference in REFERENCES.items()
    }
    another = reports["CR-2014-1"].entries.order_by("activity__position")[1].activity.code
    world.parts["entry"]["own, not handed over"] = {"reference": "CR-2014-1", "code": another}
    world.parts["question"] = {
        target: {"reference": reference, "public_id": _question(reports.get(reference))}
        for target, reference in REFERENCES.items()
    }


def _personal(world: World) -> None:
    """Objects that belong to one person: own, somebody else's, none."""
    author = User.objects.get(email="gt-author@example.org")
    SentForm.objects.create(
        user=author, key="0" * 64, location=canary("GT-DRAFT", "location"), content=canary("GT-DRAFT", "content")
    )
    keys = {actor: passkey_of(user) for actor, user in world.people.items()}
    stranger = passkey_of(author)
    for actor in policy.ACTORS:
        world.own[actor] = {
            "passkey": {
                "own": {"pk": keys.get(actor, stranger)},
                "of somebody else": {"pk": stranger},
                "never existed": {"pk": stranger + 1},  # as long to write
            },
        }


def _plan(world: World, staff: SimpleNamespace) -> None:
    make_round("2014-2", start=date(2014, 7, 1), end=date(2014, 12, 31))
    rounds = {"open": "2014-1", "in preparation": "2014-2", "never existed": "2099-1"}
    world.parts["round"] = {target: {"code": code} for target, code in rounds.items()}
    world.parts["activity"] = {
        "in the plan": {"code": handed_entry().activity.code},
        "never existed": {"code": "none"},
    }
    world.parts["state"] = {"a State": {"iso2": "GT"}, "never existed": {"iso2": "ZZ"}}


def _evaluation(world: World, staff: SimpleNamespace) -> None:
    round_ = Round.objects.get(code="2013-2")
    evaluation = Evaluation.objects.create(
        plan=round_.plan,
        round=round_,
        symbol="RTP-IV/doc.6/14",
        series=canary("EVAL", "series"),
        original_language="es",
        states=sorted(Report.objects.filter(round=round_, state__isnull=False).values_list("state__iso2", flat=True)),
        created_by=staff.sg_author,
    )
    left_out = Report.objects.filter(round=round_, accepted_version=None).exclude(state__iso2__in=("CR", "GT"))
    Exclusion.objects.create(
        evaluation=evaluation,
        state=left_out.filter(state__isnull=False).earliest("state__iso2").state,
        reason=canary("EVAL-TEXT", "exclusion"),
        language="es",
        by=staff.sg_author,
    )
    content = {**build_snapshot(evaluation), "canary": canary("EVAL", "snapshot")}
    job = create_job(kind=KIND, actor=staff.sg_author)
    snapshot = Snapshot.objects.create(
        evaluation=evaluation, job=job, content=content, content_hash=content_hash(content), cutoff_at=timezone.now()
    )
    stored, digest = store_once(canary("EVAL", "document").encode(), folder="evaluations", suffix="pdf")
    Document.objects.create(snapshot=snapshot, language="es", format="pdf", file=stored, size=9, sha256=digest)
    for iso2 in ("CR", "GT"):
        _state_paper(snapshot, iso2, canary(f"{iso2}-SENT", "paper"))
    Evaluation.objects.filter(pk=evaluation.pk).update(snapshot=snapshot)
    build = request_build(evaluation=evaluation, actor=staff.sg_author)
    Element.objects.create(
        evaluation=evaluation,
        key=handed_entry().activity.code,
        number=1,
        suggestion="amend",
        text=canary("EVAL", "element"),
        language="es",
        by=staff.sg_author,
    )
    _consultation(world, evaluation, snapshot, staff)
    _translation(world, evaluation, snapshot, staff)
    published = _published(evaluation, staff)
    given_up = OutboxMessage.objects.create(
        task="core.send_alert", queue="mail", key="given-up", dead_at=timezone.now()
    )
    world.parts["outbox"] = {"given up": {"message_id": given_up.pk}, "never existed": {"message_id": NEVER}}
    world.parts["job"] = {"a build": {"public_id": build.public_id}, "never existed": {"public_id": NEVER}}
    public_id = str(evaluation.public_id)
    world.parts["evaluation"] = {"a draft": {"public_id": public_id}, "never existed": {"public_id": NEVER}}
    code = handed_entry().activity.code
    world.parts["element"] = {
        "of a draft": {"public_id": public_id, "key": code},
        "of no activity": {"public_id": public_id, "key": "none"},
        "never existed": {"public_id": NEVER, "key": code},
    }
    world.parts["publication"] = {
        "published": {"public_id": published},
        "a draft": {"public_id": public_id},
        "never existed": {"public_id": NEVER},
    }
    world.parts["document"] = {
        "of a draft": {"public_id": public_id, "language": "es", "file_format": "pdf"},
        "another language": {"public_id": public_id, "language": "xx", "file_format": "pdf"},
        "never existed": {"public_id": NEVER, "language": "es", "file_format": "pdf"},
    }
    paper = {"iso2": "gt", "language": "es"}
    world.parts["State's paper"] = {
        "of a draft": {"public_id": public_id, **paper},
        "another language": {"public_id": public_id, **paper, "language": "fr"},
        "never existed": {"public_id": NEVER, **paper},
    }
    world.parts["State's paper, public"] = {
        "published": {"public_id": published, "iso2": "cr", "language": "es"},
        "of a draft": {"public_id": public_id, **paper},
        "never existed": {"public_id": NEVER, **paper},
    }


def _state_paper(snapshot: Snapshot, iso2: str, content: str) -> None:
    stored, digest = store_once(content.encode(), folder="evaluations", suffix="docx")
    StatePaper.objects.create(
        snapshot=snapshot,
        state=State.objects.get(iso2=iso2),
        language="es",
        file=stored,
        size=9,
        sha256=digest,
        content_hash=digest,
    )


def _translation(world: World, evaluation: Evaluation, snapshot: Snapshot, staff: SimpleNamespace) -> None:
    unit = next(unit for unit in units_of(snapshot.content) if unit.kind == "exclusion")
    Translation.objects.create(
        evaluation=evaluation,
        key=unit.key,
        language="fr",
        number=1,
        text=canary("EVAL-TEXT", "translation"),
        source_sha256=unit.sha256,
        by=staff.sg_author,
    )
    public_id = str(evaluation.public_id)
    world.parts["evaluation to translate"] = {
        "a draft": {"public_id": public_id},
        "never existed": {"public_id": NEVER},
    }
    world.parts["text to translate"] = {
        "of a draft": {"public_id": public_id, "key": unit.key},
        "of no text": {"public_id": public_id, "key": "none"},
        "never existed": {"public_id": NEVER, "key": unit.key},
    }


def _consultation(world: World, evaluation: Evaluation, snapshot: Snapshot, staff: SimpleNamespace) -> None:
    """Two States have commented on their own part."""
    consultation = Consultation.objects.create(
        evaluation=evaluation,
        snapshot=snapshot,
        opened_by=staff.sg_author,
        closes_on=timezone.localdate() + timedelta(days=20),
    )
    for iso2, person in (("CR", staff.cr_author), ("GT", staff.gt_author)):
        StateComment.objects.create(
            consultation=consultation,
            state=State.objects.get(iso2=iso2),
            area="PRV",
            number=1,
            text=canary(f"{iso2}-SENT", "comment"),
            language="es",
            by=person,
        )
    public_id = str(consultation.public_id)
    world.parts["preview"] = {
        "own State's": {"public_id": public_id, "iso2": "cr"},
        "other State's": {"public_id": public_id, "iso2": "gt"},
        "of a State not asked": {"public_id": public_id, "iso2": "cu"},
        "never existed": {"public_id": NEVER, "iso2": "cr"},
    }
    world.parts["State's paper to comment"] = {
        "own State's": {"public_id": public_id, "iso2": "cr", "language": "es"},
        "other State's": {"public_id": public_id, "iso2": "gt", "language": "es"},
        "another language": {"public_id": public_id, "iso2": "cr", "language": "fr"},
        "never existed": {"public_id": NEVER, "iso2": "cr", "language": "es"},
    }


def _register(world: World) -> None:
    """The Meetings are there since set-up, and public."""
    third, fourth = 3, 4
    point = Conclusion.objects.get(meeting__number=third, number="6")
    item = {"number": third, "kind": "conclusions", "pk": point.pk}
    world.parts["register"] = {"a Meeting": {"number": third}, "never existed": {"number": 99}}
    world.parts["register item"] = {
        "a conclusion": item,
        "of another Meeting": {**item, "number": fourth},
        "never existed": {**item, "pk": 999_999},
    }
    world.parts["conclusion"] = {
        "asks to act": {"number": third, "conclusion": "6"},
        "asks nobody": {"number": third, "conclusion": "5"},
        "never existed": {"number": third, "conclusion": "9z"},
    }


def _published(draft: Evaluation, staff: SimpleNamespace) -> str:
    """Another evaluation, which everybody may read."""
    evaluation = Evaluation.objects.create(
        plan=draft.plan,
        round=draft.round,
        symbol="RTP-IV/doc.7/14",
        original_language="es",
        states=draft.states,
        created_by=staff.sg_author,
    )
    content = build_snapshot(evaluation)
    job = create_job(kind=KIND, actor=staff.sg_author)
    snapshot = Snapshot.objects.create(
        evaluation=evaluation, job=job, content=content, content_hash=content_hash(content), cutoff_at=timezone.now()
    )
    stored, digest = store_once(canary("PUBLIC", "document").encode(), folder="evaluations", suffix="json")
    Document.objects.create(snapshot=snapshot, language="es", format="json", file=stored, size=9, sha256=digest)
    _state_paper(snapshot, "CR", canary("PUBLIC", "paper"))
    Evaluation.objects.filter(pk=evaluation.pk).update(snapshot=snapshot)
    Publication.objects.create(
        evaluation=evaluation, snapshot=snapshot, generated_by=staff.sg_author, published_by=staff.sg_approver
    )
    return str(evaluation.public_id)


def _appointment(state: str, person: User, family: str, staff: SimpleNamespace) -> int:
    """A focal point named by a note that was handed in and checked."""
    appointment = FocalPointAppointment.objects.create(
        state=State.objects.get(iso2=state),
        user=person,
        note_verbale=canary(family, "note"),
        note_date=date(2012, 1, 1),
        valid_from=date(2012, 1, 1),
        recorded_by=staff.sg_approver,
    )
    content = canary(family, "file").encode()
    stored, digest = store_once(content, folder="notes", suffix="pdf")
    NoteDocument.objects.create(
        appointment=appointment,
        original_name=canary(family, "name"),
        kind="pdf",
        size=len(content),
        sha256=digest,
        original=stored,
        scan_state="clean",
        served=stored,
        served_size=len(content),
        served_sha256=digest,
        uploaded_by=staff.sg_approver,
    )
    return int(appointment.pk)


def _resets(world: World, staff: SimpleNamespace) -> None:
    """Somebody of each tenant lost their second factor, and so did every actor."""
    asked = {
        "own State's": _reset(staff.cr_author, staff.cr_approver, "CR-PEOPLE"),
        "other State's": _reset(staff.gt_author, staff.gt_approver, "GT-PEOPLE"),
        "Secretariat's": _reset(staff.sg_author, staff.sg_approver, "PUBLIC"),
    }
    world.parts["factor reset"] = {target: {"public_id": str(reset.public_id)} for target, reset in asked.items()}
    world.parts["factor reset"]["never existed"] = {"public_id": NEVER}
    own = {actor: _reset(user, staff.sg_approver, "PUBLIC") for actor, user in world.people.items()}
    for actor in policy.ACTORS:
        mine = {"public_id": str(own[actor].public_id) if actor in own else NEVER}
        world.own[actor]["factor reset"] = {**world.parts["factor reset"], "about oneself": mine}
    token = stop_signer().sign(str(_reset(staff.other_partner, staff.sg_approver, "PUBLIC").public_id))
    world.parts["stop link"] = {"open": {"token": token}, "never existed": {"token": "x" * len(token)}}


def _reset(person: User, by: User, family: str) -> FactorReset:
    return FactorReset.objects.create(
        person=person, requested_by=by, identified="in_person", reason=canary(family, "reset")
    )


def _people(world: World, places: SimpleNamespace, staff: SimpleNamespace) -> None:
    world.parts["note"] = {
        "own State's": {"pk": _appointment("CR", staff.cr_approver, "CR-PEOPLE", staff)},
        "other State's": {"pk": _appointment("GT", staff.gt_approver, "GT-PEOPLE", staff)},
        "never existed": {"pk": 0},
    }
    _resets(world, staff)
    people = {
        "own State's": staff.cr_author,
        "other State's": staff.gt_author,
        "Secretariat's": staff.sg_author,
        "partner's": staff.other_partner,
    }
    world.parts["person"] = {target: {"public_id": str(person.public_id)} for target, person in people.items()}
    world.parts["person"]["never existed"] = {"public_id": NEVER}
    roles = {person: person.role_assignments.get().pk for person in people.values()}
    world.parts["role"] = {
        target: {"public_id": str(person.public_id), "pk": roles[person]}
        for target, person in people.items()
        if "State" in target
    }
    of_another = {"public_id": str(staff.cr_author.public_id), "pk": roles[staff.gt_author]}
    world.parts["role"] |= {
        "of another person": of_another,
        "never existed": {"public_id": NEVER, "pk": roles[staff.gt_author]},
    }
    tokens = {
        "own State's": _invitation(places.authority, "CR-PEOPLE", staff.cr_approver),
        "other State's": _invitation(places.other_authority, "GT-PEOPLE", staff.gt_approver),
    }
    world.parts["invitation"] = {
        target: {"public_id": str(invitation.public_id)} for target, (invitation, _token) in tokens.items()
    }
    world.parts["invitation"]["never existed"] = {"public_id": NEVER}
    waiting = {
        "own State's": _invitation(places.authority, "CR-PEOPLE", staff.cr_approver, "custodian"),
        "other State's": _invitation(places.other_authority, "GT-PEOPLE", staff.gt_approver, "custodian"),
    }
    world.parts["waiting invitation"] = {
        target: {"public_id": str(invitation.public_id)} for target, (invitation, _token) in waiting.items()
    }
    world.parts["waiting invitation"]["never existed"] = {"public_id": NEVER}
    _open_invitation, token = _invitation(places.other_authority, "PUBLIC", staff.gt_approver)
    world.parts["link"] = {"unused": {"token": token}, "never existed": {"token": "x" * len(token)}}


def _invitation(institution: Institution, family: str, by: User, role: str = "contributor") -> tuple[Invitation, str]:
    token = secrets.token_urlsafe(24)
    invitation = Invitation.objects.create(
        email=f"{family.lower()}-invited@example.org",
        full_name=canary(family, "invited"),
        language="es",
        institution=institution,
        role=role,
        invited_by=by,
        token_digest=hashlib.sha256(token.encode()).hexdigest(),
        expires_at=timezone.now() + timedelta(days=1),
    )
    return invitation, token


def _first_code(report: Report | None) -> str:
    return report.entries.order_by("activity__position")[0].activity.code if report else handed_entry().activity.code


def _question(report: Report | None) -> str:
    question = report.questions.first() if report else None
    return str(question.public_id) if question else NEVER


def passkey_of(user: User) -> int:
    """A passkey as it is stored after a registration, of a key that nobody has."""
    key = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    credential = AttestedCredentialData.create(bytes(16), str(user.public_id).encode(), key)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    data = AuthenticatorData.create(hashlib.sha256(b"testserver").digest(), flags, 0, credential)
    attestation = AttestationObject.create("none", data, {})
    client_data = CollectedClientData.create("webauthn.create", b"challenge", "https://testserver")
    response = {"attestationObject": websafe_encode(attestation), "clientDataJSON": websafe_encode(client_data)}
    raw_id = websafe_encode(credential.credential_id)
    stored = {"id": raw_id, "rawId": raw_id, "type": "public-key", "response": response}
    row = Authenticator.objects.create(
        user=user, type="webauthn", data={"name": canary("PASSKEY", "name"), "credential": stored}
    )
    return int(row.pk)


# --- trails and sessions --------------------------------------------------------------------------


def _trails(world: World) -> None:
    for chain in ("CR", "GT", "platform"):
        family = f"{chain.upper()}-AUDIT"
        actor = User.objects.get(email="gt-author@example.org" if chain == "GT" else "sg-author@example.org")
        audit.record(actor=actor, verb="entry.saved", obj=actor, chain=chain, data={"reference": canary(family, "ref")})


def _session(user: User) -> str:
    """The session that a finished sign-in with a second factor leaves behind, fresh as long as the tests run."""
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    session, then = client.session, time.time() + 3600
    session["account_authentication_methods_user"] = user_id_to_str(user)
    session["account_authentication_methods"] = [
        {"method": "password", "at": then, "email": user.email},
        {"method": "mfa", "at": then, "type": "totp"},
    ]
    session[STARTED] = session[SEEN] = time.time()
    session.save()
    assert session.session_key
    return session.session_key


def _spoil(world: World) -> None:
    """Two sessions that were good once: of an account disabled since, and one left alone too long."""
    User.objects.filter(pk=world.people["disabled"].pk).update(is_active=False)
    session = SessionStore(world.sessions["expired"])
    session[SEEN] = time.time() - settings.SESSION_IDLE_LIMIT.total_seconds() - 1
    session.save()
