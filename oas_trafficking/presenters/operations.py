"""How the installation is, for those who run it."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from core.doctor import FAIL, OK, QUICK, Finding, examine

NAMES = {
    "database": _("Database"),
    "anchors": _("Anchors of the audit trail"),
    "broker": _("Broker"),
    "queue": _("Work that waits"),
    "dead letters": _("Work that was given up"),
    "disk": _("Disk"),
    "clock": _("Clock"),
    "standby": _("Standby of the database"),
}


@dataclass(frozen=True)
class StatusLine:
    name: "str | Promise"
    text: str
    tag: str
    word: "str | Promise"


def status_lines() -> list[StatusLine]:
    return [_line(finding) for finding in examine(QUICK)]


def _line(finding: Finding) -> StatusLine:
    if finding.level == OK:
        tag, word = "accepted", _("In order")
    elif finding.level == FAIL:
        tag, word = "overdue", _("Needs attention")
    else:
        tag, word = "returned", _("Look at it")
    return StatusLine(NAMES[finding.name], finding.text, tag, word)
