"""Pages that belong to no single app."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET


@login_not_required
@require_GET
def language_choice(request: HttpRequest) -> HttpResponse:
    """The root asks for the language: no guess from the browser, no redirect."""
    return render(request, "language_choice.html")


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html")
