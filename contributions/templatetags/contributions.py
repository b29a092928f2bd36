"""Contributions beside a State's own answer, in the frame of a page of the plan."""

from typing import Any

from django import template
from django.template import Context

from contributions import presenters, queries
from workplan.models import ReportEntry

register = template.Library()


@register.inclusion_tag("contributions/_beside.html", takes_context=True)
def contributions_beside(context: Context, entry: ReportEntry) -> dict[str, Any]:
    """What partners say of the same activity, as the State sees it; nothing for anybody else."""
    rows = queries.beside_entry(context["request"].user, entry)
    return {"views": [presenters.as_state(row) for row in rows]}
