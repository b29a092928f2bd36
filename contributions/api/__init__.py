"""The API of contributions: what organizations send, and what the Secretariat and States do with it."""

from django.urls import URLPattern

from contributions.api import bulk, own, reading

urlpatterns: list[URLPattern] = [*own.urlpatterns, *bulk.urlpatterns, *reading.urlpatterns]
