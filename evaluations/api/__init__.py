"""The API of evaluations, of what a State is asked about its own part, and of the register of Meetings."""

from django.urls import URLPattern

from evaluations.api import elements, evaluations, meetings, preparing

urlpatterns: list[URLPattern] = [
    *evaluations.urlpatterns,
    *preparing.urlpatterns,
    *elements.urlpatterns,
    *meetings.urlpatterns,
]
