"""What the pages of contributions share."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.models import User
from contributions.models import Contribution
from contributions.queries import with_all
from core.exceptions import IdentitySuspected, NotAllowed, PortalError
from core.identity import IdentityForm

PAGE_SIZE = 50
# Even a browser that opened the file in place could run nothing of it.
DOWNLOAD_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


def person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def visible(request: HttpRequest, reference: str) -> Contribution:
    rows = with_all(Contribution.objects.visible_to(request.user)).select_related("clarification")
    return get_object_or_404(rows, reference=reference)


def page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    """A page; with status 422 where its form was sent with errors."""
    form = context.get("form")
    has_errors = request.method == "POST" and form is not None and form.is_bound and not form.is_valid()
    return render(request, template, context, status=422 if has_errors else 200)


def form_page(
    request: HttpRequest, form: forms.Form, *, title: str, back: tuple[str, str], **more: Any
) -> HttpResponse:
    """A page that is one form. `back` is the address and the words of the link above it."""
    context = {"form": form, "title": title, "back_url": back[0], "back_text": back[1], **more}
    return page(request, "contributions/form.html", **context)


def back_to(row: Contribution) -> tuple[str, str]:
    return row.get_absolute_url(), row.reference


def paged(request: HttpRequest, rows: "QuerySet[Any, Any]") -> "Page[Any]":
    return Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))


def attempt(form: forms.Form, act: Callable[[], Any]) -> Any:
    """What the service returns, or True. Where it refuses, the form says why; None then."""
    try:
        return act() or True
    except IdentitySuspected as refusal:
        if not isinstance(form, IdentityForm):
            form.add_error(None, str(refusal.message))
        else:
            form.suspect(refusal)
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except PortalError as refusal:
        form.add_error(None, str(refusal.message))
    return None


def as_download(response: HttpResponse | FileResponse) -> HttpResponse | FileResponse:
    response["Content-Security-Policy"] = DOWNLOAD_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    return response
