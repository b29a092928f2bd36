"""Two people in one entry: both texts of each part that differs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.forms import BoundField, Form
from django.utils.translation import gettext as _

from accounts.enums import Language
from workplan.delivery import Reading, detail_words
from workplan.enums import (
    ActionKind,
    ImplementationStatus,
    Obstacle,
)
from workplan.presenters.answers import ActionLine, action_words
from workplan.services import ActionData


@dataclass(frozen=True)
class ConflictPart:
    """What I typed and what is stored, in words, and the choice between them."""

    mine: list[str]
    theirs: list[str]
    choice: BoundField


def conflict_parts(parts: Mapping[str, tuple[Any, Any]], choice: Form) -> list[ConflictPart]:
    return [
        ConflictPart(conflict_words(name, mine), conflict_words(name, theirs), choice[name])
        for name, (mine, theirs) in parts.items()
        if name in choice.fields
    ]


def conflict_words(name: str, value: Any) -> list[str]:
    if name == "status":
        return [str(ImplementationStatus(value).label)] if value else []
    if name == "obstacle_kinds":
        return [str(Obstacle(kind).label) for kind in value]
    if name == "is_ready":
        return [_("Yes") if value else _("No")]
    if name == "completed":
        return [_("Yes") if value == "yes" else _("No")]
    if name == "language":
        return [str(Language(value).label)]
    if name == "actions":
        return [action_words(stored_action(action)) for action in value]
    return [value] if value else []


def stored_action(action: ActionData) -> ActionLine:
    kind = str(ActionKind(action.kind).label)
    figures = detail_words(action.kind, action.details, Reading())
    return ActionLine(kind, action.title, action.starts_on, action.ends_on, action.place, figures)
