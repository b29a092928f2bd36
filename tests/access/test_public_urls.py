"""What anybody can reach without signing in, word for word. Adding to this list is a decision."""

import pytest
from django.contrib.auth.decorators import login_not_required
from django.test import Client
from django.urls import URLPattern, path

from tests.access import census
from tests.access.policy import URLS

PUBLIC = {
    # the Meetings, and evaluations that were published
    "register_detail",
    "register_list",
    "publication_detail",
    "publication_file",
    "publication_list",
    "publication_pack",
    "publication_paper",
    "publication_section",
    # released statistics
    "data_area",
    "data_dictionary",
    "data_download",
    "data_list",
    "data_release",
    "data_table",
    # contacts that their State gives to everybody
    "directory_list",
    "desk_detail",
    "desk_card",
    # how an organization comes to contribute, and what was published of it
    "accreditation_applied",
    "accreditation_apply",
    "contribution_published",
    # with a key alone: an authentication of their own
    "api_contribution",
    "api_contribution_answer",
    "api_contribution_files",
    "api_contribution_send",
    "api_contribution_withdraw",
    "api_contributions",
    "api_schema",
    "api_assistance",
    "api_assistance_matrix",
    "api_entries",
    "api_request",
    "api_request_messages",
    "api_request_steps",
    "api_requests",
    "api_return",
    "api_returns",
    "api_entry",
    "api_dashboard",
    "api_dashboard_export",
    "api_evaluation_documents",
    "api_evaluation_drafts",
    "api_job",
    "api_job_cancel",
    "api_job_file",
    "api_jobs",
    "api_notifications",
    "api_notifications_read",
    "api_release_builds",
    "api_state_export",
    "api_state_figures",
    "api_paper",
    "api_question",
    "api_questions",
    "api_receipt",
    "api_replies",
    "api_report",
    "api_report_steps",
    "api_reports",
    "api_resolve",
    "api_reviews",
    "api_rounds",
    "api_version",
    "api_versions",
    "api_agreements",
    "api_announcements",
    "api_assistance_item",
    "api_consultations",
    "api_consulted_part",
    "api_contribution_citations",
    "api_contribution_file",
    "api_contribution_own_file",
    "api_contribution_question",
    "api_contribution_reply",
    "api_contribution_steps",
    "api_contribution_translation_review",
    "api_contribution_translations",
    "api_decision_follow_up",
    "api_decisions",
    "api_desk",
    "api_desk_verify",
    "api_desks",
    "api_differences",
    "api_entry_evidence",
    "api_evidence",
    "api_evidence_addresses",
    "api_evidence_file",
    "api_extension",
    "api_extension_decision",
    "api_extensions",
    "api_filing",
    "api_filing_send",
    "api_filings",
    "api_import",
    "api_import_confirm",
    "api_import_undo",
    "api_imports",
    "api_institutions",
    "api_match_decision",
    "api_matches",
    "api_network",
    "api_network_files",
    "api_network_meeting",
    "api_network_meetings",
    "api_networks",
    "api_proposal",
    "api_proposals",
    "api_received",
    "api_received_list",
    "api_report_check",
    "api_request_files",
    "api_request_translation_review",
    "api_request_translations",
    "api_routes",
    "api_seat_take",
    "api_seats",
    "api_shared_copy",
    "api_shared_file",
    "api_upload",
    "api_upload_confirm",
    "api_uploads",
    # what the API gives to everybody
    "api_activities",
    "api_evaluations",
    "api_meeting",
    "api_meetings",
    "api_release_files",
    "api_releases",
    "api_activity",
    "api_docs",
    "api_plan",
    "api_published",
    "api_published_report",
    "api_published_reports",
    "api_states",
    "accessibility",
    "account_login",
    "account_logout",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "activity_detail",
    "factor_reset_link",
    "feed",
    "get_help",
    "robots",
    "sitemap",
    "health_live",
    "health_ready",
    "help",
    "invitation",
    "language_choice",
    "language_root",
    "mfa_authenticate",
    "mfa_login_webauthn",
    # with the scraper's token alone
    "metrics",
    "plan_detail",
    "theme_detail",
    # which States there are, and what they published
    "state_detail",
    "state_list",
    "privacy",
}


def test_the_list_of_public_urls() -> None:
    assert census.public_urls(list(census.urls())) == PUBLIC
    assert {name for name, row in URLS.items() if row.public} == PUBLIC


def test_one_more_public_url_is_noticed() -> None:
    @login_not_required
    def page(request: object) -> None: ...

    new: URLPattern = path("x/", page, name="x")  # type: ignore[arg-type]
    assert census.public_urls([(str(new.name), "x/", new.callback)]) == {"x"}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/admin/", "/api/", "/en/admin/", "/api/schema/", "/media/x", "/.git/config"])
def test_what_is_not_there_is_not_there(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404
