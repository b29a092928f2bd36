"""The plan's catalogue of activities."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from core import audit
from workplan.imports import read_catalogue
from workplan.models import Activity, Catalogue, Plan


@dataclass(frozen=True)
class CatalogueChange:
    """What an import did, or with `dry_run` would do, by code of activity."""

    catalogue: Catalogue | None  # the new version; none where nothing changed or nothing was written
    added: Sequence[str] = ()
    removed: Sequence[str] = ()
    changed: Sequence[str] = ()
    is_new: bool = False


@transaction.atomic
def import_catalogue(
    *,
    plan: Plan,
    content: bytes,
    name: str,
    actor: User | None = None,
    is_official: bool = False,
    source: str = "",
    dry_run: bool = False,
) -> CatalogueChange:
    """Read a file of activities as the plan's new current catalogue; rounds keep the one they were made with.

    The current catalogue's own file, or one that says the same, changes nothing. Raises FaultyFile, with
    every fault, before anything is written.
    """
    plan = Plan.objects.select_for_update().get(pk=plan.pk)  # two imports at once would take the same number
    current = plan.catalogues.filter(is_current=True).first()
    digest = hashlib.sha256(content).hexdigest()
    if current and (current.sha256, current.is_official) == (digest, is_official):
        return CatalogueChange(None)
    areas = {area.code: area for area in plan.areas.all()}
    rows = read_catalogue(content, name, areas, is_official)
    change = _catalogue_change(current, rows, is_official)
    if dry_run or not change.is_new:
        return change
    catalogue = _next_catalogue(plan, is_official=is_official, source=source or name, sha256=digest)
    Activity.objects.bulk_create(
        Activity(catalogue=catalogue, position=position, **{**row, "area": areas[row["area"]]})
        for position, row in enumerate(rows, start=1)
    )
    audit.record(
        actor=actor,
        system="" if actor else "import_catalogue",
        verb="catalogue.imported",
        obj=catalogue,
        data={"number": catalogue.number, "sha256": digest, "activities": len(rows), "official": is_official},
    )
    return replace(change, catalogue=catalogue)


def _next_catalogue(plan: Plan, **fields: Any) -> Catalogue:
    last = plan.catalogues.aggregate(last=Max("number"))["last"] or 0
    plan.catalogues.filter(is_current=True).update(is_current=False)
    return Catalogue.objects.create(plan=plan, number=last + 1, is_current=True, **fields)


def _catalogue_change(current: Catalogue | None, rows: Sequence[dict[str, Any]], is_official: bool) -> CatalogueChange:
    names = [name for name in rows[0] if name != "area"]
    activities = current.activities.select_related("area") if current else []
    before = {a.code: {"area": a.area.code, **{name: getattr(a, name) for name in names}} for a in activities}
    after = {row["code"]: row for row in rows}
    return CatalogueChange(
        None,
        added=[code for code in after if code not in before],
        removed=[code for code in before if code not in after],
        changed=[code for code in after if code in before and before[code] != after[code]],
        is_new=current is None or current.is_official != is_official or list(before.items()) != list(after.items()),
    )
