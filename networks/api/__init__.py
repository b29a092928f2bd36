"""The API of the directory, of networks, of requests between authorities and of what States share."""

from django.urls import URLPattern

from networks.api import assistance, directory, law, requests, rooms, shared, translations

urlpatterns: list[URLPattern] = [
    *assistance.urlpatterns,
    *directory.urlpatterns,
    *law.urlpatterns,
    *requests.urlpatterns,
    *translations.urlpatterns,
    *rooms.urlpatterns,
    *shared.urlpatterns,
]
