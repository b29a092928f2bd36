"""Answers from a file: read and compared, imported whole or without the faulty rows, undone while nobody went on."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core import audit
from core.exceptions import NotAllowed, PortalError, StaleVersion, StepRefused
from core.sanitize.names import split_name
from workplan import permissions
from workplan.enums import Channel, ImportState
from workplan.imports import Fault, Line, Reading, clean, read_report
from workplan.models import ImportRun, Report, ReportEntry
from workplan.queries import ANSWER_FIELDS, answer_values
from workplan.services.entries import write_answer
from workplan.services.locks import locked_report

UNDO_FOR = timedelta(hours=24)


@transaction.atomic
def start_import(*, report: Report, content: bytes, name: str, actor: User, channel: str = "") -> ImportRun:
    """Read a file and keep what it would change. Nothing is written into the report.

    Raises FaultyFile where the file cannot be read at all, NotAllowed, or PortalError where the Secretariat does
    not say how the State's answers came.
    """
    report = locked_report(report.pk)
    _check_import(report, actor)
    channel = _channel(report, channel, actor)
    entries = {entry.activity.code: entry for entry in report.entries.select_related("activity")}
    reading = read_report(content, name, reference=report.reference, codes=entries.keys(), language=report.language)
    lines = [_compared(line, entries[line.activity]) for line in reading.lines]
    digest = hashlib.sha256(content).hexdigest()
    known = report.imports.filter(created_by=actor, sha256=digest, state=ImportState.READ, channel=channel).first()
    if known is not None and known.lines == lines:
        return known  # sent twice
    run = ImportRun.objects.create(
        report=report,
        channel=channel,
        file_name="".join(split_name(name))[:120],
        sha256=digest,
        table=_as_stored(reading),
        lines=lines,
        problems=[_problem(fault) for fault in reading.faults],
        created_by=actor,
    )
    _audit("import.read", run, actor, rows=len(run.lines), problems=len(run.problems))
    return run


def _check_import(report: Report, actor: User) -> None:
    if not permissions.can_import(actor, report):
        raise NotAllowed(_("Answers of this report cannot be imported now."))


def _channel(report: Report, channel: str, actor: User) -> str:
    """How the answers came, where it is not the reporter who hands in the file."""
    if permissions.can_edit_report(actor, report):
        return ""
    if channel not in Channel.values:
        raise PortalError(_("Say how the State’s answers reached you."))
    return channel


def _compared(line: Line, entry: ReportEntry) -> dict[str, Any]:
    before = answer_values(entry)
    # Differences that no reader sees (the order of a list, the form of an accent) are none.
    after = {
        name: before[name] if _plain(before[name]) == _plain(value) else value
        for name, value in ((name, line.values.get(name, before[name])) for name in ANSWER_FIELDS)
    }
    is_blank = entry.version == 1 and not entry.status
    return {
        "sheet": line.sheet,
        "row": line.row,
        "activity": line.activity,
        "kind": "same" if after == before else "new" if is_blank else "change",
        "version": entry.version,
        "before": before,
        "after": after,
    }


def _plain(value: Any) -> Any:
    return clean(value) if isinstance(value, str) else sorted(value) if isinstance(value, list) else value


def _problem(fault: Fault) -> dict[str, Any]:
    return {
        "sheet": fault.sheet[:40],
        "row": fault.row,
        "column": _storable(fault.column)[:80],
        "found": _storable(fault.found),
        "expected": fault.reason,
    }


def _as_stored(reading: Reading) -> list[dict[str, Any]]:
    return [
        {
            "sheet": table.sheet[:40],
            "header": [_storable(name) for name in table.header],
            "rows": [[row.number, [_storable(cell) for cell in row.cells]] for row in table.rows],
        }
        for table in reading.tables
    ]


def _storable(text: str) -> str:
    """The database holds no NUL; such a cell has its problem all the same."""
    return text.replace("\0", "\ufffd")


# --- importing -----------------------------------------------------------------------------------


@transaction.atomic
def confirm_import(*, run: ImportRun, actor: User, without: int = 0) -> ImportRun:
    """Write all rows, or, where `without` is the number of faulty ones, all the others. One transaction.

    Raises PortalError while there are problems that nobody chose to leave out, StaleVersion where somebody saved
    one of the entries since the file was read.
    """
    run, report = _locked_run(run)
    _check_import(report, actor)
    if run.state == ImportState.IMPORTED and run.created_by_id == actor.pk:
        return run  # sent twice
    if run.state != ImportState.READ:
        raise StepRefused(_("This file was imported already."))
    if without != len(faulty_rows(run)):
        raise PortalError(_("The file has rows with problems. Correct them, or import without these rows."))
    changed = [line for line in run.lines if line["kind"] != "same"]
    entries = _locked_entries(report, changed)
    if any(entries[line["activity"]].version != line["version"] for line in changed):
        raise StaleVersion(
            _("Somebody saved an entry since the file was read. Hand it in again to see what it would change now.")
        )
    run.undo = [_write_line(line, entries[line["activity"]], actor) for line in changed]
    run.state, run.imported_at = ImportState.IMPORTED, timezone.now()
    run.save(update_fields=["undo", "state", "imported_at"])
    codes = [line["activity"] for line in changed]
    _audit("import.confirmed", run, actor, activities=codes, left_out=without, channel=run.channel)
    return run


def faulty_rows(run: ImportRun) -> set[tuple[str, int]]:
    return {(problem["sheet"], problem["row"]) for problem in run.problems}


def _locked_run(run: ImportRun) -> tuple[ImportRun, Report]:
    report = locked_report(run.report_id)
    return ImportRun.objects.select_for_update().get(pk=run.pk), report


def _locked_entries(report: Report, lines: Iterable[Mapping[str, Any]]) -> dict[str, ReportEntry]:
    codes = [line["activity"] for line in lines]
    rows = report.entries.select_for_update(of=("self",)).filter(activity__code__in=codes)
    return {entry.activity.code: entry for entry in rows.select_related("activity").order_by("pk")}


def _write_line(line: Mapping[str, Any], entry: ReportEntry, actor: User) -> dict[str, Any]:
    """Write one row of the file. Returns what undoes it."""
    waited = {name: getattr(entry, name) for name in ("carried_from_id", "proposed_by_id")}
    write_answer(entry, line["after"], actor)
    return {"activity": line["activity"], "before": line["before"], "waited": waited, "version": entry.version}


# --- undoing -------------------------------------------------------------------------------------


def undo_until(run: ImportRun) -> datetime | None:
    return run.imported_at + UNDO_FOR if run.imported_at and run.state == ImportState.IMPORTED else None


@transaction.atomic
def undo_import(*, run: ImportRun, actor: User) -> ImportRun:
    """Put back what was there, to the letter, and whose confirmation it waited for.

    Raises StepRefused after a day, StaleVersion where somebody has saved one of the entries since.
    """
    run, report = _locked_run(run)
    _check_import(report, actor)
    end = undo_until(run)
    if end is None or timezone.now() > end:
        raise StepRefused(_("This import can no longer be undone."))
    entries = _locked_entries(report, run.undo)
    if any(entries[line["activity"]].version != line["version"] for line in run.undo):
        raise StaleVersion(_("Somebody has changed one of the entries since. The import stays as it is."))
    for line in run.undo:
        # Imports of before did not keep what waited.
        write_answer(entries[line["activity"]], {**line["before"], **line.get("waited", {})}, actor)
    run.state, run.undone_at, run.undone_by = ImportState.UNDONE, timezone.now(), actor
    run.save(update_fields=["state", "undone_at", "undone_by"])
    _audit("import.undone", run, actor, activities=[line["activity"] for line in run.undo])
    return run


@transaction.atomic
def note_export(*, report: Report, actor: User) -> None:
    """A report's working answers left the portal as a file."""
    data = {"reference": report.reference}
    audit.record(actor=actor, verb="report.exported", obj=report, chain=report.chain, data=data)


def _audit(verb: str, run: ImportRun, actor: User, **data: Any) -> None:
    report = run.report
    audit.record(actor=actor, verb=verb, obj=run, chain=report.chain, data={"reference": report.reference, **data})
