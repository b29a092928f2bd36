"""URLs of the portal. Pages carry a language prefix; health has none."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import URLResolver, include, path

from core import views as core_views
from oas_trafficking import views

sealed: list[URLResolver] = [path("", include("victims.urls"))] if settings.SERVES_SEALED else []

handler403 = "oas_trafficking.views.not_allowed"
handler404 = "oas_trafficking.views.not_found"
handler500 = "oas_trafficking.views.failed"

urlpatterns = [
    path("", views.language_choice, name="language_choice"),
    path("health/live/", core_views.health_live, name="health_live"),
    path("health/ready/", core_views.health_ready, name="health_ready"),
    path("api/v1/", include("oas_trafficking.api")),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("metrics", core_views.metrics, name="metrics"),
    *i18n_patterns(
        path("", views.language_root, name="language_root"),
        path("feeds/<slug:kind>.atom", views.feed, name="feed"),
        path("get-help/", views.get_help, name="get_help"),
        path("home/", views.home, name="home"),
        path("dashboard/", views.dashboard, name="dashboard"),
        path("dashboard/answers/", views.dashboard_answers, name="dashboard_answers"),
        path("dashboard/<slug:code>/remind/", views.dashboard_remind, name="dashboard_remind"),
        path("dashboard/export.<str:kind>", views.dashboard_export, name="dashboard_export"),
        path("plan/themes/<str:theme>/", views.theme_detail, name="theme_detail"),
        path("plan/<str:code>/", views.activity_detail, name="activity_detail"),
        path("states/<str:iso2>/", views.state_detail, name="state_detail"),
        path("states/<str:iso2>/export.<str:kind>", views.state_export, name="state_export"),
        path("data/api/", views.api_docs, name="api_docs"),
        path("help/", views.static_page, {"name": "help"}, name="help"),
        path("accessibility/", views.static_page, {"name": "accessibility"}, name="accessibility"),
        path("privacy/", views.static_page, {"name": "privacy"}, name="privacy"),
        path("audit/", views.audit_trail, name="audit_trail"),
        path("audit/export/", views.audit_export, name="audit_export"),
        path("operations/", views.operations, name="operations"),
        path("operations/<uuid:message_id>/", views.operations_try_again, name="operations_try_again"),
        path("", include("core.urls")),
        path("", include("accounts.urls")),
        path("", include("workplan.urls")),
        path("", include("indicators.urls")),
        path("", include("networks.urls")),
        path("", include("contributions.urls")),
        path("", include("evaluations.urls")),
        *sealed,
    ),
]
