"""What the pages of networks share."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.models import User
from core.exceptions import IdentitySuspected, NotAllowed, PortalError
from core.identity import IdentityForm
from networks import permissions, presenters

PAGE_SIZE = 50


def person(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def page(request: HttpRequest, template: str, section: str, **context: Any) -> HttpResponse:
    """A page with the menu of these pages; with status 422 where its form was sent with errors."""
    form = context.get("form")
    has_errors = request.method == "POST" and form is not None and form.is_bound and not form.is_valid()
    mine = context.get("mine") or permissions.standing(request.user)
    frame = {"sections": presenters.sections(mine, section), "mine": mine}
    return render(request, template, {**frame, **context}, status=422 if has_errors else 200)


def form_page(
    request: HttpRequest, section: str, form: forms.Form, *, title: str, back: tuple[str, str], **more: Any
) -> HttpResponse:
    """A page that is one form. `back` is the address and the words of the link above it."""
    context = {"form": form, "title": title, "back_url": back[0], "back_text": back[1], **more}
    return page(request, "networks/form.html", section, **context)


def paged(request: HttpRequest, rows: "QuerySet[Any, Any]", count: int | None = None) -> "Page[Any]":
    """A page of the list; `count`, where the view knows it already."""
    paginator = Paginator(rows, PAGE_SIZE)
    if count is not None:
        paginator.count = count
    return paginator.get_page(request.GET.get("page"))


def attempt(form: forms.Form, act: Callable[[], Any]) -> Any:
    """What the service returns. Where it refuses, the form says why; None then."""
    try:
        return act()
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


# Even a browser that opened the file in place could run nothing of it.
DOWNLOAD_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


def as_download(response: HttpResponse | FileResponse) -> HttpResponse | FileResponse:
    response["Content-Security-Policy"] = DOWNLOAD_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    return response
