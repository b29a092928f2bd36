"""The translation desk: source and target side by side, by hand or by a file that translators' tools read."""

import re
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import User
from core.exceptions import PortalError, StaleVersion
from core.i18n import LANGUAGES, NATIVE_NAMES
from evaluations import permissions, services
from evaluations.delivery import xliff
from evaluations.delivery.content import told_status
from evaluations.forms import InterchangeForm, TranslationForm
from evaluations.models import Evaluation, Snapshot, Translation
from evaluations.presenters import translations as presenters
from evaluations.queries.translations import pairs_of


@require_GET
def translation_list(request: HttpRequest) -> HttpResponse:
    """Evaluations whose texts can be translated, with a desk for each language."""
    if not permissions.can_translate(request.user):
        raise Http404
    found = Evaluation.objects.translated_by(request.user)
    rows = [(row, [(code, NATIVE_NAMES[code], presenters.desk_url(row, code)) for code in LANGUAGES]) for row in found]
    return render(request, "evaluations/translation_list.html", {"rows": rows})


@require_GET
def translation_desk(request: HttpRequest, public_id: UUID, language: str) -> HttpResponse:
    evaluation, snapshot = _evaluation(request, public_id, language)
    context = {"evaluation": evaluation, "form": InterchangeForm()}
    context |= presenters.desk_page(evaluation, snapshot, language)
    return render(request, "evaluations/translation_desk.html", context)


@require_http_methods(["GET", "POST"])
def translation_edit(request: HttpRequest, public_id: UUID, language: str, key: str) -> HttpResponse:
    """One text; the original cannot be changed here."""
    evaluation, snapshot = _evaluation(request, public_id, language)
    pair = presenters.find_pair(pairs_of(evaluation, snapshot.content, language), key)
    if pair is None:
        raise Http404
    last = pair.last
    initial = {"seen": last.number if last else 0, "text": last.text if last else ""}
    form = TranslationForm(request.POST or None, initial=initial)
    versions = Translation.objects.visible_to(request.user).filter(evaluation=evaluation, key=key, language=language)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_translation(
                evaluation=evaluation, key=key, language=language, **form.cleaned_data,
                is_reviewed="reviewed" in request.POST, actor=_user(request),
            )  # fmt: skip
        except StaleVersion as error:
            form.add_error(None, str(error.message))
            form.show_again(versions.count())
        except PortalError as error:
            form.add_error(None, str(error.message))
        else:
            return redirect("translation_desk", evaluation.public_id, language)
    context = {"evaluation": evaluation, "pair": pair, "form": form, "versions": versions.order_by("-number")}
    context |= {"of_original": told_status(pair.unit.language), "may_review": pair.waits_for(_user(request))}
    context |= {"language": language, "back_url": presenters.desk_url(evaluation, language)}
    return render(request, "evaluations/translation_edit.html", context, status=422 if form.errors else 200)


@require_GET
def translation_export(request: HttpRequest, public_id: UUID, language: str) -> HttpResponse:
    evaluation, snapshot = _evaluation(request, public_id, language)
    content = xliff.write(evaluation, pairs_of(evaluation, snapshot.content, language), language)
    name = re.sub(r"[^A-Za-z0-9.-]+", "_", evaluation.symbol) + f"_{language}.xlf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type="application/x-xliff+xml", headers=headers)


@require_http_methods(["POST"])
def translation_import(request: HttpRequest, public_id: UUID, language: str) -> HttpResponse:
    """All of a file, or nothing and why."""
    evaluation, snapshot = _evaluation(request, public_id, language)
    form = InterchangeForm(request.POST, request.FILES)
    if form.is_valid() and _import(request, evaluation, language, form):
        return redirect("translation_desk", evaluation.public_id, language)
    context = {"evaluation": evaluation, "form": form} | presenters.desk_page(evaluation, snapshot, language)
    return render(request, "evaluations/translation_desk.html", context, status=422)


def _import(request: HttpRequest, evaluation: Evaluation, language: str, form: InterchangeForm) -> bool:
    content = form.cleaned_data["file"].read(services.MAX_BYTES + 1)
    try:
        count = services.import_translations(
            evaluation=evaluation, language=language, content=content, actor=_user(request)
        )
    except services.BadInterchange as error:
        for problem in error.problems[:50]:
            form.add_error("file", problem)
        return False
    except PortalError as error:
        form.add_error("file", str(error.message))
        return False
    words = ngettext("%(count)s translation was kept.", "%(count)s translations were kept.", count)
    messages.success(request, words % {"count": count})
    return True


def _evaluation(request: HttpRequest, public_id: UUID, language: str) -> tuple[Evaluation, Snapshot]:
    """One with documents, for whoever translates it; for others there is no such page."""
    found = Evaluation.objects.translated_by(request.user)
    evaluation = get_object_or_404(found, public_id=public_id)
    if language not in LANGUAGES or evaluation.snapshot is None:
        raise Http404
    return evaluation, evaluation.snapshot


def _user(request: HttpRequest) -> User:
    """Nobody else gets past the middleware that asks for a sign-in."""
    return cast(User, request.user)
