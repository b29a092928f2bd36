"""The few names base.html links to, so that components are tested without the rest of the portal."""

from django.conf.urls.i18n import i18n_patterns
from django.http import HttpRequest, HttpResponse
from django.urls import path


def nothing(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


NAMES = ("home", "help", "accessibility", "privacy", "account_login", "account_logout", "profile", "session_left")
urlpatterns = i18n_patterns(
    path("", nothing, name="language_root"), *[path(f"{name}/", nothing, name=name) for name in NAMES]
)
