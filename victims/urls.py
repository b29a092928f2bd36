"""Pages of case records. Only a process that serves the sealed area has them."""

from django.urls import URLPattern, path

from victims.views import cases, counts, exchange, people, record, referrals, retention, search, watch

_lists: list[URLPattern] = [
    path("cases/", cases.case_list, name="case_list"),
    path("cases/new/", cases.case_new, name="case_new"),
    path("cases/search/", search.case_search, name="case_search"),
    path("cases/emergency/", cases.emergency_new, name="emergency_new"),
    path("cases/count/", counts.case_count, name="case_count"),
    path("tasks/", cases.task_list, name="task_list"),
    path("lock/", cases.area_lock, name="area_lock"),
    path("alerts/", watch.alert_list, name="alert_list"),
    path("alerts/<uuid:alert>/", watch.alert_close, name="alert_close"),
    path("supervision/", cases.approval_list, name="approval_list"),
    path("cases/retention/", retention.retention_list, name="retention_list"),
    path("cases/retention/periods/", retention.retention_rules, name="retention_rules"),
]
_record: list[URLPattern] = [
    path("", cases.case_detail, name="case_detail"),
    path("identity/", record.identity_detail, name="identity_detail"),
    path("identity/edit/", record.identity_edit, name="identity_edit"),
    path("consents/", record.consent_list, name="consent_list"),
    path("consents/new/", record.consent_new, name="consent_new"),
    path("consents/<uuid:consent>/withdraw/", record.consent_withdraw, name="consent_withdraw"),
    path("facts/", record.facts_detail, name="facts_detail"),
    path("facts/<slug:section>/", record.facts_edit, name="facts_edit"),
    path("safety/new/", record.safety_new, name="safety_new"),
    path("sections/<slug:section>/", record.case_section, name="case_section"),
    path("new/<slug:kind>/", record.entry_new, name="record_entry_new"),
    path("goals/<uuid:goal>/steps/new/", record.step_new, name="step_new"),
    path("entries/<uuid:entry>/", record.entry_edit, name="record_entry_edit"),
    path("entries/<uuid:entry>/done/", record.entry_done, name="record_entry_done"),
    path("notes/", record.note_list, name="note_list"),
    path("team/", people.case_team, name="case_team"),
    path("team/<uuid:person>/remove/", people.team_remove, name="team_remove"),
    path("refer/", referrals.referral_new, name="referral_new"),
    path("retention/", retention.case_retention, name="case_retention"),
    path("retention/<slug:step>/", retention.retention_step, name="retention_step"),
    path("access-log/", people.access_log, name="access_log"),
    path("ask/<slug:question>/", people.approval_new, name="approval_new"),
    path("approvals/<uuid:approval>/", people.approval_decide, name="approval_decide"),
]
_referrals: list[URLPattern] = [
    path("referrals/", referrals.referral_list, name="referral_list"),
    path("referrals/<str:token>/", referrals.referral_detail, name="referral_detail"),
    path("referrals/<str:token>/approve/", referrals.referral_approve, name="referral_approve"),
    path("referrals/<str:token>/withdraw/", referrals.referral_withdraw, name="referral_withdraw"),
    path("referrals/<str:token>/accept/", referrals.referral_accept, name="referral_accept"),
    path("referrals/<str:token>/refuse/", referrals.referral_refuse, name="referral_refuse"),
    path("referrals/<str:token>/write/<slug:kind>/", referrals.referral_write, name="referral_write"),
]
_exchange: list[URLPattern] = [
    path("exchange/import/", exchange.record_import, name="record_import"),
    path("exchange/export/", exchange.record_export, name="record_export"),
]
urlpatterns: list[URLPattern] = [
    *_lists,
    *_exchange,
    *_referrals,
    *(path(f"cases/<str:token>/{each.pattern}", each.callback, name=each.name) for each in _record),
]
