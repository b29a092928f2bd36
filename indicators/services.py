"""What people do with statistical returns and releases. Every function is atomic, audited and says who acts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import State, User
from core import audit, jobs
from core.canonical import content_hash
from core.exceptions import NotAllowed, PortalError, StaleVersion, StepRefused
from core.models import Job
from indicators import permissions, tasks
from indicators.enums import (
    TABLES,
    CoverageCitizenship,
    CoverageMovement,
    Marker,
    ReleaseStatus,
    ReturnStatus,
    Table,
)
from indicators.models import (
    Cell,
    Release,
    ReleaseFile,
    ReturnProposal,
    ReturnUpload,
    ReturnVersion,
    StatisticalReturn,
)
from indicators.queries import META, Answer, as_answers, doubts, return_content, unanswered
from indicators.validators import MAX_COUNT, validate_year

KIND = tasks.build_release.name


@dataclass(frozen=True)
class ReturnData:
    """What a State says in one table. `cells` holds the answers there are; a cell left out is not answered yet."""

    cells: Mapping[tuple[str, str], Answer]
    source: str = ""
    coverage_citizenship: str = ""
    coverage_movement: str = ""
    criminal_code_article: str = ""
    definition_note: str = ""
    language: str = "en"
    reasons: Mapping[str, str] = field(default_factory=dict)


# --- returns -------------------------------------------------------------------------------------


@transaction.atomic
def open_return(*, state: State, year: int, table: str, actor: User) -> StatisticalReturn:
    """The return of this State, year and table; made empty where there is none yet."""
    _require_writer(actor, state)
    _require_table(table)
    validate_year(year)
    filled, _is_new = StatisticalReturn.objects.get_or_create(
        state=state, year=year, table=table, defaults={"language": actor.language}
    )
    return filled


def _require_writer(actor: User, state: State) -> None:
    if not permissions.can_write(actor, state):
        raise NotAllowed(_("Only the State's own authority fills in its returns."))


def _require_table(code: str) -> Table:
    if code not in TABLES:
        raise PortalError(_("There is no table with this code."))
    return TABLES[code]


def _locked(filled: StatisticalReturn) -> StatisticalReturn:
    return StatisticalReturn.objects.select_for_update(of=("self",)).select_related("state").get(pk=filled.pk)


@transaction.atomic
def save_return(*, filled: StatisticalReturn, version: int, data: ReturnData, actor: User) -> StatisticalReturn:
    """Write the answers if nobody saved since `version` was read. A signed return opens again for a correction.

    Raises StaleVersion, NotAllowed, StepRefused while it waits for signature, or PortalError for a wrong cell.
    """
    filled = _locked(filled)
    _require_writer(actor, filled.state)
    if filled.status == ReturnStatus.SENT:
        raise StepRefused(_("This table waits for signature. Take it back before you change it."))
    if filled.version != version:
        raise StaleVersion(_("Somebody else saved this table while you were writing."))
    _write(filled, data, actor)
    _record("return.saved", filled, actor, {"version": filled.version})
    return filled


def _write(filled: StatisticalReturn, data: ReturnData, actor: User) -> None:
    _check_cells(filled.definition, data.cells)
    for name in META:
        setattr(filled, name, getattr(data, name))
    filled.reasons = {code: text.strip() for code, text in data.reasons.items() if text.strip()}
    filled.status, filled.sent_by = ReturnStatus.DRAFT, None
    filled.version += 1
    filled.updated_by = actor
    filled.save()
    _write_cells(filled, data.cells)


def _write_cells(filled: StatisticalReturn, cells: Mapping[tuple[str, str], Answer]) -> None:
    filled.cells.all().delete()
    Cell.objects.bulk_create(
        Cell(source=filled, row=row, column=column, marker=marker, value=value)
        for (row, column), (marker, value) in cells.items()
    )


def _check_cells(table: Table, cells: Mapping[tuple[str, str], Answer]) -> None:
    known = set(table.cells())
    for place, (marker, value) in cells.items():
        if place not in known:
            raise PortalError(_("The table has no cell %(row)s, %(column)s.") % {"row": place[0], "column": place[1]})
        fits = {Marker.VALUE: value is not None and 0 < value <= MAX_COUNT, Marker.ZERO: value == 0}
        if not fits.get(Marker(marker), value is None):
            raise PortalError(_("An answer and its count do not fit each other."))


def _record(verb: str, filled: StatisticalReturn, actor: User, data: dict[str, Any]) -> None:
    """Codes and versions, never a count."""
    about = {"reference": f"{filled.state.iso2}/{filled.year}/{filled.table}", **data}
    audit.record(actor=actor, verb=verb, obj=filled, chain=filled.state.iso2, data=about)


# --- counted from cases --------------------------------------------------------------------------


@transaction.atomic
def propose_return(
    *, state: State, year: int, table: str, counts: Mapping[tuple[str, str], int], system: str
) -> ReturnProposal:
    """Lay counts of a State's own cases beside its return. The only way out of the sealed area for figures.

    Every cell of the table and its whole number, and nothing else: no text, no case, no time of a case. The return
    itself does not change before a person of the State takes the proposal. A later count replaces one that waits.
    Raises PortalError for a table, cell or number that cannot be.
    """
    definition = _require_table(table)
    validate_year(year)
    if set(counts) != set(definition.cells()):
        raise PortalError(_("A proposal counts every cell of the table and no other."))
    _check_cells(definition, as_answers([[*place, count] for place, count in counts.items()]))
    State.objects.select_for_update().get(pk=state.pk)  # two counts of one table come one after the other
    old = ReturnProposal.objects.undecided().filter(state=state, year=year, table=table)
    old.update(decided_at=timezone.now())
    cells = [[row, column, counts[row, column]] for row, column in definition.cells()]
    proposal = ReturnProposal.objects.create(state=state, year=year, table=table, cells=cells)
    _record_proposal("return.proposed", proposal, system=system)
    return proposal


def _record_proposal(verb: str, proposal: ReturnProposal, actor: User | None = None, system: str = "") -> None:
    about = {"reference": f"{proposal.state.iso2}/{proposal.year}/{proposal.table}"}
    audit.record(actor=actor, system=system, verb=verb, obj=proposal, chain=proposal.state.iso2, data=about)


@transaction.atomic
def take_proposal(*, proposal: ReturnProposal, version: int, actor: User) -> StatisticalReturn:
    """Write the counts into the State's draft, as its writer's own saving of the version they read."""
    proposal = _undecided(proposal, actor)
    filled = open_return(state=proposal.state, year=proposal.year, table=proposal.table, actor=actor)
    meta = {name: getattr(filled, name) for name in META}
    meta["source"] = meta["source"] or _("Cases that the State keeps in the portal")
    data = ReturnData(cells=as_answers(proposal.cells), **meta, reasons=filled.reasons)
    filled = save_return(filled=filled, version=version, data=data, actor=actor)
    _decide(proposal, actor, taken=True)
    return filled


@transaction.atomic
def decline_proposal(*, proposal: ReturnProposal, actor: User) -> None:
    """Leave the return as it is."""
    _decide(_undecided(proposal, actor), actor, taken=False)


def _undecided(proposal: ReturnProposal, actor: User) -> ReturnProposal:
    _require_writer(actor, proposal.state)
    locked = ReturnProposal.objects.select_for_update(of=("self",)).select_related("state").get(pk=proposal.pk)
    if locked.decided_at is not None:
        raise StepRefused(_("This proposal is decided already, or a later count replaced it."))
    return locked


def _decide(proposal: ReturnProposal, actor: User, *, taken: bool) -> None:
    proposal.taken, proposal.decided_by, proposal.decided_at = taken, actor, timezone.now()
    proposal.save(update_fields=["taken", "decided_by", "decided_at"])
    _record_proposal("return.proposal_taken" if taken else "return.proposal_declined", proposal, actor)


# --- sending and signing -------------------------------------------------------------------------


def obstacles(filled: StatisticalReturn) -> list[str]:
    """What keeps a return from being sent: sentences for its author."""
    found = []
    blank = len(unanswered(filled))
    if blank:
        found.append(_("Cells without an answer: %(count)s. A blank is not a zero.") % {"count": blank})
    if not filled.source.strip():
        found.append(_("Say where the figures come from."))
    if not filled.coverage_citizenship or not filled.coverage_movement:
        found.append(_("Say whom the figures cover."))
    unexplained = [doubt.text for doubt in doubts(filled) if not doubt.reason]
    return found + [_("Give a reason or correct the figure. %(doubt)s") % {"doubt": text} for text in unexplained]


@transaction.atomic
def send_return(*, filled: StatisticalReturn, actor: User) -> StatisticalReturn:
    """Hand a complete return to whoever signs. Raises PortalError with the first obstacle."""
    filled = _locked(filled)
    _require_writer(actor, filled.state)
    if filled.status != ReturnStatus.DRAFT:
        raise StepRefused(_("This table is no longer a draft."))
    for sentence in obstacles(filled)[:1]:
        raise PortalError(sentence)
    _move(filled, ReturnStatus.SENT, actor)
    _record("return.sent", filled, actor, {"version": filled.version})
    return filled


def _move(filled: StatisticalReturn, status: str, sent_by: User | None) -> None:
    filled.status, filled.sent_by = status, sent_by
    filled.save(update_fields=["status", "sent_by"])


@transaction.atomic
def take_back(*, filled: StatisticalReturn, actor: User) -> StatisticalReturn:
    """Back to a draft: by a writer who goes on working, or by a signer who does not agree."""
    filled = _locked(filled)
    if not (permissions.can_write(actor, filled.state) or permissions.can_sign_for(actor, filled.state)):
        raise NotAllowed(_("Only the State's own authority fills in its returns."))
    if filled.status != ReturnStatus.SENT:
        raise StepRefused(_("This table does not wait for signature."))
    _move(filled, ReturnStatus.DRAFT, None)
    _record("return.taken_back", filled, actor, {"version": filled.version})
    return filled


@transaction.atomic
def sign_return(*, filled: StatisticalReturn, actor: User, seen: str | None = None) -> ReturnVersion:
    """Sign off: writes an immutable version of exactly what was read (`seen` is the hash of its content).

    Raises NotAllowed for whoever sent it, unless the State declared an office of one person; StaleVersion where it
    changed since it was read.
    """
    filled = _locked(filled)
    if filled.status != ReturnStatus.SENT or filled.sent_by is None:
        raise StepRefused(_("This table does not wait for signature."))
    if not permissions.can_sign(actor, filled):
        raise NotAllowed(_("The person who sent the figures cannot sign them off."))
    content = return_content(filled)
    if seen is not None and seen != content_hash(content):
        raise StaleVersion(_("The figures changed while you were reading. Read them again before you sign."))
    version = ReturnVersion.objects.create(
        source=filled,
        number=filled.versions.count() + 1,
        content=content,
        sha256=content_hash(content),
        sent_by=filled.sent_by,
        signed_by=actor,
        one_person_office=filled.state.one_person_office,
    )
    filled.status = ReturnStatus.SIGNED
    filled.save(update_fields=["status"])
    _record("return.signed", filled, actor, {"number": version.number, "sha256": version.sha256})
    return version


# --- files ---------------------------------------------------------------------------------------


@transaction.atomic
def keep_upload(*, state: State, year: int, content: Mapping[str, Any], sha256: str, actor: User) -> ReturnUpload:
    """Keep a file that was read without a fault until its sender has seen what it would change."""
    _require_writer(actor, state)
    validate_year(year)
    existing = StatisticalReturn.objects.filter(state=state, year=year, table__in=content)
    versions = dict(existing.values_list("table", "version"))
    tables = {table: {**data, "version": versions.get(table, 1)} for table, data in content.items()}
    return ReturnUpload.objects.create(state=state, year=year, content=tables, sha256=sha256, uploaded_by=actor)


@transaction.atomic
def apply_upload(*, upload: ReturnUpload, actor: User) -> list[StatisticalReturn]:
    """Write every table of the file, or none. A second time changes nothing.

    Raises StaleVersion where somebody saved one of the tables since the file was handed in.
    """
    upload = ReturnUpload.objects.select_for_update(of=("self",)).select_related("state").get(pk=upload.pk)
    if upload.uploaded_by_id != actor.pk:
        raise NotAllowed(_("Only the sender of a file confirms it."))
    if upload.applied_at is not None:
        return []
    written = [_apply_table(upload, table, data, actor) for table, data in upload.content.items()]
    upload.applied_at = timezone.now()
    upload.save(update_fields=["applied_at"])
    return written


def _apply_table(upload: ReturnUpload, table: str, data: Mapping[str, Any], actor: User) -> StatisticalReturn:
    filled = _locked(open_return(state=upload.state, year=upload.year, table=table, actor=actor))
    cells = {(row, column): (marker, value) for row, column, marker, value in data["cells"]}
    meta = {name: data.get(name) or getattr(filled, name) for name in META}
    wanted = ReturnData(cells=cells, **meta, reasons=filled.reasons)
    return save_return(filled=filled, version=data.get("version", filled.version), data=wanted, actor=actor)


# --- releases ------------------------------------------------------------------------------------


@transaction.atomic
def request_release(*, year: int, actor: User) -> Release:
    """Ask for the next release, with everything up to this year. One at a time: raises StepRefused."""
    if not permissions.can_prepare_releases(actor):
        raise NotAllowed(_("Only the Secretariat prepares releases."))
    validate_year(year)
    _bury_failed()
    if Release.objects.filter(status__in=(ReleaseStatus.BUILDING, ReleaseStatus.READY)).exists():
        raise StepRefused(_("A release is already in preparation. Publish it first."))
    number = (Release.objects.aggregate(last=Max("number"))["last"] or 0) + 1
    job = jobs.create_job(kind=KIND, actor=actor)
    release = Release.objects.create(number=number, year=year, job=job, created_by=actor)
    jobs.enqueue(KIND, release.pk, key=f"{KIND}:{number}", queue="documents", job=job)
    audit.record(actor=actor, verb="release.requested", obj=release, data={"number": number, "year": year})
    return release


def _bury_failed() -> None:
    """A release whose job was cancelled or gave up will never be ready."""
    over = (Job.State.FAILED, Job.State.CANCELLED)
    Release.objects.filter(status=ReleaseStatus.BUILDING, job__state__in=over).update(status=ReleaseStatus.STOPPED)


@transaction.atomic
def publish_release(*, release: Release, actor: User) -> Release:
    """Open a release that its audit let through to everybody. It can no longer change or go."""
    if not permissions.can_prepare_releases(actor):
        raise NotAllowed(_("Only the Secretariat publishes releases."))
    changed = Release.objects.filter(pk=release.pk, status=ReleaseStatus.READY).update(
        status=ReleaseStatus.PUBLISHED, published_by=actor, published_at=timezone.now()
    )
    if not changed:
        raise StepRefused(_("Only a release that its audit let through can be published."))
    audit.record(actor=actor, verb="release.published", obj=release, data={"number": release.number})
    release.refresh_from_db()
    return release


def record_download(*, file: ReleaseFile, actor: User) -> None:
    """Whoever takes a copy while signed in leaves a trace; the public does not."""
    data = {"table": file.table, "format": file.format, "sha256": file.sha256}
    audit.record(actor=actor, verb="release.downloaded", obj=file, data=data)


# --- demonstration -------------------------------------------------------------------------------


@dataclass(frozen=True)
class DemoReturn:
    state: State
    year: int
    table: str
    cells: Mapping[tuple[str, str], Answer]


@transaction.atomic
def seed_returns(*, returns: Sequence[DemoReturn], author: User, signer: User, source: str) -> list[ReturnVersion]:
    """Fictitious signed returns, written through the same constraints. For demonstrations and tests alone."""
    versions = []
    for demo in returns:
        filled, _is_new = StatisticalReturn.objects.get_or_create(
            state=demo.state, year=demo.year, table=demo.table, defaults={"language": demo.state.language}
        )
        filled.state = demo.state
        data = ReturnData(
            cells=demo.cells,
            source=source,
            coverage_citizenship=CoverageCitizenship.BOTH,
            coverage_movement=CoverageMovement.BOTH,
            language=demo.state.language,
        )
        _write(filled, data, author)
        StatisticalReturn.objects.filter(pk=filled.pk).update(status=ReturnStatus.SIGNED, sent_by=author)
        content = return_content(filled)
        versions.append(
            ReturnVersion(
                source=filled,
                number=filled.versions.count() + 1,
                content=content,
                sha256=content_hash(content),
                sent_by=author,
                signed_by=signer,
            )
        )
    return ReturnVersion.objects.bulk_create(versions)
