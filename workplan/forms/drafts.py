"""What a page sends while it is typed in."""

import re
import uuid
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from workplan.forms.entries import EntryForm
from workplan.services import PageMark

MAX_DRAFT = 200_000  # characters: many times what a valid answer holds
_ROWS = re.compile(r"actions-(TOTAL_FORMS|INITIAL_FORMS|[0-9]{1,2}-[a-zA-Z_0-9]{1,40})")
MAX_INTEGER = 2**31 - 1


class DraftForm(forms.Form):
    """Of a posted entry: which page sends, and on which version it was typed. The answer itself stays unchecked."""

    version = forms.IntegerField(min_value=1, max_value=MAX_INTEGER)
    page = forms.UUIDField(required=False)
    sequence = forms.IntegerField(min_value=0, max_value=MAX_INTEGER, required=False)
    follows = forms.CharField(required=False, max_length=60)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if sum(len(value) for values in self.answer().values() for value in values) > MAX_DRAFT:
            raise ValidationError(_("The text is too long to be kept."))
        return data

    def answer(self) -> dict[str, list[str]]:
        """The names that an entry has, each with its values as they were typed."""
        data = cast(QueryDict, self.data)
        names = [name for name in data if name in EntryForm.base_fields or _ROWS.fullmatch(name)]
        # PostgreSQL stores every character but this one.
        return {name: [text.replace("\0", "") for text in data.getlist(name)] for name in names if name != "version"}

    def mark(self) -> PageMark:
        """A sender that says nothing of itself is a page of its own."""
        data = self.cleaned_data
        return PageMark(data["page"] or uuid.uuid4(), data["sequence"] or 0, data["follows"])
