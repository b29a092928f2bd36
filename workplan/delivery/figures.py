"""What the kind of an action asks for, in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from core.templatetags.portal import month_date, thousands
from workplan.enums import DETAIL_CHOICES, DETAIL_TYPES, DETAILS, Detail, DetailType, NoCount
from workplan.queries import state_names


@dataclass(frozen=True)
class Reading:
    """What the words of an action need beside it: the last day of the period, and how States are called."""

    period_end: date | None = None
    names: Any = field(default_factory=lambda: SimpleLazyObject(state_names))  # asked for where an action has States


def detail_words(kind: str, details: Mapping[str, Any], reading: Reading) -> list[tuple[str, str]]:
    """Label and words of each answer; whether a law is in force follows from its dates."""
    names = [name for name in (*DETAILS[kind], Detail.ODD) if name in details]
    words = [(str(name.label), _detail_word(name, details[name], reading)) for name in names]
    if reading.period_end is not None and Detail.IN_FORCE_FROM in details:
        words.append(_in_force_words(details, reading.period_end))
    return words


def _in_force_words(details: Mapping[str, Any], day: date) -> tuple[str, str]:
    start, end = details[Detail.IN_FORCE_FROM], details.get(Detail.IN_FORCE_TO)
    in_force = start <= day.isoformat() and (end is None or end >= day.isoformat())
    return _("In force on %(date)s") % {"date": month_date(day)}, _("Yes") if in_force else _("No")


def _detail_word(name: Detail, value: Any, reading: Reading) -> str:
    match DETAIL_TYPES[name]:
        case DetailType.COUNT:
            return str(NoCount(value).label) if isinstance(value, str) else thousands(value)
        case DetailType.DATE:
            return month_date(date.fromisoformat(value))
        case DetailType.CHOICE:
            return str(DETAIL_CHOICES[name](value).label)
        case DetailType.CHOICES:
            return ", ".join(str(DETAIL_CHOICES[name](code).label) for code in value)
        case DetailType.STATES:
            return ", ".join(reading.names.get(code, code) for code in value)
        case DetailType.TEXT:
            return str(value)
