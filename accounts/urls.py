"""Pages of signing in and of people. allauth's pages by name: what is not listed does not exist here."""

from collections.abc import Callable

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.usersessions import views as sessions
from django.urls import URLPattern, path, re_path

from accounts.views import appointments, hooks, keys, own, resets, saved, team
from accounts.views.common import View, errors_are_422

with_status: Callable[[View], View] = errors_are_422

urlpatterns: list[URLPattern] = [
    path("account/login/", with_status(account.login), name="account_login"),
    path("account/logout/", account.logout, name="account_logout"),
    path("account/set-up/", own.set_up, name="sign_in_set_up"),
    path("account/reauthenticate/", with_status(account.reauthenticate), name="account_reauthenticate"),
    path("account/password/change/", with_status(account.password_change), name="account_change_password"),
    path("account/password/reset/", with_status(account.password_reset), name="account_reset_password"),
    path("account/password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    path(
        "account/password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(  # the key holds hyphens of its own
        r"^account/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        with_status(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path("account/2fa/", mfa.index, name="mfa_index"),
    path("account/2fa/authenticate/", with_status(mfa.authenticate), name="mfa_authenticate"),
    path("account/2fa/reauthenticate/", with_status(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("account/2fa/app/", with_status(totp.activate_totp), name="mfa_activate_totp"),
    path("account/2fa/app/remove/", with_status(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("account/2fa/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/2fa/codes/new/", with_status(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("account/2fa/codes/file/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("account/2fa/codes/saved/", own.codes_saved, name="recovery_codes_saved"),
    path("account/passkeys/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("account/passkeys/add/", with_status(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path("account/passkeys/login/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("account/passkeys/reauthenticate/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("account/passkeys/<int:pk>/", with_status(passkeys.edit_webauthn), name="mfa_edit_webauthn"),
    path("account/passkeys/<int:pk>/remove/", own.remove_passkey, name="mfa_remove_webauthn"),
    path("account/sessions/", sessions.list_usersessions, name="usersessions_list"),
    path("account/session/", own.session_left, name="session_left"),
    path("account/keys/", keys.key_list, name="key_list"),
    path("account/keys/<uuid:public_id>/end/", keys.key_revoke, name="key_revoke"),
    path("account/hooks/", hooks.hook_list, name="hook_list"),
    path("account/hooks/<uuid:public_id>/", hooks.hook_detail, name="hook_detail"),
    path("account/hooks/<uuid:public_id>/secret/", hooks.hook_secret, name="hook_secret"),
    path("account/hooks/<uuid:public_id>/remove/", hooks.hook_end, name="hook_end"),
    path("account/hooks/<uuid:public_id>/<slug:change>/", hooks.hook_change, name="hook_change"),
    path("account/profile/", own.profile, name="profile"),
    path("saved-views/", saved.saved_view_list, name="saved_view_list"),
    path("saved-views/new/", saved.saved_view_new, name="saved_view_new"),
    path("saved-views/<uuid:public_id>/", saved.saved_view_open, name="saved_view_open"),
    path("saved-views/<uuid:public_id>/edit/", saved.saved_view_edit, name="saved_view_edit"),
    path("saved-views/<uuid:public_id>/<slug:change>/", saved.saved_view_change, name="saved_view_change"),
    path("invite/<str:token>/", own.accept_invitation, name="invitation"),
    path("team/", team.team, name="team"),
    path("team/invite/", team.invite, name="invite"),
    path("team/review/", team.access_review, name="access_review"),
    path("team/appointments/", appointments.appointment_list, name="appointment_list"),
    path("team/appointments/new/", appointments.appoint, name="appoint"),
    path("team/appointments/<int:pk>/note/", appointments.note_attach, name="note_attach"),
    path("team/appointments/<int:pk>/note/file/", appointments.note_download, name="note_download"),
    path("team/factor-resets/<uuid:public_id>/confirm/", resets.factor_reset_confirm, name="factor_reset_confirm"),
    path("team/factor-resets/<uuid:public_id>/stop/", resets.factor_reset_stop, name="factor_reset_stop"),
    path("stop-reset/<str:token>/", resets.factor_reset_link, name="factor_reset_link"),
    path(
        "team/invitations/<uuid:public_id>/resend/", team.change_invitation, {"change": "resend"}, "invitation_resend"
    ),
    path(
        "team/invitations/<uuid:public_id>/revoke/", team.change_invitation, {"change": "revoke"}, "invitation_revoke"
    ),
    path("team/invitations/<uuid:public_id>/confirm/", team.invitation_confirm, name="invitation_confirm"),
    path("team/<uuid:public_id>/", team.person_detail, name="person_detail"),
    path("team/<uuid:public_id>/factor-reset/", resets.factor_reset_new, name="factor_reset_new"),
    path("team/<uuid:public_id>/role/", team.give_role, name="give_role"),
    path("team/<uuid:public_id>/role/<int:pk>/end/", team.end_role, name="end_role"),
    path("team/<uuid:public_id>/switch/", team.switch_account, name="switch_account"),
    path("team/<uuid:public_id>/hand-over/", team.hand_over, name="hand_over"),
]
