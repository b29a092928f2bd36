"""Pages of elements for a second Work Plan: the list, the editor, earlier versions. Officers of the Meeting read."""

from collections.abc import Callable
from functools import partial
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from core.exceptions import PortalError, StaleVersion
from evaluations import permissions, services
from evaluations.forms import ElementForm, SeenForm
from evaluations.models import Element, Evaluation
from evaluations.presenters import elements as presenters
from evaluations.queries.elements import counting_versions, is_new_key, key_names, merge_targets


@require_GET
def element_list(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Activity by activity, what the Secretariat suggests for a second Work Plan."""
    evaluation = get_object_or_404(_evaluations(request), public_id=public_id)
    elements = Element.objects.visible_to(request.user).filter(evaluation=evaluation).last_versions()
    context = {"evaluation": evaluation, "can_prepare": permissions.can_prepare(request.user)}
    return render(request, "evaluations/element_list.html", context | presenters.element_page(evaluation, elements))


@require_http_methods(["GET", "POST"])
def element_edit(request: HttpRequest, public_id: UUID, key: str) -> HttpResponse:
    """The text editor of one element: drafts, versions, and nothing of anybody's passed over."""
    evaluation, title = _evaluation_and_title(request, public_id, key)
    _require_preparer(request)
    versions = _versions(request, evaluation, key)
    last = versions.first()
    if last is not None and last.is_withdrawn:
        return redirect("element_version", evaluation.public_id, key, last.number)
    form = ElementForm(
        request.POST or None,
        is_new=is_new_key(key),
        targets=merge_targets(evaluation, key),
        initial=presenters.element_initial(last),
    )
    if request.method == "POST" and form.is_valid():
        is_draft = "final" not in request.POST
        try:
            services.save_element(
                evaluation=evaluation, key=key, **form.cleaned_data, is_draft=is_draft, actor=_user(request)
            )
        except StaleVersion as error:
            form.add_error(None, str(error.message))
            form.show_again(versions.count())
        except PortalError as error:
            form.add_error(None, str(error.message))
        else:
            return redirect("element_list", evaluation.public_id)
    context = {"evaluation": evaluation, "key": key, "title": title, "form": form, "versions": versions}
    context["merged_with"] = presenters.merged_with(last, _names(evaluation)) if last else ""
    return render(request, "evaluations/element_edit.html", context, status=422 if form.errors else 200)


@require_GET
def element_version(request: HttpRequest, public_id: UUID, key: str, number: int) -> HttpResponse:
    """One version, and word by word what changed between it and another."""
    evaluation, title = _evaluation_and_title(request, public_id, key)
    versions = list(_versions(request, evaluation, key))
    context = {
        "evaluation": evaluation,
        "key": key,
        "title": title,
        "can_prepare": permissions.can_prepare(request.user),
        **presenters.version_page(versions, number, request.GET.get("with", ""), _names(evaluation)),
    }
    return render(request, "evaluations/element_version.html", context)


@require_POST
def element_restore(request: HttpRequest, public_id: UUID, key: str, number: int) -> HttpResponse:
    """What an earlier version said, as another version; none is written over."""
    evaluation, _title = _evaluation_and_title(request, public_id, key)
    _require_preparer(request)
    get_object_or_404(_versions(request, evaluation, key), number=number)
    words = _("Version %(earlier)s was restored as version %(number)s.")
    return _step(request, evaluation, key, partial(services.restore_element, number=number), words)


@require_POST
def element_withdraw(request: HttpRequest, public_id: UUID, key: str) -> HttpResponse:
    """What was entered as new by mistake."""
    evaluation, _title = _evaluation_and_title(request, public_id, key)
    words = _("%(key)s was withdrawn. No document prints it.")
    return _step(request, evaluation, key, services.withdraw_element, words)


@require_POST
def element_bring_back(request: HttpRequest, public_id: UUID, key: str) -> HttpResponse:
    """As it stood before it was withdrawn."""
    evaluation, _title = _evaluation_and_title(request, public_id, key)
    words = _("%(key)s stands again as it did before.")
    return _step(request, evaluation, key, services.bring_back_element, words)


def _step(
    request: HttpRequest, evaluation: Evaluation, key: str, step: Callable[..., Element], words: str
) -> HttpResponse:
    """Another version, made from what there is; back to the last one either way."""
    _require_preparer(request)
    last = get_object_or_404(_versions(request, evaluation, key)[:1])
    form = SeenForm(request.POST)
    seen = form.cleaned_data["seen"] if form.is_valid() else 0
    try:
        made = step(evaluation=evaluation, key=key, seen=seen, actor=_user(request))
    except PortalError as error:
        messages.warning(request, str(error.message))
        return redirect("element_version", evaluation.public_id, key, last.number)
    messages.success(request, words % {"key": key, "earlier": made.restored_from, "number": made.number})
    return redirect("element_version", evaluation.public_id, key, made.number)


def _evaluations(request: HttpRequest) -> "QuerySet[Evaluation]":
    return Evaluation.objects.visible_to(request.user).for_list()


def _evaluation_and_title(request: HttpRequest, public_id: UUID, key: str) -> tuple[Evaluation, str]:
    evaluation = get_object_or_404(_evaluations(request), public_id=public_id)
    title = presenters.element_title(evaluation, key)
    if title is None:
        raise Http404
    return evaluation, title


def _names(evaluation: Evaluation) -> dict[str, str]:
    return key_names(evaluation, counting_versions(evaluation))


def _versions(request: HttpRequest, evaluation: Evaluation, key: str) -> "QuerySet[Element]":
    """Newest first."""
    rows = Element.objects.visible_to(request.user).filter(evaluation=evaluation, key=key)
    return rows.select_related("by").order_by("-number")


def _require_preparer(request: HttpRequest) -> None:
    """Whoever gets this far reads; not everybody who reads writes."""
    if not permissions.can_prepare(request.user):
        raise PermissionDenied


def _user(request: HttpRequest) -> User:
    """Nobody else gets past the middleware that asks for a sign-in."""
    return cast(User, request.user)
