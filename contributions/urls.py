"""Pages of contributions and accreditation."""

from django.urls import URLPattern, path

from contributions.views import accreditation, bulk, own, reading

urlpatterns: list[URLPattern] = [
    path("contributions/", reading.contribution_list, name="contribution_list"),
    path("contributions/published/", reading.contribution_published, name="contribution_published"),
    path("contributions/new/", own.contribution_new, name="contribution_new"),
    path("contributions/many/", bulk.contribution_bulk, name="contribution_bulk"),
    path("contributions/many/template/", bulk.contribution_bulk_template, name="contribution_bulk_template"),
    path("contributions/many/<uuid:public_id>/", bulk.contribution_bulk_detail, name="contribution_bulk_detail"),
    path("contributions/many/<uuid:public_id>/send/", bulk.contribution_bulk_send, name="contribution_bulk_send"),
    path("contributions/files/<uuid:public_id>/", reading.contribution_file, name="contribution_file"),
    path("contributions/<slug:reference>/", reading.contribution_detail, name="contribution_detail"),
    path("contributions/<slug:reference>/about/", own.contribution_about, name="contribution_about"),
    path("contributions/<slug:reference>/text/", own.contribution_text, name="contribution_text"),
    path("contributions/<slug:reference>/check/", own.contribution_check, name="contribution_check"),
    path("contributions/<slug:reference>/answer/", own.contribution_answer, name="contribution_answer"),
    path(
        "contributions/<slug:reference>/files/<uuid:public_id>/remove/",
        own.contribution_file_remove,
        name="contribution_file_remove",
    ),
    path("contributions/<slug:reference>/not-used/", reading.contribution_not_use, name="contribution_not_use"),
    path("contributions/<slug:reference>/question/", reading.contribution_ask, name="contribution_ask"),
    path("contributions/<slug:reference>/reply/", reading.contribution_reply, name="contribution_reply"),
    path(
        "contributions/<slug:reference>/translation/",
        reading.contribution_translation,
        name="contribution_translation",
    ),
    path(
        "contributions/<slug:reference>/translations/<slug:language>/review/",
        reading.contribution_translation_review,
        name="contribution_translation_review",
    ),
    path("contributions/<slug:reference>/citation/", reading.contribution_cite, name="contribution_cite"),
    path("contributions/<slug:reference>/steps/<slug:step>/", reading.contribution_step, name="contribution_step"),
    path("accreditation/", accreditation.accreditation_list, name="accreditation_list"),
    path("accreditation/apply/", accreditation.accreditation_apply, name="accreditation_apply"),
    path("accreditation/applied/", accreditation.accreditation_applied, name="accreditation_applied"),
    path("accreditation/renew/", accreditation.accreditation_renew, name="accreditation_renew"),
    path("accreditation/<uuid:public_id>/", accreditation.accreditation_detail, name="accreditation_detail"),
]
