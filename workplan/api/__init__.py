"""The API of the plan and of reports: the scopes, forms and services of the pages."""

from django.urls import URLPattern

from workplan.api import deadlines, evidence, imports, reports

urlpatterns: list[URLPattern] = [
    *reports.urlpatterns,
    *evidence.urlpatterns,
    *deadlines.urlpatterns,
    *imports.urlpatterns,
]
