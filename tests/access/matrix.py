"""Every route, method, person and object of the policy: what should happen, and what does."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.core import mail
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import override_settings
from django.urls import reverse
from django.utils import translation

from core.models import AuditEvent, OutboxMessage
from tests.access.headers import wrong_headers
from tests.access.policy import ACTORS, MAY_READ, NOBODY, SEES, SIGNED_IN, URLS, Row
from tests.access.world import World

METHODS = ("GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")
SERVED, ENTRANCE, FORBIDDEN, MISSING, NO_METHOD, ERROR = (
    "served", "entrance", "forbidden", "missing", "no such method", "error",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    url: str
    method: str
    actor: str
    target: str = ""
    htmx: bool = False

    @property
    def row(self) -> Row:
        return URLS[self.url]

    def __str__(self) -> str:
        asks = f"{self.actor} {self.method} {self.url}"
        return f"{asks} [{self.target or 'no object'}{', htmx' if self.htmx else ''}]"


def all_cases() -> Iterator[Case]:
    for url, row in URLS.items():
        for target in SEES[row.over] if row.over else [""]:
            for actor in ACTORS:
                for method in METHODS:
                    yield Case(url, method, actor, target)
                yield Case(url, "GET", actor, target, htmx=True)
                yield Case(url, "POST", actor, target, htmx=True)


def expected(case: Case) -> set[str]:
    """The outcomes that keep the policy; mostly one."""
    row, actor = case.row, case.actor
    if actor not in SIGNED_IN and not row.public:
        return {ENTRANCE}
    if row.walled and row.gate is not None and actor not in row.gate:
        return {MISSING}
    if row.library and case.method not in {"GET", "POST"}:
        return {SERVED, NO_METHOD, MISSING, ENTRANCE}  # no leak, no error, right headers: that is all it must be
    served = row.serves(case.method, case.target)
    if served is None:
        # allauth may look at the session first; then the method is not told either.
        return {NO_METHOD, SERVED, MISSING, ENTRANCE} if row.library else {NO_METHOD}
    if row.gate is not None and actor not in row.gate:
        return {MISSING if row.hidden else FORBIDDEN}
    if row.over and actor not in SEES[row.over][case.target]:
        return {MISSING}
    if actor not in served:
        return {FORBIDDEN}
    return {SERVED, ENTRANCE} if row.to_entrance else {SERVED}


@dataclass
class Seen:
    """What one request brought to light."""

    case: Case
    outcome: str
    faults: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.case}: {'; '.join(self.faults + self.leaks)}"


def ask(world: World, case: Case) -> HttpResponseBase:
    headers = {"HX-Request": "true"} if case.htmx else {}
    address = world.address(case.url, case.target, case.actor)
    return world.client(case.actor).generic(case.method, address, headers=headers)  # type: ignore[no-any-return]


def try_case(world: World, case: Case) -> Seen:
    """One request in a transaction that is rolled back."""
    mail.outbox = []
    with transaction.atomic():
        mark = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True)[0]
        response = ask(world, case)
        seen = Seen(case, outcome_of(response))
        if seen.outcome not in expected(case):
            wanted = " or ".join(sorted(expected(case)))
            seen.faults.append(f"{response.status_code} is {seen.outcome}, expected {wanted}")
        seen.faults += [f"header {name}" for name in wrong_headers(response, signed_in=case.actor in SIGNED_IN)]
        seen.faults += _unrecorded(case, seen.outcome, mark)
        told = without_address(world, case, everything(response))
        seen.leaks = [f"leaks {family}" for family in leaked_families(told, case.actor)]
        transaction.set_rollback(True)
    return seen


def outcome_of(response: HttpResponseBase) -> str:
    target = response.headers.get("HX-Redirect") or response.headers.get("Location") or ""
    with translation.override("en"):
        if urlsplit(target).path == reverse("account_login"):
            return ENTRANCE
    by_status = {403: FORBIDDEN, 404: MISSING, 405: NO_METHOD}
    return by_status.get(response.status_code, ERROR if response.status_code >= 500 else SERVED)


def _unrecorded(case: Case, outcome: str, mark: int) -> list[str]:
    """A refusal of somebody who is signed in belongs into the trail, and so does an export.

    The API knows no session: whoever asks it without a key is nobody.
    """
    if case.url.startswith("api_") or case.actor not in SIGNED_IN or outcome not in {FORBIDDEN, MISSING}:
        return []
    user_event = AuditEvent.objects.filter(pk__gt=mark, verb="access.refused", object_id=case.url)
    return [] if user_event.exists() else ["refusal not recorded"]


def asks_again(world: World, case: Case) -> bool:
    """Whether the second factor is asked for, with every session's last sign-in too long ago."""
    with transaction.atomic(), override_settings(ACCOUNT_REAUTHENTICATION_TIMEOUT=-7200):
        response = ask(world, case)
        target = response.headers.get("Location", "")
        _body(response)  # a file that is not read stays open
        transaction.set_rollback(True)
    return "reauthenticate" in target


# --- canaries -------------------------------------------------------------------------------------

_CANARY = re.compile(r"CNRY-([A-Z]+(?:-[A-Z]+)*)-[a-z]")
_ADDRESS = re.compile(r"\b(cr|gt|ngo)-?[a-z]*@example\.org")
_ADDRESSES = {"cr": "CR-PEOPLE", "gt": "GT-PEOPLE", "ngo": "OTHER-PARTNER"}


def everything(response: HttpResponseBase) -> str:
    """All that leaves the portal because of one request: headers, body, files in it, mails, messages to workers."""
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    cookies = response.cookies.output()
    mails = "\n".join(str(message.message()) for message in mail.outbox)
    queued = str(list(OutboxMessage.objects.filter(done_at=None).values_list("args", "key")))
    return "\n".join([headers, cookies, *_body(response), mails, queued])


def _body(response: HttpResponseBase) -> list[str]:
    content = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
    texts = [content.decode("utf-8", errors="replace")]
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            texts += [archive.read(name).decode("utf-8", errors="replace") for name in archive.namelist()]
    return texts


def without_address(world: World, case: Case, text: str) -> str:
    """The words of the address are known to who typed it; a page that repeats them tells nothing."""
    for word in world.words(case.url, case.target, case.actor):
        text = text.replace(word, "")
    return text


def families_in(text: str) -> set[str]:
    return set(_CANARY.findall(text)) | {_ADDRESSES[tenant] for tenant in _ADDRESS.findall(text)}


def leaked_families(text: str, actor: str) -> list[str]:
    return sorted(family for family in families_in(text) if actor not in MAY_READ.get(family, NOBODY))


# --- existence ------------------------------------------------------------------------------------


# What differs by the clock, and the length, which is compared without the address that a page repeats.
NOT_TOLD = {"X-Request-ID", "Expires", "Content-Length"}


def foreign_pairs() -> Iterator[tuple[Case, Case]]:
    """An object that exists and is hidden, beside one that never existed."""
    for url, row in URLS.items():
        targets = SEES[row.over] if row.over else {}
        hidden = [(target, actor) for target, who in targets.items() for actor in sorted(SIGNED_IN - who)]
        for target, actor in hidden:
            for method in ("GET", "POST"):
                if target != "never existed" and row.serves(method, target) is not None:
                    yield Case(url, method, actor, target), Case(url, method, actor, "never existed")


def shape(world: World, case: Case) -> dict[str, Any]:
    """All that somebody can tell from an answer: status, headers and text, without the address asked for."""
    with transaction.atomic():
        response = ask(world, case)
        transaction.set_rollback(True)
    headers = {f"header {name}": value for name, value in response.headers.items() if name not in NOT_TOLD}
    address = world.address(case.url, case.target, case.actor)
    text = response.content.decode("utf-8", errors="replace")  # type: ignore[attr-defined]
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)
    for language in ("en", "es", "fr", "pt-br"):
        text = text.replace(address.replace("/en/", f"/{language}/", 1), "")
    return {"status": response.status_code, "length": len(text), "text": text, **headers}  # type: ignore[attr-defined]


def told_apart(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """By what somebody could tell the two answers apart; nothing, if all is well."""
    parts = sorted(one.keys() | other.keys())
    return [
        f"{part}: {one.get(part)!r:.200} / {other.get(part)!r:.200}"
        for part in parts
        if one.get(part) != other.get(part)
    ]
