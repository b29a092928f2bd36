"""That what was erased stays so: the ledger outside the database, the way back from a backup, keys of nothing."""

from pathlib import Path

from django.conf import settings

from accounts.models import State
from core import audit
from core.db import SealedContext, erase_record_again, install_signing_key, sealed_scope
from core.erasures import Erasure, erasures, note_all
from core.files import read_secret
from victims import vault
from victims.models import Tombstone

TASK = "tombstones"


def note_erasures() -> int:
    """Each tombstone into the ledger that no backup of the database holds; how many were new."""
    rows: list[Tombstone] = []
    for state in State.objects.values_list("iso2", flat=True):
        with sealed_scope(SealedContext(state, TASK)):
            rows += Tombstone.objects.all()
    return note_all(_erasure(row) for row in rows)


def _erasure(row: Tombstone) -> Erasure:
    return Erasure(
        row.state, str(row.id), row.reason, row.asked_by, row.confirmed_by, row.erased_at.isoformat(timespec="seconds")
    )


def erase_again() -> str:
    """After a restore, as the owner and before anybody is let in: what was erased since the backup was made."""
    ledger = erasures()
    if ledger:  # else there may be no key of the contexts yet: prepare_sealed makes it
        install_signing_key(read_secret(Path(settings.SEALED_SIGNING_KEY_FILE)))
    done = [erasure for erasure in ledger if erase_record_again(erasure)]
    for erasure in done:
        audit.append(
            verb="case.erased_again",
            object_type="victims.case",
            object_id=erasure.case,
            chain=erasure.state,
            system="restore",
            data={"reason": erasure.reason, "erased_at": erasure.erased_at},
        )
    return f"{len(ledger)} in the ledger, {len(done)} came back in the backup and are erased again"


def sweep_keys() -> int:
    """Destroy what no record needs; how many keys. The trail of the State says so."""
    destroyed = 0
    for state in State.objects.values_list("iso2", flat=True):
        with sealed_scope(SealedContext(state, TASK)):
            count = vault.destroy_orphans()
        if count:
            audit.append(
                verb="keys.swept",
                object_type="victims.keys",
                object_id="orphans",
                chain=state,
                system=TASK,
                data={"keys": count},
                durable=True,
            )
        destroyed += count
    return destroyed


def key_findings() -> dict[str, int]:
    """Over all States: how many records have keys too many, or lack one."""
    found: dict[str, int] = {}
    for state in State.objects.values_list("iso2", flat=True):
        with sealed_scope(SealedContext(state, TASK)):
            for finding, _record in vault.compare_with_records():
                found[finding] = found.get(finding, 0) + 1
    return found
