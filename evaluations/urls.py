"""Pages of evaluations."""

from django.urls import path

from evaluations import views

urlpatterns = [
    path("evaluations/", views.evaluation_list, name="evaluation_list"),
    path("evaluations/new/", views.evaluation_new, name="evaluation_new"),
    path("evaluations/<uuid:public_id>/", views.evaluation_detail, name="evaluation_detail"),
    path("evaluations/<uuid:public_id>/preflight/", views.evaluation_preflight, name="evaluation_preflight"),
    path("evaluations/<uuid:public_id>/remind/<str:iso2>/", views.evaluation_remind, name="evaluation_remind"),
    path("evaluations/<uuid:public_id>/exclude/<str:iso2>/", views.evaluation_exclude, name="evaluation_exclude"),
    path("evaluations/<uuid:public_id>/include/<str:iso2>/", views.evaluation_include, name="evaluation_include"),
    path("evaluations/<uuid:public_id>/build/", views.evaluation_build, name="evaluation_build"),
    path(
        "evaluations/<uuid:public_id>/<str:language>.<str:file_format>",
        views.document_download,
        name="document_download",
    ),
]
