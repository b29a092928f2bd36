"""What was said in a request, with its translations."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from accounts.models import User
from core.canonical import fingerprint
from networks.enums import (
    Side,
    Step,
    TranslationStatus,
)
from networks.models import (
    CooperationRequest,
    RequestMessage,
    RequestTranslation,
)
from networks.presenters.requests import STEP_DONE


def states_of(sides: frozenset[str], request: CooperationRequest) -> set[int]:
    """Whose people are named to the reader: those of the own side."""
    states = {Side.SENDER: request.sender_state_id, Side.RECEIVER: request.receiver_state_id}
    return {states[Side(side)] for side in sides}


@dataclass(frozen=True)
class Said:
    """A message of the thread. To the other State the institution speaks, not the person."""

    author: str
    institution: str
    at: datetime
    text: str
    lang: str
    mine: bool
    translations: list["Translated"]
    translate_url: str


@dataclass(frozen=True)
class Translated:
    """What stands beside an original, with who wrote it and whether somebody else has read it over."""

    subject: str
    text: str
    lang: str
    author: str
    at: datetime
    tag: tuple[str, str]
    edit_url: str  # empty for the other side's
    review_url: str  # empty for its author, and once it is reviewed
    seen: str  # fingerprint of what is reviewed


def translations(
    rows: Iterable[RequestTranslation], user: User, request: CooperationRequest, own: set[int]
) -> dict[int | None, list[Translated]]:
    """By message; under None those of the request itself."""
    found: dict[int | None, list[Translated]] = {}
    for row in rows:
        found.setdefault(row.message_id, []).append(_translated(row, user, request, own))
    return found


def _translated(row: RequestTranslation, user: User, request: CooperationRequest, own: set[int]) -> Translated:
    is_ours = row.by_institution.state_id in own
    waits = row.status == TranslationStatus.DRAFT and row.by_id != user.pk
    edit = f"{_translate_url(request, row.message_id)}?{urlencode({'language': row.language})}"
    return Translated(
        subject=row.subject,
        text=row.text,
        lang=row.language,
        author=f"{row.by}, {row.by_institution.name}" if is_ours else row.by_institution.with_state,
        at=row.at,
        tag=("accepted" if row.status == TranslationStatus.REVIEWED else "draft", row.get_status_display()),
        edit_url=edit if is_ours else "",
        review_url=reverse("translation_review", args=[request.reference, row.pk]) if waits else "",
        seen=fingerprint(row) if waits else "",
    )


def _translate_url(request: CooperationRequest, message_id: int | None) -> str:
    if message_id is None:
        return reverse("request_translation", args=[request.reference])
    return reverse("message_translation", args=[request.reference, message_id])


def thread(
    messages: Iterable[RequestMessage],
    user: User,
    request: CooperationRequest,
    own: set[int],
    beside: Mapping[int | None, list[Translated]],
) -> list[Said]:
    """Each message with what translates it."""
    return [
        _said(message, user, message.by_institution.state_id in own, beside.get(message.pk, []), request)
        for message in messages
    ]


def _said(
    message: RequestMessage, user: User, is_ours: bool, beside: list[Translated], request: CooperationRequest
) -> Said:
    institution = message.by_institution.with_state
    author = str(message.by) if is_ours else institution
    step = f"{STEP_DONE[Step(message.step)]} · " if message.step else ""
    return Said(
        author=f"{step}{author}",
        institution=institution if is_ours else "",
        at=message.at,
        text=message.text,
        lang=message.language,
        mine=message.by_id == user.pk,
        translations=beside,
        translate_url=_translate_url(request, message.pk),
    )
