"""URLs of the portal. Pages carry a language prefix; health has none."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from core import views as core_views
from oas_trafficking import views

urlpatterns = [
    path("", views.language_choice, name="language_choice"),
    path("health/live/", core_views.health_live, name="health_live"),
    path("health/ready/", core_views.health_ready, name="health_ready"),
    *i18n_patterns(
        path("home/", views.home, name="home"),
        path("account/", include("allauth.urls")),
        path("", include("accounts.urls")),
        path("", include("workplan.urls")),
        path("", include("evaluations.urls")),
    ),
]
