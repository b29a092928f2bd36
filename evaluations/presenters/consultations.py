"""What a State sees of its own part of an evaluation, and what the Secretariat sees of the consultation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import State
from core.i18n import NATIVE_NAMES
from evaluations.delivery.content import Status, status
from evaluations.enums import Standing
from evaluations.models import Consultation, StateComment
from evaluations.queries.figures import Quote
from evaluations.queries.preview import Own, OwnArea, own_part, own_standing

Text = str | Promise
WHOLE = ""  # the area of a comment on the whole


@dataclass(frozen=True)
class Line:
    number: str
    title: str
    own: Status
    rating: Status
    before: Status | None

    @property
    def differs(self) -> bool:
        """The Secretariat rated otherwise than the State."""
        return self.own.code != self.rating.code


@dataclass(frozen=True)
class AreaPart:
    code: str
    title: str
    lines: list[Line]
    quotes: list[tuple[Quote, str]]  # with the name of its language
    comment: StateComment | None


@dataclass(frozen=True)
class AskedRow:
    """One State of a consultation, and how many comments it has made."""

    iso2: str
    name: str
    url: str
    comments: int


def preview_page(consultation: Consultation, state: State, said: Iterable[StateComment]) -> dict[str, Any]:
    last = {row.area: row for row in said if row.text}
    content = consultation.snapshot.content
    return {
        "standing": Standing(own_standing(content, state.iso2)).label,
        "rounds": [round_["code"] for round_ in content["rounds"]],
        "areas": [_area(content, part, last.get(part.code)) for part in own_part(content, state.iso2)],
        "on_the_whole": last.get(WHOLE),
    }


def _area(content: Any, part: OwnArea, comment: StateComment | None) -> AreaPart:
    return AreaPart(
        part.code,
        area_titles(content)[part.code],
        [_line(content, own) for own in part.answers],
        [(quote, NATIVE_NAMES[quote.language]) for quote in part.quotes],
        comment,
    )


def area_titles(content: Any) -> dict[str, str]:
    language = get_language() or "en"
    return {area["code"]: area["title"][language] for area in content["areas"]}


def _line(content: Any, own: Own) -> Line:
    activity = next(row for row in content["activities"] if row["code"] == own.activity)
    return Line(
        activity["number"],
        activity["title"][get_language() or "en"],
        status(own.now.own),
        status(own.now.rating),
        status(own.before.rating) if own.before else None,
    )


def comment_areas(content: Any) -> list[tuple[str, str]]:
    """What can be commented: the whole, and each area."""
    return [(WHOLE, _("On the whole")), *area_titles(content).items()]


def consultation_page(
    consultation: Consultation | None, states: Sequence[State], said: Iterable[StateComment]
) -> dict[str, Any]:
    """For the Secretariat: who was asked, and who has answered."""
    if consultation is None:
        return {"consultation": None, "asked": []}
    made = [row.state_id for row in said if row.text]
    asked = [
        AskedRow(state.iso2, state.name, consultation.preview_url(state.iso2), made.count(state.pk))
        for state in states
        if state.iso2 in consultation.asked
    ]
    return {"consultation": consultation, "asked": asked}
