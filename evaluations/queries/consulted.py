"""Whether each State was asked about the part that is going to be published."""

from collections.abc import Mapping
from typing import Any

from core.canonical import content_hash
from evaluations.models import Evaluation
from evaluations.queries.preview import own_data

Json = Mapping[str, Any]
# What the State itself said of it, the number of a shape, and where the Meeting is.
NOT_SHOWN = ("comments", "form", "meeting")


def changed_since_asked(evaluation: Evaluation) -> list[str]:
    """Codes of the States whose part of the last build is not the one that they were shown, or who saw none."""
    if evaluation.snapshot is None:
        return []
    content, asked = evaluation.snapshot.content, _last_asked(evaluation)
    codes = [state["iso2"] for state in content["states"]]
    return [iso2 for iso2 in codes if iso2 not in asked or _part(asked[iso2], iso2) != _part(content, iso2)]


def _last_asked(evaluation: Evaluation) -> dict[str, Json]:
    """The frozen data that each State was last asked about."""
    found: dict[str, Json] = {}
    for consultation in evaluation.consultations.select_related("snapshot").order_by("pk"):
        found |= dict.fromkeys(consultation.asked, consultation.snapshot.content)
    return found


def _part(snapshot: Json, iso2: str) -> str:
    return content_hash({name: value for name, value in own_data(snapshot, iso2).items() if name not in NOT_SHOWN})
