"""How long a record is kept, and what is left of it."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from victims.enums import RetentionStep
from victims.models import Case, Disposal, Tombstone
from victims.permissions import Officer
from victims.presenters.parts import Link, Row, day_words, moment_words, page_of
from victims.services.retention import Retention, steps_for


def retention_rows(case: Case, now: Retention, names: Mapping[str, str], words: Mapping[str, str]) -> list[Row]:
    """What is clear of a case, and the words for whoever may read them."""
    rows = [Row(_("Status"), case.get_status_display()), Row(_("What was found"), case.get_standing_display())]
    if case.closed and case.review_on:
        rows += [Row(_("Closed on"), day_words(case.closed)), Row(_("To be decided on"), day_words(case.review_on))]
    if now.disposal is not None:
        rows += _disposal_rows(now.disposal, names, words.get("disposal", ""))
    if (hold := now.hold) is not None:
        said = _("%(who)s on %(when)s") % {"who": names.get(hold.set_by, "—"), "when": moment_words(hold.set_at)}
        rows.append(Row(_("Legal hold"), hold.get_reason_display(), note=said))
        rows += [Row(_("Why it is held"), words["legal_hold"])] if words.get("legal_hold") else []
    return rows


def _disposal_rows(row: Disposal, names: Mapping[str, str], words: str) -> list[Row]:
    rows = [Row(_("Why it is decided now"), row.get_cause_display()), Row(_("Decision"), row.get_stage_display())]
    if row.asked_by and row.asked_at:
        said = _("%(who)s on %(when)s") % {"who": names.get(row.asked_by, "—"), "when": moment_words(row.asked_at)}
        rows.append(Row(_("Erasure asked for"), row.get_reason_display(), note=said))
    return [*rows, Row(_("Remarks"), words)] if words else rows


def retention_steps(officer: Officer, case: Case, now: Retention) -> list[Link]:
    """What this person may do now, in words."""
    return [
        Link(str(RetentionStep(step).label), page_of("retention_step", case, step=step), kind=step)
        for step in steps_for(officer, case, now)
    ]


def erased_rows(case: Case, stone: Tombstone, names: Mapping[str, str]) -> list[Row]:
    both = [names.get(code, "—") for code in (stone.asked_by, stone.confirmed_by)]
    return [
        Row(_("Erased on"), moment_words(stone.erased_at)),
        Row(_("By decision of"), _("%(one)s and %(other)s") % {"one": both[0], "other": both[1]}),
        Row(_("Reason"), stone.get_reason_display()),
        Row(_("Year of opening"), str(case.opened.year)),
    ]


def key_finding(found: Mapping[str, int]) -> tuple[str, str]:
    """For the list of checks of an installation (core.doctor)."""
    numbers = {name: found.get(name, 0) for name in ("orphan", "package", "erased", "keyless")}
    text = _(
        "%(orphan)s records and %(package)s packages that are not there have keys, %(erased)s erased cases have keys,"
        " %(keyless)s keys of cases are missing"
    )
    level = "FAIL" if numbers["keyless"] or numbers["erased"] else "warn" if any(numbers.values()) else "ok"
    return level, text % numbers
