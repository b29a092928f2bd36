"""Search in a State's own records by what hardly two people share, without opening one (docs/adr/0125).

Each record has a token for each index, from the State's index key. What is typed becomes a token the same way, and
equal tokens meet; neither the database nor the trail ever holds what was typed.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import State
from core import audit, keys
from core.db import SealedContext, sealed_context, sealed_scope
from core.exceptions import NotAllowed, StepRefused
from core.models import AuditEvent
from victims import vault
from victims.enums import FieldClass, SearchIndex, Status
from victims.models import Case, Identity, SearchToken
from victims.permissions import Officer, can_search

# Of which fields each index is made. Nothing that many people share stands alone (tests/victims/test_search.py).
COMPOUNDS: dict[str, tuple[str, ...]] = {
    SearchIndex.DOCUMENT: ("identity_number", "identity_country"),
    SearchIndex.PERSON: ("first_name", "second_name", "birth_date"),
    SearchIndex.SOUND: ("first_name", "second_name", "birth_date"),
}
AN_HOUR = 30  # searches of one person; a key that answers every question would tell all documents of a country
ASKED, OBJECT = "search.asked", "victims.search"
BATCH = 200
NOBODY = UUID(int=0)
# Between names, and not part of them, in the four languages.
PARTICLES = frozenset(
    (
        "d", "da", "das", "de", "del", "den", "der", "des", "di", "do", "dos", "du", "e", "el", "l", "la", "las", "le",
        "les", "los", "van", "von", "y",
    )
)  # fmt: skip
_FULL_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# As a listener writes it, whichever of the four languages is heard; the order matters.
_SOUNDS = [
    (re.compile(pattern), sound)
    for pattern, sound in (
        ("ph", "f"), ("th", "t"), ("lh|ll", "y"), ("nh|gn", "n"), ("sch|ch|sh|x", "x"), ("[cqk]u(?=[eiy])", "k"),
        ("gu(?=[eiy])", "g"), ("[gj](?=[eiy])|j", "j"), ("c(?=[eiy])|z", "s"), ("[ckq]", "k"), ("[vw]", "b"),
        ("h", ""), ("y", "i"), ("ou|oo", "u"), ("m(?=[bp])", "n"), (r"(.)\1+", r"\1"),
    )
]  # fmt: skip


@dataclass(frozen=True)
class Found:
    """Cases that the person knows already; of others, only that there is one."""

    cases: list[Case] = field(default_factory=list)
    elsewhere: bool = False


# --- tokens ---------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """No case, no accents, nothing but letters and digits with one space between words."""
    bare = unicodedata.normalize("NFKD", text.casefold().replace("ç", "s"))
    kept = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return " ".join(re.sub(r"[^\w]|_", " ", kept).split())


def words(text: str) -> list[str]:
    """Of a name, in the order they were written: the first is the one that people are called by."""
    return [word for word in plain(text).split() if word not in PARTICLES]


def sound(word: str) -> str:
    for pattern, heard in _SOUNDS:
        word = pattern.sub(heard, word)
    return word


def texts_of(identity: Mapping[str, Any]) -> dict[str, str]:
    """Of each index whose parts are all known: the text that becomes its token."""
    whole = {name: all(identity.get(part) for part in parts) for name, parts in COMPOUNDS.items()}
    found: dict[str, str] = {}
    if whole[SearchIndex.DOCUMENT] and (number := plain(identity["identity_number"]).replace(" ", "")):
        found[SearchIndex.DOCUMENT] = f"{identity['identity_country']}|{number}"
    if whole[SearchIndex.PERSON] and _FULL_DAY.fullmatch(str(identity["birth_date"])):
        given, family = words(identity["first_name"]), words(identity["second_name"])
        if given and family:
            day = identity["birth_date"]  # which of the names is the family's is written in many ways: they are sorted
            found[SearchIndex.PERSON] = f"{day}|{' '.join(sorted([*given, *family]))}"
            found[SearchIndex.SOUND] = f"{day}|{' '.join(sorted([sound(given[0]), sound(family[0])]))}"
    return found


def tokens_of(identity: Mapping[str, Any]) -> dict[str, bytes]:
    state, provider = sealed_context().state, keys.provider()
    return {name: provider.index(state, name, text.encode()) for name, text in texts_of(identity).items()}


def remember(case: Case, identity: Mapping[str, Any]) -> None:
    """Beside an identity that is saved. Who holds the text may make its tokens; nothing is read for it."""
    _keep(case, tokens_of(identity))


def forget(case: Case) -> None:
    """Nothing leads to this record any more. A part of its erasure."""
    SearchToken.objects.filter(case_id=case.id).update(token=None)


def _keep(case: Case, tokens: Mapping[str, bytes]) -> None:
    rows = [
        SearchToken(state=case.state, case_id=case.id, name=name, token=tokens.get(name)) for name in SearchIndex.values
    ]
    SearchToken.objects.bulk_create(
        rows, update_conflicts=True, update_fields=["token"], unique_fields=["state", "case_id", "name"]
    )


# --- asking ---------------------------------------------------------------------------------------


def find(*, actor: Officer, wanted: Mapping[str, Any], reason: str) -> Found:
    """The trail holds that somebody asked, and then what was found, before any of it is shown.

    The same work is done whatever is found.
    """
    if not can_search(actor):
        raise NotAllowed(_("Only case workers and supervisors search."))
    tokens = tokens_of(wanted)
    if not tokens:
        raise StepRefused(_("Enter a document with its country, or all names with a full date of birth."))
    _count(actor, sorted(tokens), reason)
    rows = SearchToken.objects.filter(name__in=list(tokens), token__in=list(tokens.values()))
    ids = {row.case_id for row in rows if row.token and bytes(row.token) == tokens[row.name]}
    # Beside those found one that is nobody's: a question about none would not even be put to the database.
    asked = Q(id__in=[*ids, NOBODY]) & ~Q(status=Status.ERASED)
    mine, everywhere = list(Case.objects.visible_to(actor).filter(asked)), Case.objects.filter(asked).count()
    _tell(actor, "search.answered", "victims.case", "list", reason=reason, cases=sorted(map(str, ids)))
    return Found(mine, elsewhere=everywhere > len(mine))


def left(actor: Officer) -> int:
    return max(0, AN_HOUR - _asked(actor))


def _count(actor: Officer, indexes: list[str], reason: str) -> None:
    """Written first and counted then, so that two requests at once cannot both be the last one allowed."""
    if _asked(actor) < AN_HOUR:
        _tell(actor, ASKED, OBJECT, actor.code, reason=reason, index=indexes)
        if _asked(actor) <= AN_HOUR:
            return
    audit.append_counted(
        verb="search.refused", object_type=OBJECT, object_id=actor.code, shared=("actor_id", "verb"),
        chain=actor.state, actor_id=actor.user.pk,
    )  # fmt: skip
    raise StepRefused(
        _("You have searched %(most)s times within an hour. Wait, or ask your supervisor.") % {"most": AN_HOUR}
    )


def _asked(actor: Officer) -> int:
    since = timezone.now() - timedelta(hours=1)
    mine = AuditEvent.objects.filter(object_type=OBJECT, object_id=actor.code, verb=ASKED, chain=actor.state)
    return mine.filter(at__gt=since).count()


def _tell(actor: Officer, verb: str, object_type: str, object_id: str, **data: Any) -> None:
    vault.write_trail(
        chain=actor.state,
        verb=verb,
        object_type=object_type,
        object_id=object_id,
        actor_id=actor.user.pk,
        data=data,
    )


# --- records from before ---------------------------------------------------------------------------


def index_all() -> int:
    """Make the tokens of every record anew: once after set-up, and after a State's index key was changed."""
    return sum(_index(state) for state in State.objects.values_list("iso2", flat=True))


def _index(state: str) -> int:
    done, last = 0, None
    while True:
        with sealed_scope(SealedContext(state, "index_cases")):
            rows = Identity.objects.order_by("id")
            batch = list((rows.filter(id__gt=last) if last else rows)[:BATCH])
            if not batch:
                return done
            _index_batch(batch)
        done, last = done + len(batch), batch[-1].id


def _index_batch(batch: list[Identity]) -> None:
    """Every reading is in the trail first, this one under the name of the command."""
    cases = {case.id: case for case in Case.objects.filter(id__in=[row.id for row in batch])}
    receipt = vault.announce(
        cases=list(cases), field_class=FieldClass.IDENTITY, purpose="index", actor_id=None, how="index",
        system="index_cases",
    )  # fmt: skip
    for row in batch:
        identity = vault.unseal(row.body, receipt, case=row.id, table="identity", record=row.id)
        _keep(cases[row.id], tokens_of(identity))
