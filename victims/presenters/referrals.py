"""The envelope that both States see, the preview of a package, the way it took."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from victims import queries
from victims.catalogue import FIELDS
from victims.enums import FieldClass
from victims.models import Referral, ReferralMessage
from victims.presenters.parts import Row, moment_words, shown


def envelope_rows(referral: Referral) -> list[Row]:
    """What both sides see: nothing of the person."""
    rows = [
        Row(_("From the authority of"), queries.country_name(referral.from_state)),
        Row(_("To the authority of"), queries.country_name(referral.to_state)),
        Row(_("What kind of referral"), referral.get_kind_display()),
        Row(_("What help is asked for"), referral.get_help_display()),
        Row(_("How soon"), referral.get_urgency_display()),
        Row(_("What is sent"), ", ".join(str(FieldClass(each).label) for each in referral.classes)),
        Row(_("Status"), referral.get_stage_display()),
    ]
    if referral.answer_by:
        rows.append(Row(_("Answer by"), moment_words(referral.answer_by)))
    if referral.refusal:
        rows.append(Row(_("Why"), referral.get_refusal_display()))
    return rows


def preview_parts(contents: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, list[Row]]]:
    """Exactly what the other side reads, class by class, in words of this page's language."""
    return [(str(FieldClass(each).label), preview_rows(values)) for each, values in contents.items()]


def preview_rows(values: Mapping[str, Any]) -> list[Row]:
    known = {field.name: field for field in queries.fields()}
    return [_preview_row(known, name, value) for name, value in values.items()]


def _preview_row(known: Mapping[str, queries.Field], name: str, value: Any) -> Row:
    if name in known:
        return Row(known[name].label, shown(known[name], value))
    if name == queries.OWN_WORDS:
        labels = [known[each].label if each in known else each for each in value]
        return Row(_("The person preferred not to say"), ", ".join(labels) or "—")
    label = str(FIELDS[name].label) if name in FIELDS else name
    return Row(label, ", ".join(value) if isinstance(value, list) else str(value))


def timeline(referral: Referral, said: Sequence[tuple[ReferralMessage, str]]) -> list[tuple[Any, str, str]]:
    """(moment, what, words), newest first."""
    steps = [(referral.created_at, _("Prepared"), "")]
    if referral.sent_at:
        steps.append((referral.sent_at, _("Approved and sent"), ""))
    if referral.answered_at:
        steps.append((referral.answered_at, referral.get_stage_display(), ""))
    steps += [(row.sent_at, row.get_kind_display(), text) for row, text in said]
    return sorted(steps, key=lambda step: step[0], reverse=True)
