"""Which cases were erased: signed lines outside the database, so that no backup brings one back (docs/adr/0121).

A line names a State, the random id of a case, two officers by code, a reason by code and a moment. Nothing in it is of
the person, and nothing in the database leads from it to them.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from django.conf import settings

from core.anchors import append_line, load_key, make_key, open_line
from core.exceptions import PortalError


class LedgerBroken(PortalError):
    """A line was changed or taken out: what is missing cannot be known, so that nothing goes on without a person."""


@dataclass(frozen=True)
class Erasure:
    state: str
    case: str
    reason: str
    asked_by: str
    confirmed_by: str
    erased_at: str  # ISO 8601


def note_all(found: Iterable[Erasure]) -> int:
    """Into every file of the ledger; how many were not in all of them. Each is read once."""
    wanted = {erasure.case: erasure for erasure in found}
    noted: set[str] = set()
    for path in _files():
        lacking = wanted.keys() - {known.case for known in _read(path)}
        for case in sorted(lacking):
            _append(path, wanted[case])
        noted |= lacking
    return len(noted)


def _append(path: Path, erasure: Erasure) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)  # it stands among secrets, and those are nobody else's to read
    append_line(path, asdict(erasure), load_key(_key_file()))


def erasures() -> list[Erasure]:
    """Of all files together: one may have come back from an older backup than the other."""
    found = {known.case: known for path in _files() for known in _read(path)}
    return list(found.values())


def _files() -> list[Path]:
    return [Path(name) for name in settings.ERASURE_FILES]


def _key_file() -> Path:
    """Made once and kept with the other secrets of the area. Who signs also checks."""
    path = Path(settings.ERASURE_KEY_FILE)
    if not path.exists():
        make_key(path)
    return path


def _read(path: Path) -> Iterator[Erasure]:
    if not path.exists():
        return
    key, previous = load_key(_key_file()).public_key(), ""
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            said = open_line(line, key)
        except (InvalidSignature, ValueError, KeyError, TypeError, AttributeError) as error:
            raise LedgerBroken(f"{path.name}, line {number}: the signature is wrong.") from error
        if said["previous"] != previous:
            raise LedgerBroken(f"{path.name}, line {number}: a line before it is missing.")
        previous = hashlib.sha256(line).hexdigest()
        yield Erasure(**{field.name: said[field.name] for field in fields(Erasure)})
