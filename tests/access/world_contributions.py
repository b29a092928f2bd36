"""Organizations, their accreditation and what they contribute, each text with a canary."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from accounts.models import ApiKey, Institution, State, User
from contributions.models import (
    About,
    Accreditation,
    Attachment,
    BulkFiling,
    Change,
    Citation,
    Clarification,
    Contribution,
    ContributionTranslation,
    StateReply,
)
from core.files import store_once
from tests.access.canaries import NEVER, canary
from tests.factories.workplan import make_round
from workplan.models import Activity, Round

REFERENCES = {
    "own draft": "PC-222222",
    "for the Secretariat": "PC-333333",
    "for the State": "PC-444444",
    "accepted": "PC-555555",
    "other's": "PC-666666",
    "published": "PC-777777",
}


def furnish_contributions(world: Any, places: SimpleNamespace, staff: SimpleNamespace) -> None:
    _accreditations(world, places, staff)
    _contributions(world, places, staff)
    _keys(world, places)


def _texts(family: str, *names: str) -> dict[str, str]:
    return {name: canary(family, name.replace("_", "")) for name in names}


def _accreditations(world: Any, places: SimpleNamespace, staff: SimpleNamespace) -> None:
    own = _accreditation("PARTNER-ACC", institution=places.partner)
    today = timezone.localdate()
    Accreditation.objects.filter(pk=own.pk).update(
        status="accredited", vetted_by=staff.sg_author, vetted_at=timezone.now(), decided_by=staff.sg_approver,
        valid_from=today - timedelta(days=700), valid_to=today + timedelta(days=30),
    )  # fmt: skip
    refused = _accreditation("APPLICATION", name=canary("APPLICATION", "refused"))
    Accreditation.objects.filter(pk=refused.pk).update(
        status="refused", vetted_by=staff.sg_author, vetted_at=timezone.now(), decided_by=staff.sg_approver,
        refusal_reason=canary("APPLICATION", "why"),
    )  # fmt: skip
    applied = _accreditation("APPLICATION")
    world.parts["accreditation"] = {
        "own": {"public_id": own.public_id},
        "applied": {"public_id": applied.public_id},
        "never existed": {"public_id": NEVER},
    }
    world.parts["contribution file"] = {
        "own accreditation's": {"public_id": _file("PARTNER-ACC", accreditation=own).public_id},
        "of an application": {"public_id": _file("APPLICATION", accreditation=applied).public_id},
        "never existed": {"public_id": NEVER},
    }


def _accreditation(family: str, **fields: Any) -> Accreditation:
    names = ("name", "register_reference", "purpose", "contact_name", "vetting_note")
    email = f"{canary(family, 'mail')}@organization.example"
    values = {"name_language": "es", "kind": "civil_society", **_texts(family, *names), "contact_email": email}
    row = Accreditation.objects.create(**{**values, **fields})
    row.states.set(State.objects.filter(iso2__in=("CR", "GT")))
    return row


def _contributions(world: Any, places: SimpleNamespace, staff: SimpleNamespace) -> None:
    paula, other = world.people["partner"], staff.other_partner
    rows = {
        "own draft": _contribution("own draft", "PARTNER-DRAFT", places.partner, paula, "draft", "state"),
        "for the Secretariat": _contribution(
            "for the Secretariat", "SG-CONTRIB", places.partner, paula, "received", "secretariat"
        ),
        "for the State": _contribution(
            "for the State", "CR-CONTRIB", places.partner, paula, "received", "state", name_withheld=True, shown_name=""
        ),
        "accepted": _contribution("accepted", "OPEN-CONTRIB", places.partner, paula, "accepted", "public"),
        "other's": _contribution("other's", "GT-CONTRIB", places.other_partner, other, "received", "state", code="GT"),
    }
    world.parts["contribution"] = {target: {"reference": row.reference} for target, row in rows.items()}
    world.parts["contribution"]["never existed"] = {"reference": "PC-999999"}
    place = {"reference": rows["accepted"].reference}
    world.parts["contribution's translation"] = {
        "accepted": {**place, "language": "en"},
        "never existed": {**place, "language": "fr"},
    }
    _contribution("published", "PUBLIC", places.partner, paula, "accepted", "public", closed=True)
    _around(rows, staff)
    _workbook(world, places, paula)
    _files(world, rows)


def _contribution(
    target: str, family: str, institution: Institution, by: User, status: str, visibility: str, code: str = "CR",
    closed: bool = False, **fields: Any,
) -> Contribution:  # fmt: skip
    round_ = _closed_round() if closed else Round.objects.filter(status="open").earliest("pk")
    values = {
        "reference": REFERENCES[target], "institution": institution, "round": round_, "by": by, "kind": "evidence",
        "visibility": visibility, "language": "es", "period_from": date(2014, 1, 1), "period_to": date(2014, 2, 1),
        "shown_name": canary(family, "shown"), **_texts(family, "title", "text", "identity_reason"),
    }  # fmt: skip
    row = Contribution.objects.create(**{**values, **fields})
    About.objects.create(contribution=row, state=State.objects.get(iso2=code))
    row.activities.add(Activity.objects.filter(catalogue=round_.catalogue_id).earliest("position"))
    way = ("draft", "sent", "received", "under_review", "accepted")
    for step in way[1 : way.index(status) + 1]:
        row.status, row.sent_at = step, row.sent_at or timezone.now()
        row.save()
    return row


def _closed_round() -> Round:
    round_ = make_round("2012-1", start=date(2012, 1, 1), end=date(2012, 6, 30))
    round_.status, round_.opened_at, round_.closed_at = "closed", timezone.now(), timezone.now()
    round_.save()
    return round_


def _workbook(world: Any, places: SimpleNamespace, by: User) -> None:
    texts = _texts("PARTNER-DRAFT", "title", "text", "identity_reason")
    values = {
        **texts, "visibility": "state", "name_withheld": False, "kind": "evidence", "language": "es",
        "states": ["CR"], "activities": ["PRO-02"], "period_from": "2014-01-01", "period_to": "2014-02-01",
    }  # fmt: skip
    problem = {"row": 3, "column": "title", "found": canary("PARTNER-DRAFT", "found"), "reason": "is empty"}
    filing = BulkFiling.objects.create(
        institution=places.partner, round=Round.objects.filter(status="open").earliest("pk"), created_by=by,
        file_name=canary("PARTNER-DRAFT", "file"), sha256="0" * 64, lines=[{"row": 2, "values": values}],
        problems=[problem],
    )  # fmt: skip
    world.parts["workbook"] = {"own": {"public_id": filing.public_id}, "never existed": {"public_id": NEVER}}


def _around(rows: dict[str, Contribution], staff: SimpleNamespace) -> None:
    by = staff.sg_author
    Change.objects.create(contribution=rows["for the State"], step="send", from_status="draft", to_status="sent", by=by)
    talk = _texts("PARTNER-TALK", "text", "answer", "answer_identity_reason")
    answered = {"answer_language": "es", "answered_by": by, "answered_at": timezone.now()}
    Clarification.objects.create(contribution=rows["accepted"], language="es", by=by, **talk, **answered)
    Clarification.objects.create(
        contribution=rows["for the State"], language="es", by=by, text=canary("PARTNER-TALK", "open")
    )
    StateReply.objects.create(
        contribution=rows["accepted"], state=State.objects.get(iso2="CR"), language="es", by=staff.cr_author,
        **_texts("OPEN-CONTRIB", "text", "identity_reason"),
    )  # fmt: skip
    Citation.objects.create(
        contribution=rows["accepted"], language="es", by=by, sentence=canary("PARTNER-TALK", "sentence")
    )
    ContributionTranslation.objects.create(
        contribution=rows["accepted"], language="en", by=by, **_texts("OPEN-CONTRIB", "title", "text")
    )
    refused = rows["other's"]
    refused.status, refused.reason = "not_used", canary("GT-CONTRIB", "reason")
    refused.save()


def _files(world: Any, rows: dict[str, Contribution]) -> None:
    shown = _file("CR-CONTRIB", contribution=rows["for the State"])
    world.parts["contribution file"]["for the State"] = {"public_id": shown.public_id}
    draft = _file("PARTNER-DRAFT", contribution=rows["own draft"])
    place = {"reference": rows["own draft"].reference}
    world.parts["draft file"] = {
        "own draft's": {**place, "public_id": draft.public_id},
        "never existed": {**place, "public_id": NEVER},
    }


def _file(family: str, **place: Any) -> Attachment:
    stored, digest = store_once(canary(family, "copy").encode(), folder="contributions", suffix="txt")
    return Attachment.objects.create(
        kind="txt", size=9, sha256=digest, original=stored, served=stored, served_size=9, scan_state="clean",
        original_name=f"{canary(family, 'name')}.txt", **place,
    )  # fmt: skip


def _keys(world: Any, places: SimpleNamespace) -> None:
    key = ApiKey.objects.create(
        institution=places.partner, user=world.people["partner"], label=canary("PARTNER-KEY", "label"), scope="read",
        digest="0" * 64, expires_at=timezone.now() + timedelta(days=9),
    )  # fmt: skip
    world.parts["key"] = {"own": {"public_id": key.public_id}, "never existed": {"public_id": NEVER}}
