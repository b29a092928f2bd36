"""Pages of the directory, networks, requests and the map of cooperation."""

from django.urls import URLPattern, path

from networks.views import assistance, cooperation, directory, law, networks, requests, rooms

_directory: list[URLPattern] = [
    path("directory/", directory.directory_list, name="directory_list"),
    path("directory/export/", directory.directory_export, name="directory_export"),
    path("directory/focal-points/", directory.focal_point_list, name="focal_point_list"),
    path("directory/new/", directory.desk_new, name="desk_new"),
    path("directory/<uuid:public_id>/", directory.desk_detail, name="desk_detail"),
    path("directory/<uuid:public_id>/card/", directory.desk_card, name="desk_card"),
    path("directory/<uuid:public_id>/edit/", directory.desk_edit, name="desk_edit"),
    path("directory/<uuid:public_id>/verify/", directory.desk_verify, name="desk_verify"),
    path("directory/<uuid:public_id>/close/", directory.desk_close, name="desk_close"),
]

_networks: list[URLPattern] = [
    path("networks/", networks.network_list, name="network_list"),
    path("networks/new/", networks.network_new, name="network_new"),
    path("networks/<slug:slug>/", networks.network_detail, name="network_detail"),
    path("networks/<slug:slug>/edit/", networks.network_edit, name="network_edit"),
    path("networks/<slug:slug>/drawing/", networks.network_drawing, name="network_drawing"),
    path("networks/<slug:slug>/seats/new/", networks.seat_new, name="seat_new"),
    path("networks/<slug:slug>/seats/<int:pk>/take/", networks.seat_take, name="seat_take"),
    path("networks/<slug:slug>/seats/<int:pk>/end/", networks.seat_end, name="seat_end"),
    path("networks/<slug:slug>/guests/", networks.guest_list, name="guest_list"),
    path("networks/<slug:slug>/guests/<int:pk>/end/", networks.guest_end, name="guest_end"),
    path("networks/<slug:slug>/announcements/new/", rooms.announcement_new, name="announcement_new"),
    path("networks/<slug:slug>/files/new/", rooms.document_new, name="network_document_new"),
    path("networks/<slug:slug>/meetings/new/", rooms.meeting_new, name="meeting_new"),
    path("networks/<slug:slug>/meetings/<uuid:public_id>/", rooms.meeting_detail, name="meeting_detail"),
    path(
        "networks/<slug:slug>/meetings/<uuid:public_id>/decisions/<int:pk>/",
        rooms.decision_follow_up,
        name="decision_follow_up",
    ),
    path("shared-files/<uuid:public_id>/", rooms.shared_file, name="shared_file"),
]

_requests: list[URLPattern] = [
    path("requests/", requests.request_list, name="request_list"),
    path("requests/new/", requests.request_new, name="request_new"),
    path("requests/answer-times/", requests.corridor_list, name="corridor_list"),
    path("requests/late/", requests.escalation_list, name="escalation_list"),
    path("requests/<slug:reference>/", requests.request_detail, name="request_detail"),
    path("requests/<slug:reference>/edit/", requests.request_edit, name="request_edit"),
    path("requests/<slug:reference>/messages/", requests.request_message, name="request_message"),
    path("requests/<slug:reference>/translation/", requests.request_translation, name="request_translation"),
    path(
        "requests/<slug:reference>/messages/<int:pk>/translation/",
        requests.message_translation,
        name="message_translation",
    ),
    path(
        "requests/<slug:reference>/translations/<int:pk>/review/",
        requests.translation_review,
        name="translation_review",
    ),
    path("requests/<slug:reference>/files/new/", requests.request_file, name="request_file"),
    path("requests/<slug:reference>/<slug:step>/", requests.request_step, name="request_step"),
]

_shared: list[URLPattern] = [
    path("assistance/", assistance.assistance_list, name="assistance_list"),
    path("assistance/new/<slug:side>/", assistance.assistance_new, name="assistance_new"),
    path("assistance/<uuid:public_id>/", assistance.assistance_detail, name="assistance_detail"),
    path("assistance/<uuid:public_id>/close/", assistance.assistance_close, name="assistance_close"),
    path("assistance/<uuid:public_id>/matches/<int:pk>/<slug:status>/", assistance.match_decide, name="match_decide"),
    path("cooperation/", cooperation.cooperation_map, name="cooperation_map"),
    path("cooperation/agreements/new/", cooperation.agreement_new, name="agreement_new"),
    path("cooperation/routes/", cooperation.route_list, name="route_list"),
    path("cooperation/routes/new/", cooperation.route_new, name="route_new"),
    path("cooperation/law/", law.law_list, name="law_list"),
    path("cooperation/law/<slug:iso2>/", law.law_state, name="law_state"),
    path("cooperation/law/<slug:kind>/new/", law.law_new, name="law_new"),
    path("cooperation/law/<slug:kind>/<uuid:public_id>/", law.law_edit, name="law_edit"),
    path("cooperation/law/<slug:kind>/<uuid:public_id>/remove/", law.law_remove, name="law_remove"),
    path("cooperation/law/<slug:kind>/<uuid:public_id>/restore/", law.law_restore, name="law_restore"),
    path("cooperation/<slug:iso2>/", cooperation.cooperation_state, name="cooperation_state"),
    path("cooperation/<slug:one>/<slug:other>/", cooperation.cooperation_pair, name="cooperation_pair"),
]

urlpatterns: list[URLPattern] = [*_directory, *_networks, *_requests, *_shared]
