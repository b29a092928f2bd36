"""The API of the plan and of reports: the scopes, forms and services of the pages."""

from django.urls import URLPattern

from workplan.api import deadlines, evidence, imports, reports, rounds, standing

urlpatterns: list[URLPattern] = [
    *rounds.urlpatterns,
    *reports.urlpatterns,
    *standing.urlpatterns,
    *evidence.urlpatterns,
    *deadlines.urlpatterns,
    *imports.urlpatterns,
]
