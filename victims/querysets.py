"""Scope inside a State. That no other State's row is ever in it is the database's work, not that of a filter."""

from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet

if TYPE_CHECKING:
    from victims.models import Case


class CaseQuerySet(QuerySet["Case"]):
    def visible_to(self, user: Any) -> "CaseQuerySet":
        return self
