"""Is this person in a record already? Asked before somebody is made to tell everything a second time."""

import secrets

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.enums import Role
from victims import queries
from victims.forms import SearchForm
from victims.permissions import can_search
from victims.services import search
from victims.views.common import attempt, officer_at

SIZE = 4096  # an answer is filled up to whole blocks, whatever was found


@require_http_methods(["GET", "POST"])
def case_search(request: HttpRequest) -> HttpResponse:
    """What is typed travels in the body of the request and into no address, no history and no trail."""
    officer = officer_at(request)
    if not can_search(officer):
        raise PermissionDenied
    form, found = SearchForm(request.POST or None), [search.Found()]
    was_asked = request.method == "POST" and form.is_valid()
    if was_asked:
        wanted, reason = form.wanted(), form.cleaned_data["reason"]
        was_asked = attempt(form, lambda: found.append(search.find(actor=officer, wanted=wanted, reason=reason)))
    context = {
        "form": form,
        "found": found[-1] if was_asked else None,
        "supervisors": queries.supervisors(officer.state),
        "left": search.left(officer),
        "most": search.AN_HOUR,
        "opens_cases": Role.CASE_WORKER in officer.roles,
    }
    status = 422 if request.method == "POST" and not was_asked else 200
    return _filled_up(render(request, "victims/case_search.html", context, status=status))


def _filled_up(response: HttpResponse) -> HttpResponse:
    """Whoever counts bytes on the line learns nothing. Noise, because a filling of spaces is compressed away."""
    missing = -(len(response.content) + len(b"<!-- -->\n")) % SIZE
    response.write(f"<!-- {secrets.token_hex(missing)[:missing]}-->\n")
    return response
