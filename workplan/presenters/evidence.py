"""Evidence of an entry, as one person sees it."""

from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from core.enums import ScanState
from workplan import permissions
from workplan.enums import SECRETARIATS_VISIBILITY, RemovedPart
from workplan.models import Evidence, Report, ReportEntry


@dataclass(frozen=True)
class EvidenceRow:
    """One line of the table of evidence."""

    title: str
    lang: str
    type: str
    note: str  # name and size of the file, or the address of the page
    visibility: str
    state: str  # clean, waiting or failed, as for components/file_row.html
    state_label: str
    reason: str  # why a file was refused
    removed_parts: list[str]  # what the copy has no more
    url: str  # empty where there is nothing to open
    remove_url: str


@dataclass(frozen=True)
class EvidenceTable:
    rows: list[EvidenceRow]
    poll_url: str  # empty when nothing is being checked
    add_url: str  # empty for whoever only reads


def evidence_of(entry: ReportEntry, user: User) -> EvidenceTable:
    """The evidence of an entry as this person sees it."""
    may_edit = permissions.can_edit_entry(user, entry)
    found = list(Evidence.objects.visible_to(user).filter(entry=entry).current())
    address = [entry.report.reference, entry.activity.code]
    waiting = any(evidence.is_pending for evidence in found)
    return EvidenceTable(
        rows=[evidence_row(evidence, entry.report, may_edit=may_edit) for evidence in found],
        poll_url=reverse("evidence_table", args=address) if waiting else "",
        add_url=reverse("evidence_add", args=address) if may_edit else "",
    )


def evidence_row(evidence: Evidence, report: Report, *, may_edit: bool) -> EvidenceRow:
    state, label = _check_words(evidence)
    remove_url = reverse("evidence_remove", args=[evidence.public_id]) if may_edit else ""
    download = reverse("evidence_download", args=[evidence.public_id]) if evidence.is_served else ""
    return EvidenceRow(
        title=evidence.title,
        lang=evidence.language,
        type=str(evidence.get_type_display()),
        note=evidence.url or f"{evidence.original_name}, {filesizeformat(evidence.size)}",
        visibility=_visibility_words(evidence, report),
        state=state,
        state_label=label,
        reason=_refusal_words(evidence),
        removed_parts=[str(RemovedPart(code).label) for code in evidence.removed_parts],
        url=evidence.url or download,
        remove_url=remove_url,
    )


def _visibility_words(evidence: Evidence, report: Report) -> str:
    own = SECRETARIATS_VISIBILITY[evidence.visibility] if report.state_id is None else None
    return str(own or evidence.get_visibility_display())


def _check_words(evidence: Evidence) -> tuple[str, str]:
    if evidence.url:
        return "", _("Not opened by the portal")
    state = {ScanState.CLEAN: "clean", ScanState.PENDING: "waiting", ScanState.NOT_SCANNED: ""}
    return state.get(ScanState(evidence.scan_state), "failed"), str(evidence.get_scan_state_display())


def _refusal_words(evidence: Evidence) -> str:
    if evidence.scan_state == ScanState.INFECTED:
        return _("The scanner found “%(malware)s”. Clean the computer it comes from and attach another copy.") % {
            "malware": evidence.malware
        }
    return str(evidence.get_refusal_display())
