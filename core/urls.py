"""Pages of jobs."""

from django.urls import path

from core import views

urlpatterns = [
    path("jobs/<uuid:public_id>/", views.job_detail, name="job_detail"),
    path("jobs/<uuid:public_id>/progress/", views.job_progress, name="job_progress"),
    path("jobs/<uuid:public_id>/cancel/", views.job_cancel, name="job_cancel"),
]
