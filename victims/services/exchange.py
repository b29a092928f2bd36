"""Records that come and go as HTCDS: all of a file or none of it, and out only in a locked workbook."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.exceptions import StepRefused
from victims import queries, vault
from victims.catalogue import FIELDS
from victims.delivery import htcds_workbook, locked, marks_of
from victims.enums import FieldClass, Kind, Manner, NoteKind, Reason
from victims.models import Case, Entry, Identity
from victims.permissions import Officer, works_on
from victims.queries import Field
from victims.services.entries import write_entry
from victims.services.records import Answer, open_case, read_facts
from victims.services.shared import note, require

HTCDS = "htcds"  # in a note: what the standard has and the record has no field for
AT_ONCE = 50
CONSENT = Answer(given=True, classes=tuple(FieldClass.values), manner=Manner.AT_SOURCE)
Values = Mapping[str, Any]


def import_records(*, actor: Officer, records: Sequence[Values]) -> list[Case]:
    """Each record becomes a case of this State with a new code; consent was given on paper at the source."""
    with transaction.atomic(using=settings.SEALED_DATABASE):
        return [_import(actor, record) for record in records]


def export_records(*, actor: Officer, cases: Sequence[Case], password: str) -> bytes:
    """Of one's own cases; the trail names every case and class before one is opened. An identity leaves with a single
    case alone: who takes many records away takes nobody's name."""
    require(bool(cases) and works_on(actor, *cases))
    if len(cases) > AT_ONCE:
        raise StepRefused(_("Take away at most %(most)s cases at once.") % {"most": AT_ONCE})
    today = timezone.localdate().isoformat()
    marks = marks_of(person=str(actor.user), state=actor.state, moment=today, reference=actor.code[:8])
    return locked(htcds_workbook(_exported(actor, cases), marks=marks), password)


def _import(actor: Officer, record: Values) -> Case:
    bodies: dict[str, dict[str, Any]] = {each: {} for each in FieldClass.values}
    own = {field.htcds: field for field in queries.fields() if field.htcds in FIELDS}
    for name, value in record.items():
        if name in own:
            bodies[own[name].field_class][own[name].name] = _inward(own[name], value)
        else:
            bodies[FIELDS[name].field_class][name] = value
    case = open_case(
        actor=actor, consent=CONSENT, facts=bodies[FieldClass.QUASI], identity=bodies[FieldClass.IDENTITY] or None
    )
    if told := bodies[FieldClass.NARRATIVE]:
        text = "\n".join(f"{FIELDS[name].label}: {value}" for name, value in told.items())
        data = {"note_kind": NoteKind.GENERAL, "text": text, HTCDS: told}
        write_entry(actor=actor, case=case, kind=Kind.NOTE, data=data)
    note(actor, "case.imported", case.id)
    return case


def _exported(actor: Officer, cases: Sequence[Case]) -> list[dict[str, Any]]:
    facts = read_facts(actor=actor, cases=cases, reason=Reason.ASSISTANCE, how="export")
    identities = _identities(actor, cases) if len(cases) == 1 else {case.id: {} for case in cases}
    told = _told(actor, cases)
    return [_outward({**facts[case.id], **identities[case.id], **told[case.id]}) for case in cases]


def _identities(actor: Officer, cases: Sequence[Case]) -> dict[Any, dict[str, Any]]:
    receipt = _announced(actor, cases, FieldClass.IDENTITY)
    rows = {row.id: row.body for row in Identity.objects.filter(id__in=[case.id for case in cases])}
    return {
        case.id: vault.unseal(rows.get(case.id), receipt, case=case.id, table="identity", record=case.id)
        for case in cases
    }


def _told(actor: Officer, cases: Sequence[Case]) -> dict[Any, dict[str, Any]]:
    receipt = _announced(actor, cases, FieldClass.NARRATIVE)
    found: dict[Any, dict[str, Any]] = {case.id: {} for case in cases}
    for row in Entry.objects.filter(case_id__in=list(found), kind=Kind.NOTE):
        data = vault.unseal(row.body, receipt, case=row.case_id, table="entry", record=row.id)
        found[row.case_id] |= data.get(HTCDS, {})
    return found


def _announced(actor: Officer, cases: Sequence[Case], field_class: str) -> vault.Receipt:
    ids = [case.id for case in cases]
    return vault.announce(
        cases=ids, field_class=field_class, purpose=Reason.ASSISTANCE, actor_id=actor.user.pk, how="export"
    )


def _outward(values: Values) -> dict[str, Any]:
    """By the standard's names. The consent to be kept is why the record is there."""
    own = {field.name: field.htcds for field in queries.fields()}
    named = {own.get(name) or name: value for name, value in values.items()}
    known = {name: _as_standard(name, value) for name, value in named.items() if name in FIELDS}
    return {"con_Consent": True, **known}


def _inward(field: Field, value: Any) -> Any:
    """As the record keeps it: several where it takes several, words where it has no list, yes or no."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field.kind == "multi" and isinstance(value, str):
        return [value]
    return "; ".join(value) if field.kind in {"text", "long"} and isinstance(value, list) else value


def _as_standard(name: str, value: Any) -> Any:
    known = FIELDS[name]
    if known.kind == "checkbox":
        return value in {True, "yes"}
    if known.many and isinstance(value, str):
        return [part.strip() for part in value.split(";")]
    return value[0] if not known.many and isinstance(value, list) and value else value
