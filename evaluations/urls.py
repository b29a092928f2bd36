"""Pages of evaluations."""

from django.urls import path

from evaluations.views import consultations, elements, meetings, publications, translations
from evaluations.views import evaluations as views

urlpatterns = [
    path("evaluations/", views.evaluation_list, name="evaluation_list"),
    path("evaluations/new/", views.evaluation_new, name="evaluation_new"),
    path("evaluations/<uuid:public_id>/", views.evaluation_detail, name="evaluation_detail"),
    path("evaluations/<uuid:public_id>/preflight/", views.evaluation_preflight, name="evaluation_preflight"),
    path("evaluations/<uuid:public_id>/remind/<str:iso2>/", views.evaluation_remind, name="evaluation_remind"),
    path("evaluations/<uuid:public_id>/exclude/<str:iso2>/", views.evaluation_exclude, name="evaluation_exclude"),
    path("evaluations/<uuid:public_id>/include/<str:iso2>/", views.evaluation_include, name="evaluation_include"),
    path("evaluations/<uuid:public_id>/elements/", elements.element_list, name="element_list"),
    path("evaluations/<uuid:public_id>/elements/<str:key>/", elements.element_edit, name="element_edit"),
    path(
        "evaluations/<uuid:public_id>/elements/<str:key>/versions/<int:number>/",
        elements.element_version,
        name="element_version",
    ),
    path(
        "evaluations/<uuid:public_id>/elements/<str:key>/versions/<int:number>/restore/",
        elements.element_restore,
        name="element_restore",
    ),
    path(
        "evaluations/<uuid:public_id>/elements/<str:key>/withdraw/", elements.element_withdraw, name="element_withdraw"
    ),
    path(
        "evaluations/<uuid:public_id>/elements/<str:key>/bring-back/",
        elements.element_bring_back,
        name="element_bring_back",
    ),
    path("evaluations/<uuid:public_id>/publish/", views.evaluation_publish, name="evaluation_publish"),
    path(
        "evaluations/<uuid:public_id>/consultation/",
        consultations.evaluation_consultation,
        name="evaluation_consultation",
    ),
    path("translations/", translations.translation_list, name="translation_list"),
    path("translations/<uuid:public_id>/<str:language>/", translations.translation_desk, name="translation_desk"),
    path(
        "translations/<uuid:public_id>/<str:language>/export.xlf",
        translations.translation_export,
        name="translation_export",
    ),
    path(
        "translations/<uuid:public_id>/<str:language>/import/",
        translations.translation_import,
        name="translation_import",
    ),
    path(
        "translations/<uuid:public_id>/<str:language>/<str:key>/",
        translations.translation_edit,
        name="translation_edit",
    ),
    path("consultations/", consultations.consultation_list, name="consultation_list"),
    path("consultations/<uuid:public_id>/<str:iso2>/", consultations.consultation_preview, name="consultation_preview"),
    path(
        "consultations/<uuid:public_id>/<str:iso2>/<str:language>.docx",
        consultations.consultation_paper,
        name="consultation_paper",
    ),
    path("publications/", publications.publication_list, name="publication_list"),
    path("publications/<uuid:public_id>/", publications.publication_detail, name="publication_detail"),
    path("publications/<uuid:public_id>/<slug:section>/", publications.publication_section, name="publication_section"),
    path("publications/<uuid:public_id>/pack.zip", publications.publication_pack, name="publication_pack"),
    path(
        "publications/<uuid:public_id>/<str:language>.<str:file_format>",
        publications.publication_file,
        name="publication_file",
    ),
    path(
        "publications/<uuid:public_id>/states/<str:iso2>/<str:language>.docx",
        publications.publication_paper,
        name="publication_paper",
    ),
    path(
        "evaluations/<uuid:public_id>/states/<str:iso2>/<str:language>.docx",
        views.paper_download,
        name="paper_download",
    ),
    path("evaluations/<uuid:public_id>/build/", views.evaluation_build, name="evaluation_build"),
    path("evaluations/<uuid:public_id>/build/again/", views.evaluation_build_again, name="evaluation_build_again"),
    path(
        "evaluations/<uuid:public_id>/written/<str:language>.<str:file_format>",
        views.written_download,
        name="written_download",
    ),
    path(
        "evaluations/<uuid:public_id>/<str:language>.<str:file_format>",
        views.document_download,
        name="document_download",
    ),
    path("meetings/", meetings.meeting_list, name="register_list"),
    path("meetings/new/", meetings.meeting_new, name="register_new"),
    path("meetings/<int:number>/", meetings.meeting_detail, name="register_detail"),
    path("meetings/<int:number>/edit/", meetings.meeting_edit, name="register_edit"),
    path("meetings/<int:number>/follow-up/<str:conclusion>/", meetings.follow_up, name="register_follow_up"),
    path("meetings/<int:number>/<str:kind>/new/", meetings.item_new, name="register_item_new"),
    path("meetings/<int:number>/<str:kind>/<int:pk>/", meetings.item_edit, name="register_item_edit"),
]
