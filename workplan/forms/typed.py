"""What was typed, as it was posted: read back without judging it."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from workplan.models import EntryDraft

MAX_ACTIONS = 60  # of one entry


def raw(draft: EntryDraft) -> QueryDict:
    """What was typed, as it was posted."""
    data = QueryDict(mutable=True)
    for name, values in draft.answer.items():
        data.setlist(name, values)
    return data


def row_count(data: QueryDict) -> int:
    """How many rows of actions a form says it has."""
    said = re.fullmatch(r"[0-9]{1,3}", data.get("actions-TOTAL_FORMS", ""), re.ASCII)
    return min(int(said[0]), MAX_ACTIONS) if said else 0


def as_typed(fields: Mapping[str, forms.Field], data: QueryDict, prefix: str = "") -> dict[str, Any]:
    """Initial values of fields out of a posted form, valid or not."""
    return {name: field.widget.value_from_datadict(data, {}, f"{prefix}{name}") for name, field in fields.items()}
