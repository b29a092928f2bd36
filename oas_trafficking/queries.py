"""Reads of the audit trail."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet

from core.models import AuditEvent

Events = QuerySet[AuditEvent]


def audit_events(chain: str, wanted: Mapping[str, Any]) -> Events:
    """Events of one chain, newest first. `wanted` is what AuditFilterForm found valid."""
    events = AuditEvent.objects.in_chains([chain]).select_related("actor").order_by("-seq")
    if person := wanted.get("person"):
        events = events.filter(Q(actor__full_name__icontains=person) | Q(actor__email__iexact=person))
    if about := wanted.get("about"):
        events = events.filter(Q(object_id=about) | Q(data__reference=about))
    exact = {
        "verb": wanted.get("verb"),
        "at__date__gte": wanted.get("since"),
        "at__date__lte": wanted.get("until"),
        "seq__lt": wanted.get("before"),
    }
    return events.filter(**{lookup: value for lookup, value in exact.items() if value})
