"""What the pages of people share."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse

from accounts import permissions, queries
from accounts.models import (
    User,
)
from core.exceptions import NotAllowed, PortalError

View = Callable[..., HttpResponse]
# Even a browser that opened the file in place could run nothing of it.
DOWNLOAD_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


def errors_are_422(view: View) -> View:
    """allauth answers a form with errors with 200; ours say 422."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if request.method == "POST" and isinstance(response, TemplateResponse):
            form = (response.context_data or {}).get("form")
            response.status_code = 422 if form is not None and form.errors else response.status_code
        return response

    return wrapped


def signed_in(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def manager(request: HttpRequest) -> User:
    """The signed-in person, if they manage people at all."""
    user = signed_in(request)
    if not permissions.manages_people(user):
        raise PermissionDenied
    return user


def page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    """A page; with status 422 where its form was sent with errors."""
    form = context.get("form")
    has_errors = request.method == "POST" and form is not None and form.is_bound and not form.is_valid()
    return render(request, template, context, status=422 if has_errors else 200)


def done(
    request: HttpRequest,
    act: Callable[[], object],
    said: str,
    target: str,
    *args: Any,
    form: forms.Form | None = None,
    template: str = "",
    context: dict[str, Any] | None = None,
) -> HttpResponse:
    """Call the service and go on; where it refuses, say why, in the form if there is one."""
    try:
        act()
    except NotAllowed as refusal:
        raise PermissionDenied(refusal.message) from refusal
    except PortalError as refusal:
        if form is not None:
            form.add_error(None, str(refusal.message))
            return page(request, template, **(context or {}))
        messages.error(request, str(refusal.message))
    else:
        messages.success(request, said)
    return redirect(target, *args)


def managed(request: HttpRequest, public_id: UUID) -> tuple[User, User]:
    """The manager and the person they look at; 404 where these are not their people."""
    user = manager(request)
    return user, get_object_or_404(queries.team(user, everybody=True), public_id=public_id)
