"""Pages of workplan."""

from django.urls import URLPattern, path

from workplan.views import (
    deadlines,
    drafts,
    evidence,
    grants,
    imports,
    plan,
    reports,
    review,
    rounds,
    states,
    steps,
    versions,
)

_reporting: list[URLPattern] = [
    path("reports/", reports.report_list, name="report_list"),
    # Before the addresses of reports, which begin with a reference.
    path("reports/import/", imports.import_new, name="import_new"),
    path("reports/import/<uuid:public_id>/", imports.import_detail, name="import_detail"),
    path("reports/import/<uuid:public_id>/confirm/", imports.import_confirm, name="import_confirm"),
    path("reports/import/<uuid:public_id>/undo/", imports.import_undo, name="import_undo"),
    path("reports/import/<uuid:public_id>/problems/", imports.import_problems, name="import_problems"),
    path("reports/<slug:reference>/spreadsheet/", imports.report_spreadsheet, name="report_spreadsheet"),
    path("reports/<slug:reference>/form/", imports.report_form, name="report_form"),
    path("reports/<slug:reference>/", reports.report_detail, name="report_detail"),
    path("reports/<slug:reference>/check/", reports.report_check, name="report_check"),
    path("reports/<slug:reference>/approve/", reports.report_approve, name="report_approve"),
    path("reports/<slug:reference>/sent/", reports.report_sent, name="report_sent"),
    path("reports/<slug:reference>/step/<slug:step>/", reports.report_step, name="report_step"),
    path("reports/<slug:reference>/reason/<slug:step>/", steps.report_reason, name="report_reason"),
    path("reports/<slug:reference>/publish/", steps.report_publish, name="report_publish"),
    path("reports/<slug:reference>/file/", steps.report_file, name="report_file"),
    path("reports/<slug:reference>/extension/", deadlines.extension_new, name="extension_new"),
    path("reports/<slug:reference>/history/", reports.report_history, name="report_history"),
    path("reports/<slug:reference>/versions/", versions.report_versions, name="report_versions"),
    path("reports/<slug:reference>/compare/", versions.report_compare, name="report_compare"),
    path("reports/<slug:reference>/compare/paper/", versions.differences_paper, name="differences_paper"),
    path("reports/<slug:reference>/versions/<int:number>/receipt/", versions.receipt, name="report_receipt"),
    path("reports/<slug:reference>/papers/<uuid:public_id>/", versions.report_paper, name="report_paper"),
    path("reports/<slug:reference>/versions/<int:number>/", reports.report_version, name="report_version"),
    path("reports/<slug:reference>/questions/<uuid:public_id>/", reports.question_answer, name="question_answer"),
    # After the words above: an activity's code.
    path("reports/<slug:reference>/<str:code>/", reports.entry_edit, name="entry_edit"),
]

_entries: list[URLPattern] = [
    path("reports/<slug:reference>/<str:code>/autosave/", drafts.entry_autosave, name="entry_autosave"),
    path(
        "reports/<slug:reference>/<str:code>/fields/<int:row>/", drafts.entry_action_fields, name="entry_action_fields"
    ),
    path("reports/<slug:reference>/<str:code>/presence/", drafts.entry_presence, name="entry_presence"),
    path("reports/<slug:reference>/<str:code>/draft/", drafts.entry_draft, name="entry_draft"),
]

_evidence: list[URLPattern] = [
    path("reports/<slug:reference>/<str:code>/evidence/", evidence.evidence_add, name="evidence_add"),
    path("reports/<slug:reference>/<str:code>/evidence/address/", evidence.evidence_address, name="evidence_address"),
    path("reports/<slug:reference>/<str:code>/evidence/table/", evidence.evidence_table, name="evidence_table"),
    path("evidence/<uuid:public_id>/", evidence.evidence_detail, name="evidence_detail"),
    path("evidence/<uuid:public_id>/file/", evidence.evidence_download, name="evidence_download"),
    path("evidence/<uuid:public_id>/remove/", evidence.evidence_remove, name="evidence_remove"),
]

_review: list[URLPattern] = [
    path("review/", review.review_queue, name="review_queue"),
    path("review/<slug:reference>/", review.review_detail, name="review_detail"),
]

_plan: list[URLPattern] = [
    path("plan/", plan.plan_detail, name="plan_detail"),
    path("states/", states.state_list, name="state_list"),
    path("authorities/", states.authority_list, name="authority_list"),
]

_rounds: list[URLPattern] = [
    path("periods/", rounds.round_list, name="round_list"),
    path("periods/new/", rounds.round_new, name="round_new"),
    path("periods/matrix/", deadlines.period_matrix, name="period_matrix"),
    path("extensions/<uuid:public_id>/", deadlines.extension_decide, name="extension_decide"),
    path("periods/<slug:code>/", rounds.submission_matrix, name="submission_matrix"),
    path("periods/<slug:code>/open/", rounds.round_step, {"step": "open"}, name="round_open"),
    path("periods/<slug:code>/close/", rounds.round_step, {"step": "close"}, name="round_close"),
    path("periods/<slug:code>/freeze/", rounds.round_freeze, {"step": "freeze"}, name="round_freeze"),
]

_grants: list[URLPattern] = [
    path("team/grants/", grants.grant_list, name="grant_list"),
    path("team/grants/new/", grants.grant_new, name="grant_new"),
    path("team/grants/<int:pk>/revoke/", grants.grant_revoke, name="grant_revoke"),
]

_told: list[URLPattern] = [
    path("notifications/", deadlines.notification_list, name="notification_list"),
    path("notifications/read/", deadlines.notifications_read, name="notifications_read"),
    path("notifications/mail/", deadlines.digest_choice, name="digest_choice"),
]

urlpatterns: list[URLPattern] = [*_told, *_grants, *_plan, *_rounds, *_reporting, *_entries, *_evidence, *_review]
