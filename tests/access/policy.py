"""Who gets what: the one table of access. A URL, task or command that is not in it fails the build.

Written from the roles of the domain, not from the code, and read by the matrix, which tries every line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Who = frozenset[str]

# --- the people -----------------------------------------------------------------------------------
# Everybody's home is Costa Rica, or no State at all. Each holds one role, in the institution named.
ROLES: dict[str, str] = {
    "focal_point": "authority",
    "contributor": "authority",
    "approver": "authority",
    "mission_observer": "mission",
    "case_worker": "authority",
    "case_supervisor": "authority",
    "custodian": "authority",
    "state_auditor": "authority",
    "state_user_admin": "authority",
    "secretariat_officer": "secretariat",
    "secretariat_admin": "secretariat",
    "translator": "secretariat",
    "meeting_officer": "meeting",
    "partner": "partner",
}
# Signed in as well: two contributors of a ministry, to whom an entry was handed over, to one until yesterday; and
# somebody whose role has ended.
OTHERS_SIGNED_IN = ("ministry", "handed_before", "former")
# The public, and two whose session is worth nothing any more.
STRANGERS = ("public", "disabled", "expired")
SIGNED_IN: Who = frozenset({*ROLES, *OTHERS_SIGNED_IN})
ACTORS = (*ROLES, *OTHERS_SIGNED_IN, *STRANGERS)

NOBODY: Who = frozenset()
READERS: Who = frozenset({"focal_point", "contributor", "approver", "mission_observer"})
WRITERS: Who = frozenset({"focal_point", "contributor"})
APPROVERS: Who = frozenset({"focal_point", "approver"})
OF_THE_STATE: Who = frozenset(role for role, where in ROLES.items() if where in {"authority", "mission"}) | {
    "ministry", "handed_before"
}  # fmt: skip
SECRETARIAT: Who = frozenset({"secretariat_officer", "secretariat_admin"})
TRANSLATORS: Who = SECRETARIAT | {"translator"}
CHAIR: Who = frozenset({"meeting_officer"})
REVIEWERS = SECRETARIAT | CHAIR
PARTNER: Who = frozenset({"partner"})
ADMINISTRATOR: Who = frozenset({"secretariat_admin"})
MANAGERS: Who = frozenset({"focal_point", "state_user_admin"}) | ADMINISTRATOR  # of people
NOTE_READERS = MANAGERS | {"state_auditor"}  # of the note verbale that names a focal point
EVERYBODY: Who = frozenset(ACTORS)
WITH_A_ROLE: Who = SIGNED_IN - {"former"}
FOR_AUTHORITY: Who = WITH_A_ROLE - {"partner"}  # whoever acts for an authority, an agency, the OAS or the Meeting
OF_THE_AUTHORITY: Who = frozenset(role for role, where in ROLES.items() if where == "authority")
SEATED: Who = frozenset({"focal_point", "contributor", "approver"})  # who takes an authority's seat and its requests
LIAISONS: Who = SEATED | {"ministry", "handed_before"}
HOOK_KEEPERS: Who = frozenset({"focal_point", "partner"}) | ADMINISTRATOR  # who have a system of theirs told
KEY_HOLDERS: Who = READERS | REVIEWERS | PARTNER | LIAISONS  # who may have a key to the API
WORKERS: Who = frozenset({"case_worker", "case_supervisor", "custodian"})  # in the sealed area
CASE_WORKER: Who = frozenset({"case_worker"})
SUPERVISOR: Who = frozenset({"case_supervisor"})
RECORD_READERS: Who = CASE_WORKER | SUPERVISOR
REPORTERS: Who = frozenset({"focal_point", "contributor"})

# --- the objects ----------------------------------------------------------------------------------
# A custodian knows which cases there are, by code; a case worker one's own.
_CASES = {
    "own": frozenset({"case_worker", "case_supervisor", "custodian"}),
    "colleague's": frozenset({"case_supervisor", "custodian"}),
    "erased": frozenset(),  # of its pages one is left (case_detail)
    "other State's": frozenset(),
    "never existed": frozenset(),
}
# For each kind, the objects an address can name and who may know that they exist; everybody else is told 404.
_REPORTS: dict[str, Who] = {
    "own draft": READERS,
    "own sent": READERS | REVIEWERS,
    "other State's draft": NOBODY,
    "other State's sent": REVIEWERS,  # returned meanwhile, with new working answers
    "Secretariat's draft": SECRETARIAT,
    "Secretariat's sent": REVIEWERS,
    "never existed": NOBODY,
}
_SENT = {target: who if "sent" in target else NOBODY for target, who in _REPORTS.items()}
_PEOPLE = {"own State's": MANAGERS, "other State's": ADMINISTRATOR, "never existed": NOBODY}
_PRIVATE = {"own": SIGNED_IN, "of somebody else": NOBODY, "never existed": NOBODY}
SEES: dict[str, Mapping[str, Who]] = {
    "report": _REPORTS,
    "sent report": _SENT,
    "entry": {
        "own draft": READERS | {"ministry"},
        "own sent": READERS,
        "own, not handed over": READERS,
        "other State's draft": NOBODY,
        "other State's sent": NOBODY,
        "Secretariat's draft": SECRETARIAT,
        "Secretariat's sent": SECRETARIAT,
        "never existed": NOBODY,
    },
    # What is written during a review is between the reporter and the reviewers.
    "question": {**_SENT, "own sent": READERS | SECRETARIAT, "other State's sent": SECRETARIAT},
    "evidence": {
        "own draft": READERS | {"ministry"},
        "own sent": READERS | SECRETARIAT,
        "own, for the State alone": READERS,
        "own, public": READERS | REVIEWERS,
        "other State's draft": NOBODY,
        "other State's sent": SECRETARIAT,
        "other State's, for itself alone": NOBODY,
        "Secretariat's sent": REVIEWERS,
        "never existed": NOBODY,
    },
    "report to write": {
        "own draft": WRITERS,
        "own sent": NOBODY,
        "other State's draft": NOBODY,
        "Secretariat's draft": SECRETARIAT,
        "never existed": NOBODY,
    },
    "extension": {"own State's": READERS | REVIEWERS, "other State's": REVIEWERS, "never existed": NOBODY},
    # Documents of what was sent; one with the titles of all evidence is not for the officers of the Meeting.
    "paper": {
        "own": READERS | SECRETARIAT,
        "own, public": READERS | REVIEWERS,
        "other State's": SECRETARIAT,
        "Secretariat's": REVIEWERS,
        "never existed": NOBODY,
    },
    "import": {"own State's": READERS, "other State's": NOBODY, "never existed": NOBODY},
    "round": {"open": SIGNED_IN, "in preparation": SECRETARIAT, "never existed": NOBODY},
    "activity": {"in the plan": EVERYBODY, "never existed": NOBODY},
    "state": {"a State": EVERYBODY, "never existed": NOBODY},
    "evaluation": {"a draft": REVIEWERS, "never existed": NOBODY},
    "element": {"of a draft": REVIEWERS, "of no activity": NOBODY, "never existed": NOBODY},
    "publication": {"published": EVERYBODY, "a draft": NOBODY, "never existed": NOBODY},
    "evaluation to translate": {"a draft": TRANSLATORS, "never existed": NOBODY},
    "text to translate": {"of a draft": TRANSLATORS, "of no text": NOBODY, "never existed": NOBODY},
    "preview": {
        "own State's": READERS | REVIEWERS,
        "other State's": REVIEWERS,
        "of a State not asked": NOBODY,
        "never existed": NOBODY,
    },
    "register": {"a Meeting": EVERYBODY, "never existed": NOBODY},
    "register item": {"a conclusion": EVERYBODY, "of another Meeting": NOBODY, "never existed": NOBODY},
    "conclusion": {"asks to act": EVERYBODY, "asks nobody": NOBODY, "never existed": NOBODY},
    "document": {"of a draft": REVIEWERS, "another language": NOBODY, "never existed": NOBODY},
    # What an evaluation says of one State: of a draft, of a consultation that is open, of a publication.
    "State's paper": {"of a draft": REVIEWERS, "another language": NOBODY, "never existed": NOBODY},
    "State's paper to comment": {
        "own State's": READERS | REVIEWERS,
        "other State's": REVIEWERS,
        "another language": NOBODY,
        "never existed": NOBODY,
    },
    "State's paper, public": {"published": EVERYBODY, "of a draft": NOBODY, "never existed": NOBODY},
    "person": {**_PEOPLE, "Secretariat's": ADMINISTRATOR, "partner's": ADMINISTRATOR},
    "role": {**_PEOPLE, "of another person": NOBODY},
    "invitation": _PEOPLE,
    "waiting invitation": _PEOPLE,  # for a second person
    # Whoever holds the link holds the invitation: it is the secret.
    "link": {"unused": EVERYBODY, "never existed": NOBODY},
    "note": {"own State's": NOTE_READERS, "other State's": ADMINISTRATOR, "never existed": NOBODY},
    # Of whoever lost a second factor.
    "factor reset": {**_PEOPLE, "about oneself": SIGNED_IN, "Secretariat's": ADMINISTRATOR},
    "stop link": {"open": EVERYBODY, "never existed": NOBODY},
    "passkey": _PRIVATE,
    # Who prepares evaluations follows each other's builds.
    "job": {"a build": SECRETARIAT, "never existed": NOBODY},
    "outbox": {"given up": ADMINISTRATOR, "never existed": NOBODY},
    "grant": {"own State's": MANAGERS - ADMINISTRATOR, "other State's": NOBODY, "never existed": NOBODY},
    # statistics: exact figures are the authority's own
    "State's year": {"own": SEATED, "other State's": NOBODY, "never existed": NOBODY},
    "return": {
        "own draft": SEATED,
        "own sent": SEATED,
        "other State's draft": NOBODY,
        "other State's sent": NOBODY,
        "never existed": NOBODY,
    },
    "counted return": {"own": SEATED, "other State's": NOBODY, "never existed": NOBODY},
    "signed return": {"own": SEATED, "other State's": NOBODY, "never existed": NOBODY},
    "upload": {
        "the contributor's": frozenset({"contributor"}),
        "a colleague's": NOBODY,
        "other State's": NOBODY,
        "never existed": NOBODY,
    },
    "release": {"published": EVERYBODY, "in preparation": SECRETARIAT, "never existed": NOBODY},
    "published release": {"published": EVERYBODY, "in preparation": NOBODY, "never existed": NOBODY},
    # networks
    "desk": {
        "public": EVERYBODY,
        "for authorities": FOR_AUTHORITY,
        "for others' networks": NOBODY,
        "own State's": OF_THE_STATE,
        "never existed": NOBODY,
    },
    "network": {"own": SEATED, "other's": NOBODY, "listed": FOR_AUTHORITY, "never existed": NOBODY},
    "seat": {"own": SEATED, "other's": NOBODY, "listed": FOR_AUTHORITY, "never existed": NOBODY},
    "in a room": {"own": SEATED, "other's": NOBODY, "never existed": NOBODY},
    "decision": {"own": SEATED, "other's": NOBODY, "never existed": NOBODY},
    "guest": {"own": SEATED, "other's": NOBODY, "never existed": NOBODY},
    "shared file": {"own room's": SEATED, "other room's": NOBODY, "own request's": SEATED, "never existed": NOBODY},
    "request": {
        "own draft": SEATED,
        "sent": SEATED,
        "received": SEATED,
        "other States'": NOBODY,
        "never existed": NOBODY,
    },
    "message": {"sent": SEATED, "received": SEATED, "other States'": NOBODY, "never existed": NOBODY},
    "translation": {"sent": SEATED, "received": SEATED, "other States'": NOBODY, "never existed": NOBODY},
    "assistance": {"own": WITH_A_ROLE, "other's": WITH_A_ROLE, "never existed": NOBODY},
    # national plans: known to all authorities, once removed to the State alone
    "law": {
        "own": FOR_AUTHORITY,
        "other State's": FOR_AUTHORITY,
        "other State's, removed": NOBODY,
        "never existed": NOBODY,
    },
    "match": {"to decide": WITH_A_ROLE, "never existed": NOBODY},
    # contributions
    "contribution": {
        "own draft": PARTNER,
        "for the Secretariat": PARTNER | SECRETARIAT,
        "for the State": PARTNER | SECRETARIAT | READERS,
        "accepted": PARTNER | SECRETARIAT | READERS | {"translator"},
        "other's": SECRETARIAT,
        "never existed": NOBODY,
    },
    "contribution's translation": {
        "accepted": PARTNER | SECRETARIAT | READERS | {"translator"},
        "never existed": NOBODY,
    },
    "contribution file": {
        "own accreditation's": PARTNER | SECRETARIAT,
        "of an application": SECRETARIAT,
        "for the State": PARTNER | SECRETARIAT | READERS,
        "never existed": NOBODY,
    },
    "saved view": {
        "own": frozenset({"focal_point"}),
        "shared": OF_THE_AUTHORITY,
        "other State's": NOBODY,
        "never existed": NOBODY,
    },
    "hook": {"own": frozenset({"focal_point"}), "other State's": NOBODY, "never existed": NOBODY},
    "key": {"own": PARTNER, "never existed": NOBODY},
    "workbook": {"own": PARTNER, "never existed": NOBODY},
    "draft file": {"own draft's": PARTNER, "never existed": NOBODY},
    # the sealed area
    **dict.fromkeys(("case", *(f"case {part}" for part in ("consent", "entry", "goal", "approval", "member"))), _CASES),
    "case page": {**_CASES, "erased": WORKERS},
    "referral": {
        "of one's case": RECORD_READERS,
        "received": RECORD_READERS,
        "other States'": NOBODY,
        "never existed": NOBODY,
    },
    "alert": {
        "own State's": SUPERVISOR | {"custodian"},
        "about oneself": frozenset({"custodian"}),
        "other State's": NOBODY,
        "never existed": NOBODY,
    },
    "accreditation": {"own": PARTNER | SECRETARIAT, "applied": SECRETARIAT, "never existed": NOBODY},
}


@dataclass(frozen=True)
class Row:
    """One URL. `get` and `post` name who is served, by object where the address names one; whoever sees the
    object and is not named gets 403. None: the method does not exist (405)."""

    over: str = ""
    get: Who | Mapping[str, Who] | None = None
    post: Who | Mapping[str, Who] | None = None
    public: bool = False
    words: Mapping[str, str] = field(default_factory=dict)  # further parts of the address
    gate: Who | None = None  # all others are refused before anything is looked up
    hidden: bool = False  # the gate says 404: others are not told that there are such pages
    walled: bool = False  # the gate is before the page, whatever the method
    library: bool = False  # allauth's class: answers methods that do nothing, in an order of its own
    also: tuple[str, ...] = ()  # methods like GET
    others: Who | None = None  # who is served with these where there is no GET
    to_entrance: bool = False  # being served may mean being sent to sign in
    fresh: tuple[str, ...] = ()  # methods that ask for the second factor of the last five minutes (docs/adr/0031)

    def serves(self, method: str, target: str) -> Who | None:
        """Who is served; None where the method does not exist."""
        like_get = self.others if self.get is None else self.get
        allowed = {"GET": self.get, "POST": self.post, **dict.fromkeys(self.also, like_get)}.get(method)
        return allowed.get(target, NOBODY) if isinstance(allowed, Mapping) else allowed


def _own(**more: object) -> Row:
    """A page of allauth about oneself."""
    return Row(get=SIGNED_IN, library=True, **more)  # type: ignore[arg-type]


def _own_form(**more: object) -> Row:
    return _own(post=SIGNED_IN, **more)


def _public(**more: object) -> Row:
    """Machines ask for the head alone: link checkers, readers of feeds, search engines."""
    if not more.keys() & {"post", "library", "also"}:
        more["also"] = ("HEAD",)
    return Row(get=EVERYBODY, public=True, **more)  # type: ignore[arg-type]


def _sign_in(**more: object) -> Row:
    """A page of allauth on the way in."""
    return _public(library=True, **more)


_EDITS = {
    "own draft": WRITERS | {"ministry"},
    "own, not handed over": WRITERS,
    "Secretariat's draft": SECRETARIAT,
}
_READS_ANSWERS = {"own draft": READERS, "own sent": READERS, "Secretariat's draft": SECRETARIAT,
                  "Secretariat's sent": SECRETARIAT}  # fmt: skip
_WRITES = {"own draft": WRITERS, "own sent": WRITERS, "Secretariat's draft": SECRETARIAT,
           "Secretariat's sent": SECRETARIAT}  # fmt: skip
_APPROVES = {"own draft": APPROVERS, "own sent": APPROVERS, "Secretariat's draft": frozenset({"secretariat_admin"}),
             "Secretariat's sent": frozenset({"secretariat_admin"})}  # fmt: skip
_EDITS = {"own draft": WRITERS | {"ministry"}, "own, not handed over": WRITERS,
          "Secretariat's draft": SECRETARIAT}  # fmt: skip
_ASKS_FOR_TIME = {"own draft": frozenset({"focal_point"})}
_OF_DRAFTS = {"own draft": WRITERS | {"ministry"}}
_ANSWERS = {"own sent": WRITERS | APPROVERS, "Secretariat's sent": SECRETARIAT}
# Nobody reviews their own: the Secretariat the States, the officers of the Meeting the Secretariat.
_REVIEWS = {"own sent": SECRETARIAT, "other State's sent": SECRETARIAT, "Secretariat's sent": CHAIR}

# The coordinators of the State ask; the Secretariat asks for its own side. Nobody confirms about themselves.
_ASKS_RESET = {"own State's": MANAGERS - ADMINISTRATOR, "Secretariat's": ADMINISTRATOR, "partner's": ADMINISTRATOR}
_CONFIRMS_RESET = dict.fromkeys(("own State's", "other State's", "Secretariat's"), ADMINISTRATOR)

_CONFIRMS_ROLE = {"own State's": MANAGERS - ADMINISTRATOR}  # the Secretariat where a State has no second manager

_OWN_VIEW = dict.fromkeys(("own", "shared"), frozenset({"focal_point"}))
_OWN_CONTRIBUTION = {"own draft": PARTNER}
_TRANSLATES = {"accepted": SECRETARIAT | {"translator"}}
_SENT_CONTRIBUTIONS = dict.fromkeys(("for the Secretariat", "for the State", "accepted", "other's"), SECRETARIAT)
_RECEIVED = dict.fromkeys(("for the Secretariat", "for the State"), SECRETARIAT)
_UNASKED = {"for the Secretariat": SECRETARIAT}
_REFERENCE = {"reference": "PC-222222"}
_PUBLISHES = dict.fromkeys(("own draft", "own sent"), frozenset({"focal_point"}))
NO_OBJECT = "00000000-0000-4000-8000-000000000000"
_ONE_REPORT = {"reference": "GT-2013-2"}
_ONE_NETWORK = {"slug": "red-1"}
_ONE_OBJECT = {**_ONE_REPORT, "public_id": NO_OBJECT}
_UNREPLIED = {"for the State": frozenset({"focal_point"})}

_READ = {"own": RECORD_READERS, "colleague's": SUPERVISOR}
_WRITTEN = {"own": CASE_WORKER}
_WATCHED = {"own State's": SUPERVISOR | {"custodian"}, "about oneself": frozenset({"custodian"})}
_SUPERVISED = {"own": SUPERVISOR, "colleague's": SUPERVISOR}


def _area(over: str = "case", **more: object) -> Row:
    """A page of the sealed area. Others are not told that there are such pages."""
    return Row(over=over, gate=WORKERS, hidden=True, walled=True, **more)  # type: ignore[arg-type]


URLS: dict[str, Row] = {
    # the portal
    "language_choice": _public(),
    "health_live": _public(),
    # The scraper's token opens it, no session does.
    "metrics": Row(get=NOBODY, gate=NOBODY, hidden=True, public=True, also=("HEAD",)),
    "operations": Row(gate=ADMINISTRATOR, get=ADMINISTRATOR),
    "operations_try_again": Row(gate=ADMINISTRATOR, over="outbox", post=ADMINISTRATOR),
    "health_ready": _public(),
    "language_root": _public(),
    "get_help": _public(),
    "feed": _public(words={"kind": "reports"}),
    "robots": _public(),
    "sitemap": _public(),
    "home": Row(get=SIGNED_IN),
    "dashboard": Row(get=SECRETARIAT),
    "dashboard_answers": Row(get=SECRETARIAT),
    "dashboard_remind": Row(over="round", post={"open": SECRETARIAT, "in preparation": SECRETARIAT}),
    "dashboard_export": Row(get=SECRETARIAT, words={"kind": "csv"}, fresh=("GET",)),
    "audit_trail": Row(get=frozenset({"state_auditor", "secretariat_admin"})),
    "audit_export": Row(get=frozenset({"state_auditor", "secretariat_admin"}), fresh=("GET",)),
    "help": _public(),
    "accessibility": _public(),
    "privacy": _public(),
    # signing in
    "account_login": _sign_in(post=EVERYBODY),
    "account_logout": _sign_in(post=EVERYBODY, to_entrance=True),
    "account_reset_password": _sign_in(post=EVERYBODY),
    "account_reset_password_done": _sign_in(),
    "account_reset_password_from_key": _sign_in(post=EVERYBODY, words={"uidb36": "1", "key": "none"}),
    "account_reset_password_from_key_done": _sign_in(),
    "mfa_authenticate": _sign_in(post=EVERYBODY, to_entrance=True),
    "mfa_login_webauthn": _sign_in(post=EVERYBODY, to_entrance=True),
    "invitation": _public(over="link", post=EVERYBODY),
    # oneself
    "sign_in_set_up": Row(get=SIGNED_IN, also=("HEAD",)),
    "recovery_codes_saved": Row(post=SIGNED_IN),
    "session_left": Row(get=SIGNED_IN, post=SIGNED_IN),
    "key_list": Row(get=KEY_HOLDERS, post=KEY_HOLDERS, fresh=("POST",)),
    "key_revoke": Row(over="key", post={"own": PARTNER}),
    "saved_view_list": Row(get=SIGNED_IN),
    "saved_view_new": Row(get=SIGNED_IN, post=SIGNED_IN),
    "saved_view_open": Row(over="saved view", get=SIGNED_IN),
    "saved_view_edit": Row(over="saved view", get=_OWN_VIEW, post=_OWN_VIEW),
    "saved_view_change": Row(over="saved view", post=SIGNED_IN, words={"change": "pin"}),
    "hook_list": Row(get=HOOK_KEEPERS, post=HOOK_KEEPERS, fresh=("POST",)),
    "hook_detail": Row(over="hook", get=SIGNED_IN),
    "hook_secret": Row(over="hook", post=SIGNED_IN, fresh=("POST",)),
    "hook_end": Row(over="hook", get=SIGNED_IN, post=SIGNED_IN),
    "hook_change": Row(over="hook", post=SIGNED_IN, words={"change": "pause"}),
    "profile": Row(get=SIGNED_IN, post=SIGNED_IN),
    "account_reauthenticate": _own_form(),
    "account_change_password": _own_form(),
    "mfa_index": _own(),
    "mfa_reauthenticate": _own_form(),
    "mfa_activate_totp": _own_form(),
    "mfa_deactivate_totp": _own_form(),
    "mfa_view_recovery_codes": _own(),
    "mfa_generate_recovery_codes": _own_form(),
    "mfa_download_recovery_codes": _own(),
    "mfa_list_webauthn": _own(),
    "mfa_add_webauthn": _own_form(),
    "mfa_reauthenticate_webauthn": _own_form(to_entrance=True),
    "mfa_edit_webauthn": _own_form(over="passkey"),
    "mfa_remove_webauthn": Row(over="passkey", get=SIGNED_IN, post=SIGNED_IN, fresh=("GET", "POST")),
    "usersessions_list": _own_form(),
    "job_detail": Row(over="job", get=SIGNED_IN),
    "job_progress": Row(over="job", get=SIGNED_IN),
    "job_cancel": Row(over="job", post=SIGNED_IN),
    # people
    "team": Row(gate=MANAGERS, get=MANAGERS, also=("HEAD",)),
    "invite": Row(gate=MANAGERS, get=MANAGERS, post=MANAGERS, fresh=("GET", "POST")),
    "access_review": Row(gate=MANAGERS, get=MANAGERS, post=MANAGERS, fresh=("GET", "POST")),
    "appointment_list": Row(gate=NOTE_READERS, get=NOTE_READERS, also=("HEAD",)),
    "appoint": Row(get=ADMINISTRATOR, post=ADMINISTRATOR, fresh=("GET", "POST")),
    "note_attach": Row(over="note", gate=ADMINISTRATOR, get=ADMINISTRATOR, post=ADMINISTRATOR, fresh=("GET", "POST")),
    "note_download": Row(over="note", get=SIGNED_IN, also=("HEAD",)),
    "factor_reset_new": Row(over="person", gate=MANAGERS, get=_ASKS_RESET, post=_ASKS_RESET, fresh=("GET", "POST")),
    "factor_reset_confirm": Row(over="factor reset", get=_CONFIRMS_RESET, post=_CONFIRMS_RESET, fresh=("GET", "POST")),
    "factor_reset_stop": Row(over="factor reset", post=SIGNED_IN),
    "factor_reset_link": _public(over="stop link", post=EVERYBODY, to_entrance=True),
    "invitation_resend": Row(over="invitation", gate=MANAGERS, post=MANAGERS, fresh=("POST",)),
    "invitation_confirm": Row(
        over="waiting invitation", gate=MANAGERS, get=_CONFIRMS_ROLE, post=_CONFIRMS_ROLE, fresh=("GET", "POST")
    ),
    "invitation_revoke": Row(over="invitation", gate=MANAGERS, post=MANAGERS, fresh=("POST",)),
    "person_detail": Row(over="person", gate=MANAGERS, get=MANAGERS, also=("HEAD",)),
    "give_role": Row(over="person", gate=MANAGERS, get=MANAGERS, post=MANAGERS, fresh=("GET", "POST")),
    "end_role": Row(over="role", gate=MANAGERS, post=MANAGERS, fresh=("POST",)),
    "switch_account": Row(over="person", gate=MANAGERS, post=MANAGERS, fresh=("POST",)),
    "hand_over": Row(over="person", gate=MANAGERS, get=MANAGERS, post=MANAGERS, fresh=("GET", "POST")),
    "grant_list": Row(gate=MANAGERS, get=MANAGERS, also=("HEAD",)),
    "grant_new": Row(
        gate=MANAGERS, get=frozenset({"focal_point"}), post=frozenset({"focal_point"}), fresh=("GET", "POST")
    ),
    "grant_revoke": Row(over="grant", gate=MANAGERS, post=frozenset({"focal_point"}), fresh=("POST",)),
    # the plan
    "plan_detail": _public(),
    "activity_detail": _public(over="activity"),
    "theme_detail": _public(words={"theme": "4a"}),
    "state_list": _public(),
    "state_detail": _public(over="state"),
    # Nothing of that State is accepted: tests/dashboard.
    "state_export": Row(over="state", get=NOBODY, words={"kind": "csv"}, fresh=("GET",)),
    "authority_list": Row(get=SIGNED_IN),
    "round_list": Row(get=SIGNED_IN),
    "round_new": Row(get=SECRETARIAT, post=SECRETARIAT),
    "submission_matrix": Row(over="round", get=REVIEWERS),
    "round_open": Row(over="round", post=SECRETARIAT),
    "round_close": Row(over="round", post=SECRETARIAT),
    "round_freeze": Row(over="round", post=SECRETARIAT, fresh=("POST",)),
    "period_matrix": Row(get=REVIEWERS),
    "extension_decide": Row(over="extension", get=SECRETARIAT, post=SECRETARIAT),
    # what one is told
    "notification_list": Row(get=SIGNED_IN),
    "notifications_read": Row(post=SIGNED_IN),
    "digest_choice": Row(post=SIGNED_IN),
    # reports
    "report_list": Row(get=SIGNED_IN),
    "report_detail": Row(over="report", get=SIGNED_IN),
    "report_check": Row(over="report", get=_READS_ANSWERS),
    "report_approve": Row(over="report", get=_APPROVES, post=_APPROVES, fresh=("POST",)),
    "report_sent": Row(over="sent report", get=SIGNED_IN),
    "report_publish": Row(over="report", get=_PUBLISHES, post=_PUBLISHES, fresh=("POST",)),
    "report_step": Row(over="report", post=_WRITES, words={"step": "take_back"}),
    "report_reason": Row(over="report", get=_APPROVES, post=_APPROVES, words={"step": "ask_return"}),
    "report_spreadsheet": Row(over="report", get=_READS_ANSWERS, fresh=("GET",)),
    "report_form": Row(over="report", get=_READS_ANSWERS, post=_READS_ANSWERS),
    "report_file": Row(
        over="report to write", get=NOBODY, post=NOBODY, fresh=("POST",)
    ),  # in closed periods alone: tests/workplan
    "extension_new": Row(over="report", get=_ASKS_FOR_TIME, post=_ASKS_FOR_TIME),
    "import_new": Row(get=SIGNED_IN, post=SIGNED_IN),
    "import_detail": Row(over="import", get=SIGNED_IN),
    "import_problems": Row(over="import", get=SIGNED_IN),
    "import_confirm": Row(over="import", post=WRITERS),
    "import_undo": Row(over="import", post=WRITERS),
    "report_history": Row(over="report", get=SIGNED_IN),
    "report_versions": Row(over="report", get=SIGNED_IN),
    "report_compare": Row(over="report", get=SIGNED_IN),
    "differences_paper": Row(over="report", post=SIGNED_IN),
    "report_receipt": Row(over="sent report", post=SIGNED_IN, words={"number": "1"}),
    "report_paper": Row(over="paper", get=SIGNED_IN),
    "report_version": Row(over="sent report", get=SIGNED_IN, words={"number": "1"}),
    "entry_edit": Row(over="entry", get=SIGNED_IN, post=_EDITS),
    "entry_autosave": Row(over="entry", post=_EDITS),
    "entry_action_fields": Row(over="entry", get=_EDITS, words={"row": "0"}),
    "entry_presence": Row(over="entry", get=_EDITS),
    "entry_draft": Row(over="entry", post=_EDITS),
    "evidence_add": Row(over="entry", get=_EDITS, post=_EDITS),
    "evidence_address": Row(over="entry", get=_EDITS, post=_EDITS),
    "evidence_table": Row(over="entry", get=SIGNED_IN),
    "evidence_detail": Row(over="evidence", get=SIGNED_IN),
    "evidence_download": Row(over="evidence", get=SIGNED_IN),
    "evidence_remove": Row(over="evidence", get=_OF_DRAFTS, post=_OF_DRAFTS),
    "question_answer": Row(over="question", get=_ANSWERS, post=_ANSWERS),
    "review_queue": Row(get=REVIEWERS),
    "review_detail": Row(over="report", get=_REVIEWS, post=_REVIEWS),
    # evaluations
    "evaluation_list": Row(gate=REVIEWERS, hidden=True, get=REVIEWERS),
    "evaluation_new": Row(gate=REVIEWERS, hidden=True, get=SECRETARIAT, post=SECRETARIAT),
    "evaluation_detail": Row(over="evaluation", get=REVIEWERS),
    "evaluation_build": Row(over="evaluation", post=SECRETARIAT),
    "evaluation_build_again": Row(over="evaluation", post=SECRETARIAT),
    "written_download": Row(
        over="evaluation", get=SECRETARIAT, fresh=("GET",), words={"language": "es", "file_format": "pdf"}
    ),
    "element_list": Row(over="evaluation", get=REVIEWERS),
    "element_edit": Row(over="element", get=SECRETARIAT, post=SECRETARIAT),
    "element_version": Row(over="element", get=REVIEWERS, words={"number": "1"}),
    "element_withdraw": Row(over="element", post=SECRETARIAT),
    "element_bring_back": Row(over="element", post=SECRETARIAT),
    "element_restore": Row(over="element", post=SECRETARIAT, words={"number": "1"}),
    "evaluation_publish": Row(over="evaluation", post=SECRETARIAT, fresh=("POST",)),
    "register_list": _public(),
    "register_detail": _public(over="register"),
    "register_new": Row(gate=SECRETARIAT, get=SECRETARIAT, post=SECRETARIAT),
    "register_edit": Row(over="register", get=SECRETARIAT, post=SECRETARIAT),
    "register_item_new": Row(over="register", get=SECRETARIAT, post=SECRETARIAT, words={"kind": "agenda"}),
    "register_item_edit": Row(gate=SECRETARIAT, over="register item", get=SECRETARIAT, post=SECRETARIAT),
    "register_follow_up": Row(gate=SECRETARIAT, over="conclusion", get=SECRETARIAT, post=SECRETARIAT),
    "evaluation_consultation": Row(over="evaluation", get=REVIEWERS, post=SECRETARIAT),
    "translation_list": Row(gate=TRANSLATORS, hidden=True, get=TRANSLATORS),
    "translation_desk": Row(over="evaluation to translate", get=TRANSLATORS, words={"language": "fr"}),
    "translation_export": Row(over="evaluation to translate", get=TRANSLATORS, words={"language": "fr"}),
    "translation_import": Row(over="evaluation to translate", post=TRANSLATORS, words={"language": "fr"}),
    "translation_edit": Row(over="text to translate", get=TRANSLATORS, post=TRANSLATORS, words={"language": "fr"}),
    "consultation_list": Row(get=SIGNED_IN),
    "consultation_preview": Row(over="preview", get=READERS | REVIEWERS, post={"own State's": APPROVERS}),
    "publication_list": _public(),
    "publication_section": _public(over="publication", words={"section": "overview"}),
    "publication_detail": _public(over="publication"),
    "publication_file": _public(over="publication", words={"language": "es", "file_format": "json"}),
    "publication_pack": _public(over="publication"),
    "evaluation_preflight": Row(over="evaluation", get=REVIEWERS),
    "evaluation_remind": Row(over="evaluation", post=SECRETARIAT, words={"iso2": "gt"}),
    "evaluation_exclude": Row(over="evaluation", get=SECRETARIAT, post=SECRETARIAT, words={"iso2": "gt"}),
    "evaluation_include": Row(over="evaluation", post=SECRETARIAT, words={"iso2": "gt"}),
    "document_download": Row(over="document", get=REVIEWERS, fresh=("GET",)),
    "paper_download": Row(over="State's paper", get=REVIEWERS, fresh=("GET",)),
    "consultation_paper": Row(over="State's paper to comment", get=READERS | REVIEWERS, fresh=("GET",)),
    "publication_paper": _public(over="State's paper, public"),
    # statistics
    "return_list": Row(get=SEATED),
    "return_year": Row(over="State's year", get=SIGNED_IN),
    "return_template": Row(over="State's year", get=SIGNED_IN, fresh=("GET",)),
    "return_upload": Row(over="State's year", post={"own": WRITERS}),
    "upload_detail": Row(over="upload", get=SIGNED_IN, post=SIGNED_IN),
    "return_edit": Row(over="return", get=SIGNED_IN, post={"own draft": WRITERS}),
    "return_sign": Row(over="return", get=SIGNED_IN, post={"own sent": APPROVERS}, fresh=("POST",)),
    "return_proposal": Row(over="counted return", get=SIGNED_IN, post=WRITERS),
    "return_version": Row(over="signed return", get=SIGNED_IN),
    "release_list": Row(gate=SECRETARIAT, get=SECRETARIAT, post=SECRETARIAT),
    "release_detail": Row(over="release", gate=SECRETARIAT, get=SECRETARIAT, post=SECRETARIAT, fresh=("POST",)),
    "data_list": _public(),
    "data_dictionary": _public(),
    "data_release": _public(over="release"),
    "data_table": _public(over="release", words={"table": "persons-convicted", "year": "2013"}),
    "data_area": _public(over="release", words={"table": "persons-convicted", "year": "2013", "area": "CR"}),
    "data_download": _public(over="release", words={"table": "persons-convicted", "format": "csv"}),
    # networks
    "directory_list": _public(),
    "directory_export": Row(get=SIGNED_IN, fresh=("GET",)),
    "focal_point_list": Row(get=FOR_AUTHORITY),
    "desk_new": Row(get=LIAISONS | SECRETARIAT | {"partner"}, post=LIAISONS | SECRETARIAT | {"partner"}),
    "desk_detail": _public(over="desk"),
    "desk_card": _public(over="desk"),
    "desk_edit": Row(over="desk", get={"own State's": SEATED}, post={"own State's": SEATED}),
    "desk_verify": Row(over="desk", post={"own State's": SEATED}),
    "desk_close": Row(over="desk", post={"own State's": SEATED}),
    "network_list": Row(get=SIGNED_IN),
    "network_new": Row(get=SECRETARIAT | {"focal_point"}, post=SECRETARIAT | {"focal_point"}),
    "network_detail": Row(over="network", get=SIGNED_IN),
    "network_drawing": Row(over="network", get=SIGNED_IN),
    "network_edit": Row(over="network", get={"own": SEATED}, post={"own": SEATED}),
    "seat_new": Row(over="network", get={"own": SEATED}, post={"own": SEATED}, fresh=("POST",)),
    # Only a seat that another gave is there to be taken; taking one's own again changes nothing.
    "seat_take": Row(over="seat", post={"own": SEATED}),
    "seat_end": Row(over="seat", post={"own": SEATED}, fresh=("POST",)),
    "guest_list": Row(over="network", get={"own": SEATED}, post={"own": SEATED}, fresh=("POST",)),
    "guest_end": Row(over="guest", post={"own": SEATED}, fresh=("POST",)),
    "announcement_new": Row(over="network", get={"own": SEATED}, post={"own": SEATED}),
    "network_document_new": Row(over="network", get={"own": SEATED}, post={"own": SEATED}),
    "meeting_new": Row(over="network", get={"own": SEATED}, post={"own": SEATED}),
    "meeting_detail": Row(over="in a room", get=SIGNED_IN, post=SIGNED_IN),
    "decision_follow_up": Row(over="decision", get=SIGNED_IN, post=SIGNED_IN),
    "shared_file": Row(over="shared file", get=SIGNED_IN),
    "request_list": Row(get=LIAISONS),
    "request_new": Row(get=LIAISONS, post=LIAISONS),
    "corridor_list": Row(get=LIAISONS | SECRETARIAT),
    "escalation_list": Row(get=SECRETARIAT),
    "request_detail": Row(over="request", get=SIGNED_IN),
    "request_edit": Row(over="request", get={"own draft": SEATED}, post={"own draft": SEATED}),
    "request_message": Row(over="request", post={"sent": SEATED, "received": SEATED}),
    "request_translation": Row(
        over="request", get={"sent": SEATED, "received": SEATED}, post={"sent": SEATED, "received": SEATED}
    ),
    "message_translation": Row(over="message", get=SIGNED_IN, post=SIGNED_IN),
    "translation_review": Row(over="translation", post=SIGNED_IN),
    "request_file": Row(over="request", get=SIGNED_IN, post=SIGNED_IN),
    # One's own request is not acknowledged by oneself; what is at another step answers with where it stands.
    "request_step": Row(
        over="request", get=SIGNED_IN, post={"own draft": SEATED, "received": SEATED}, words={"step": "acknowledge"}
    ),
    "assistance_list": Row(get=SIGNED_IN),
    "assistance_new": Row(get=LIAISONS, post=LIAISONS, words={"side": "need"}),
    "assistance_detail": Row(over="assistance", get=SIGNED_IN, post=SIGNED_IN),
    "assistance_close": Row(over="assistance", post={"own": SEATED}),
    "match_decide": Row(over="match", post={"to decide": SEATED}, words={"status": "agreed"}),
    "cooperation_map": Row(get=FOR_AUTHORITY),
    "cooperation_state": Row(over="state", gate=FOR_AUTHORITY, get=FOR_AUTHORITY),
    "cooperation_pair": Row(get=FOR_AUTHORITY, words={"one": "cr", "other": "gt"}),
    "agreement_new": Row(get=REPORTERS, post=REPORTERS),
    "law_list": Row(get=FOR_AUTHORITY),
    "law_state": Row(over="state", gate=FOR_AUTHORITY, get=FOR_AUTHORITY),
    "law_new": Row(get=REPORTERS, post=REPORTERS, words={"kind": "plans"}),
    "law_edit": Row(over="law", get={"own": REPORTERS}, post={"own": REPORTERS}, words={"kind": "plans"}),
    "law_remove": Row(over="law", post={"own": REPORTERS}, words={"kind": "plans"}),
    "law_restore": Row(over="law", post={"own": REPORTERS}, words={"kind": "plans"}),
    "route_list": Row(get=FOR_AUTHORITY),
    "route_new": Row(get=REPORTERS, post=REPORTERS),
    # case records
    "case_list": _area("", get=WORKERS),
    "case_new": _area("", get=CASE_WORKER, post=CASE_WORKER),
    "emergency_new": _area("", get=CASE_WORKER, post=CASE_WORKER, fresh=("POST",)),
    "area_lock": _area("", get=WORKERS),
    "alert_list": _area("", get=SUPERVISOR | {"custodian"}),
    "alert_close": _area("alert", get=_WATCHED, post=_WATCHED, fresh=("POST",)),
    "case_search": _area("", get=RECORD_READERS, post=RECORD_READERS),
    "case_count": _area("", get=SUPERVISOR, post=SUPERVISOR, fresh=("POST",)),
    "task_list": _area("", get=RECORD_READERS),
    "approval_list": _area("", get=SUPERVISOR | {"custodian"}),
    "retention_list": _area("", get=SUPERVISOR | {"custodian"}),
    "retention_rules": _area("", get=SUPERVISOR | {"custodian"}, post=SUPERVISOR | {"custodian"}, fresh=("POST",)),
    "case_retention": _area(get=_CASES),
    "retention_step": _area(get=_SUPERVISED, post=_SUPERVISED, words={"step": "hold"}, fresh=("POST",)),
    "case_detail": _area("case page", get=_READ | {"erased": WORKERS}),
    # Without a reason the form is asked again; who sees an identity with one: tests/victims/test_records.py.
    "identity_detail": _area(get=_READ, post=_READ, fresh=("POST",)),
    "identity_edit": _area(get=_WRITTEN, post=_WRITTEN, fresh=("GET", "POST")),
    "consent_list": _area(get=_READ),
    "consent_new": _area(get=_WRITTEN, post=_WRITTEN),
    "consent_withdraw": _area("case consent", post=_WRITTEN, fresh=("POST",)),
    "facts_detail": _area(get=_READ),
    "facts_edit": _area(get=_WRITTEN, post=_WRITTEN, words={"section": "profile"}),
    "safety_new": _area(get=_WRITTEN, post=_WRITTEN),
    "case_section": _area(get=_READ, words={"section": "plan"}),
    "record_entry_new": _area(get=_WRITTEN, post=_WRITTEN, words={"kind": "note"}),
    "step_new": _area("case goal", get=_WRITTEN, post=_WRITTEN),
    "record_entry_edit": _area("case entry", get=_WRITTEN, post=_WRITTEN),
    "record_entry_done": _area("case entry", post=_WRITTEN),
    "note_list": _area(get=_READ),
    "case_team": _area(get=_READ, post=_SUPERVISED, fresh=("POST",)),
    "team_remove": _area("case member", post=_SUPERVISED, fresh=("POST",)),
    "access_log": _area(get=_READ),
    "record_import": _area("", get=CASE_WORKER, post=CASE_WORKER, fresh=("GET", "POST")),
    "record_export": _area("", get=CASE_WORKER, post=CASE_WORKER, fresh=("GET", "POST")),
    "referral_new": _area(get=_WRITTEN, post=_WRITTEN, fresh=("POST",)),
    "referral_list": _area("", get=RECORD_READERS),
    # Without a reason the form is asked again; who sees an identity with one: tests/victims/test_insiders.py.
    "referral_detail": _area(
        "referral",
        get={"of one's case": RECORD_READERS, "received": RECORD_READERS},
        post={"of one's case": RECORD_READERS},
        fresh=("POST",),
    ),
    "referral_approve": _area("referral", post={"of one's case": SUPERVISOR}, fresh=("POST",)),
    "referral_withdraw": _area("referral", post={"of one's case": RECORD_READERS}, fresh=("POST",)),
    "referral_accept": _area("referral", post={"received": RECORD_READERS}, fresh=("POST",)),
    "referral_refuse": _area(
        "referral", get={"received": RECORD_READERS}, post={"received": RECORD_READERS}, fresh=("POST",)
    ),
    "referral_write": _area(
        "referral",
        get={"received": RECORD_READERS},
        post={"received": RECORD_READERS},
        words={"kind": "question"},
        fresh=("POST",),
    ),
    "approval_new": _area(get=_READ, post=_WRITTEN, words={"question": "plan"}),
    "approval_decide": _area("case approval", get=_SUPERVISED, post=_SUPERVISED, fresh=("POST",)),
    # contributions
    "contribution_list": Row(get=SIGNED_IN),
    "contribution_published": _public(),
    "contribution_new": Row(get=PARTNER, post=PARTNER),
    "contribution_bulk": Row(get=PARTNER, post=PARTNER),
    "contribution_bulk_template": Row(get=PARTNER),
    "contribution_bulk_detail": Row(over="workbook", get=SIGNED_IN),
    "contribution_bulk_send": Row(over="workbook", post=SIGNED_IN),
    "contribution_detail": Row(over="contribution", get=SIGNED_IN),
    "contribution_about": Row(over="contribution", get=_OWN_CONTRIBUTION, post=_OWN_CONTRIBUTION),
    "contribution_text": Row(over="contribution", get=_OWN_CONTRIBUTION, post=_OWN_CONTRIBUTION),
    "contribution_check": Row(over="contribution", get=_OWN_CONTRIBUTION, post=_OWN_CONTRIBUTION),
    "contribution_file": Row(over="contribution file", get=SIGNED_IN),
    "contribution_file_remove": Row(over="draft file", post={"own draft's": PARTNER}),
    "contribution_answer": Row(over="contribution", get={"for the State": PARTNER}, post={"for the State": PARTNER}),
    # Nobody else's step; at another status it answers with where the contribution stands.
    "contribution_step": Row(over="contribution", post=_SENT_CONTRIBUTIONS, words={"step": "receive"}),
    "contribution_not_use": Row(over="contribution", get=_RECEIVED, post=_RECEIVED),
    "contribution_ask": Row(over="contribution", get=_UNASKED, post=_UNASKED),
    "contribution_reply": Row(over="contribution", get=_UNREPLIED, post=_UNREPLIED),
    "contribution_translation": Row(over="contribution", get=_TRANSLATES, post=_TRANSLATES),
    "contribution_translation_review": Row(over="contribution's translation", post=_TRANSLATES),
    "contribution_cite": Row(over="contribution", get={"accepted": SECRETARIAT}, post={"accepted": SECRETARIAT}),
    # The API knows keys alone: whoever has a session, and whoever has none, is asked for one (401).
    "api_schema": _public(also=("HEAD",)),
    "api_docs": _public(),
    "api_job": _public(words={"public_id": NO_OBJECT}, also=("HEAD",)),
    "api_jobs": _public(also=("HEAD",)),
    "api_job_cancel": Row(post=EVERYBODY, public=True, words={"public_id": NO_OBJECT}),
    "api_job_file": _public(words={"public_id": NO_OBJECT}, also=("HEAD",)),
    "api_notifications": _public(also=("HEAD",)),
    "api_notifications_read": Row(post=EVERYBODY, public=True),
    "api_dashboard": _public(also=("HEAD",)),
    "api_dashboard_export": Row(post=EVERYBODY, public=True),
    "api_state_figures": _public(words={"iso2": "GT"}, also=("HEAD",)),
    "api_state_export": Row(post=EVERYBODY, public=True, words={"iso2": "GT"}),
    "api_evaluation_drafts": _public(also=("HEAD",)),
    "api_evaluation_build_again": Row(post=EVERYBODY, public=True, words={"public_id": NO_OBJECT}),
    "api_evaluation_documents": _public(post=EVERYBODY, words={"public_id": NO_OBJECT}, also=("HEAD",)),
    "api_preflight": _public(words={"public_id": NO_OBJECT}, also=("HEAD",)),
    "api_exclusion": Row(
        public=True, words={"public_id": NO_OBJECT, "iso2": "GT"}, also=("PUT", "DELETE"), others=EVERYBODY
    ),
    "api_state_reminder": Row(post=EVERYBODY, public=True, words={"public_id": NO_OBJECT, "iso2": "GT"}),
    "api_elements": _public(words={"public_id": NO_OBJECT}, also=("HEAD",)),
    "api_element": _public(words={"public_id": NO_OBJECT, "code": "PRO-02"}, also=("HEAD", "PUT", "DELETE")),
    "api_element_bring_back": Row(post=EVERYBODY, public=True, words={"public_id": NO_OBJECT, "code": "PRO-02"}),
    "api_element_versions": _public(words={"public_id": NO_OBJECT, "code": "PRO-02"}, also=("HEAD",)),
    "api_element_version": _public(words={"public_id": NO_OBJECT, "code": "PRO-02", "number": "1"}, also=("HEAD",)),
    "api_element_restore": Row(
        post=EVERYBODY, public=True, words={"public_id": NO_OBJECT, "code": "PRO-02", "number": "1"}
    ),
    "api_register": Row(post=EVERYBODY, public=True),
    "api_registered": _public(words={"number": "3"}, also=("HEAD", "PUT")),
    "api_follow_ups": Row(post=EVERYBODY, public=True, words={"number": "3", "conclusion": "1"}),
    "api_meetings": _public(also=("HEAD",)),
    "api_meeting": _public(over="register", also=("HEAD",)),
    "api_release_builds": Row(post=EVERYBODY, public=True),
    "api_plan": _public(also=("HEAD",)),
    "api_activities": _public(also=("HEAD",)),
    "api_activity": _public(over="activity", also=("HEAD",)),
    "api_published": _public(also=("HEAD",)),
    "api_states": _public(also=("HEAD",)),
    "api_published_reports": _public(also=("HEAD",)),
    # Nothing of that State is published: tests/api/test_published.py.
    "api_published_report": Row(
        get=NOBODY, gate=NOBODY, hidden=True, public=True, words={"iso2": "GT", "round_code": "2014-1"}, also=("HEAD",)
    ),
    "api_assistance": _public(post=EVERYBODY, also=("HEAD",)),
    "api_assistance_matrix": _public(also=("HEAD",)),
    "api_rounds": _public(post=EVERYBODY, also=("HEAD",)),
    "api_round": _public(words={"round_code": "2014-1"}, also=("HEAD",)),
    "api_round_steps": Row(post=EVERYBODY, public=True, words={"round_code": "2014-1"}),
    "api_round_reminders": Row(post=EVERYBODY, public=True, words={"round_code": "2014-1"}),
    "api_grants": _public(also=("HEAD",)),
    "api_report_grants": _public(words=_ONE_REPORT, also=("HEAD",)),
    "api_publication": _public(words=_ONE_REPORT, also=("HEAD",)),
    "api_reviews": _public(also=("HEAD",)),
    "api_reports": _public(also=("HEAD",)),
    "api_report": _public(words=_ONE_REPORT, also=("HEAD",)),
    "api_report_check": _public(words=_ONE_REPORT, also=("HEAD",)),
    "api_report_steps": Row(post=EVERYBODY, public=True, words=_ONE_REPORT),
    "api_entries": _public(words=_ONE_REPORT, also=("HEAD",)),
    "api_entry": _public(words={**_ONE_REPORT, "code": "PRO-02"}, also=("HEAD", "PUT", "PATCH")),
    "api_questions": _public(post=EVERYBODY, words=_ONE_REPORT, also=("HEAD",)),
    "api_question": _public(words=_ONE_OBJECT, also=("HEAD",)),
    "api_replies": Row(post=EVERYBODY, public=True, words=_ONE_OBJECT),
    "api_resolve": Row(post=EVERYBODY, public=True, words=_ONE_OBJECT),
    "api_versions": _public(words=_ONE_REPORT, also=("HEAD",)),
    "api_version": _public(words={**_ONE_REPORT, "number": "1"}, also=("HEAD",)),
    "api_receipt": Row(post=EVERYBODY, public=True, words={**_ONE_REPORT, "number": "1"}),
    "api_differences": Row(post=EVERYBODY, public=True, words={**_ONE_REPORT, "number": "1"}),
    "api_entry_evidence": _public(post=EVERYBODY, words={**_ONE_REPORT, "code": "PRO-02"}, also=("HEAD",)),
    "api_evidence_addresses": Row(post=EVERYBODY, public=True, words={**_ONE_REPORT, "code": "PRO-02"}),
    "api_evidence": _public(words={"public_id": NO_OBJECT}, also=("HEAD", "DELETE")),
    "api_evidence_file": _public(words={"public_id": NO_OBJECT}, also=("HEAD",)),
    "api_extensions": _public(post=EVERYBODY, words=_ONE_REPORT, also=("HEAD",)),
    "api_extension": _public(words={"public_id": NO_OBJECT}, also=("HEAD",)),
    "api_extension_decision": Row(post=EVERYBODY, public=True, words={"public_id": NO_OBJECT}),
    "api_imports": _public(post=EVERYBODY, words=_ONE_REPORT, also=("HEAD",)),
    "api_import": _public(words={"public_id": NO_OBJECT}, also=("HEAD",)),
    "api_import_confirm": Row(post=EVERYBODY, public=True, words={"public_id": NO_OBJECT}),
    "api_import_undo": Row(post=EVERYBODY, public=True, words={"public_id": NO_OBJECT}),
    "api_paper": _public(words=_ONE_OBJECT, also=("HEAD",)),
    "api_evaluations": _public(also=("HEAD",)),
    "api_consultations": _public(also=("HEAD",)),
    "api_consulted_part": _public(words={"public_id": NO_OBJECT, "iso2": "GT"}, also=("HEAD", "PUT")),
    "api_proposals": _public(also=("HEAD",)),
    "api_proposal": _public(post=EVERYBODY, words={"iso2": "GT", "year": "2013", "table": "convicted"}, also=("HEAD",)),
    "api_uploads": Row(post=EVERYBODY, public=True, words={"iso2": "GT", "year": "2013"}),
    "api_upload": _public(words={"public_id": NO_OBJECT}, also=("HEAD",)),
    "api_upload_confirm": Row(post=EVERYBODY, public=True, words={"public_id": NO_OBJECT}),
    "api_releases": _public(also=("HEAD",)),
    "api_release_files": _public(over="published release", also=("HEAD",)),
    "api_returns": _public(also=("HEAD",)),
    "api_return": _public(words={"iso2": "GT", "year": "2013", "table": "convicted"}, also=("HEAD", "PUT")),
    "api_requests": _public(post=EVERYBODY, also=("HEAD",)),
    "api_request": _public(words=_ONE_REPORT, also=("HEAD", "PUT")),
    "api_request_steps": Row(post=EVERYBODY, public=True, words=_ONE_REPORT),
    "api_request_files": _public(post=EVERYBODY, words=_ONE_REPORT, also=("HEAD",)),
    "api_shared_file": _public(words={"public_id": NO_OBJECT}, also=("HEAD",)),
    "api_shared_copy": _public(words={"public_id": NO_OBJECT}, also=("HEAD",)),
    "api_request_translations": _public(post=EVERYBODY, words=_ONE_REPORT, also=("HEAD",)),
    "api_request_translation_review": Row(post=EVERYBODY, public=True, words={**_ONE_REPORT, "pk": "1"}),
    "api_assistance_item": _public(words={"public_id": NO_OBJECT}, also=("HEAD", "DELETE")),
    "api_matches": _public(post=EVERYBODY, words={"public_id": NO_OBJECT}, also=("HEAD",)),
    "api_match_decision": Row(post=EVERYBODY, public=True, words={"public_id": NO_OBJECT, "pk": "1"}),
    "api_institutions": _public(also=("HEAD",)),
    "api_desks": _public(post=EVERYBODY, also=("HEAD",)),
    "api_desk": _public(words={"public_id": NO_OBJECT}, also=("HEAD", "PUT", "DELETE")),
    "api_desk_verify": Row(post=EVERYBODY, public=True, words={"public_id": NO_OBJECT}),
    "api_networks": _public(post=EVERYBODY, also=("HEAD",)),
    "api_network": _public(words=_ONE_NETWORK, also=("HEAD", "PUT")),
    "api_seats": _public(words=_ONE_NETWORK, also=("HEAD",)),
    "api_seat_take": Row(post=EVERYBODY, public=True, words={**_ONE_NETWORK, "pk": "1"}),
    "api_announcements": _public(post=EVERYBODY, words=_ONE_NETWORK, also=("HEAD",)),
    "api_network_files": _public(post=EVERYBODY, words=_ONE_NETWORK, also=("HEAD",)),
    "api_network_meetings": _public(post=EVERYBODY, words=_ONE_NETWORK, also=("HEAD",)),
    "api_network_meeting": _public(words={**_ONE_NETWORK, "public_id": NO_OBJECT}, also=("HEAD",)),
    "api_decisions": Row(post=EVERYBODY, public=True, words={**_ONE_NETWORK, "public_id": NO_OBJECT}),
    "api_decision_follow_up": Row(
        post=EVERYBODY, public=True, words={**_ONE_NETWORK, "public_id": NO_OBJECT, "pk": "1"}
    ),
    "api_agreements": _public(post=EVERYBODY, also=("HEAD",)),
    "api_routes": _public(post=EVERYBODY, also=("HEAD",)),
    "api_instruments": _public(also=("HEAD",)),
    "api_national_plans": _public(post=EVERYBODY, also=("HEAD",)),
    "api_national_plan": _public(words={"public_id": NO_OBJECT}, also=("HEAD", "PUT", "DELETE")),
    "api_national_plan_restore": Row(post=EVERYBODY, public=True, words={"public_id": NO_OBJECT}),
    "api_ratifications": _public(post=EVERYBODY, also=("HEAD",)),
    "api_ratification": _public(words={"public_id": NO_OBJECT}, also=("HEAD", "PUT", "DELETE")),
    "api_ratification_restore": Row(post=EVERYBODY, public=True, words={"public_id": NO_OBJECT}),
    "api_request_messages": Row(post=EVERYBODY, public=True, words=_ONE_REPORT),
    "api_contributions": _public(post=EVERYBODY, also=("HEAD",)),
    "api_contribution": _public(words=_REFERENCE, also=("HEAD", "PUT")),
    "api_contribution_files": _public(post=EVERYBODY, words=_REFERENCE, also=("HEAD",)),
    "api_contribution_own_file": _public(words={**_REFERENCE, "public_id": NO_OBJECT}, also=("HEAD", "DELETE")),
    "api_filings": Row(post=EVERYBODY, public=True),
    "api_filing": _public(words={"public_id": NO_OBJECT}, also=("HEAD",)),
    "api_filing_send": Row(post=EVERYBODY, public=True, words={"public_id": NO_OBJECT}),
    "api_received_list": _public(also=("HEAD",)),
    "api_received": _public(words=_REFERENCE, also=("HEAD",)),
    "api_contribution_reply": Row(post=EVERYBODY, public=True, words=_REFERENCE),
    "api_contribution_question": Row(post=EVERYBODY, public=True, words=_REFERENCE),
    "api_contribution_steps": Row(post=EVERYBODY, public=True, words=_REFERENCE),
    "api_contribution_citations": Row(post=EVERYBODY, public=True, words=_REFERENCE),
    "api_contribution_translations": _public(post=EVERYBODY, words=_REFERENCE, also=("HEAD",)),
    "api_contribution_translation_review": Row(post=EVERYBODY, public=True, words={**_REFERENCE, "language": "en"}),
    "api_contribution_file": _public(words={"public_id": NO_OBJECT}, also=("HEAD",)),
    "api_contribution_send": Row(post=EVERYBODY, public=True, words=_REFERENCE),
    "api_contribution_withdraw": Row(post=EVERYBODY, public=True, words=_REFERENCE),
    "api_contribution_answer": Row(post=EVERYBODY, public=True, words=_REFERENCE),
    "accreditation_list": Row(get=PARTNER | SECRETARIAT),
    "accreditation_apply": _public(post=EVERYBODY),
    "accreditation_applied": _public(),
    "accreditation_renew": Row(get=PARTNER, post=PARTNER),
    "accreditation_detail": Row(over="accreditation", get=SIGNED_IN, post={"applied": SECRETARIAT}, fresh=("POST",)),
}

# --- what is not a page ---------------------------------------------------------------------------
# Every Celery task: what asks for it, and why running it for anybody's id does no harm.
TASKS: dict[str, str] = {
    "oas_trafficking.write_export": "a request with a key; writes what its person may open, for that person alone",
    "core.recheck_files": "the clock; takes no argument",
    "core.sweep_ended": "the clock; takes no argument",
    "core.sweep_job_files": "the clock; takes no argument",
    "core.write_tallies": "the clock; turns counts into events and takes no argument",
    "core.send_alert": "the relay; mails the operators a name of a task and a count",
    "core.anchor_audit": "the clock; signs heads and takes no argument",
    "accounts.send_notice": "a change of one's own password or factor; mails that person alone",
    "accounts.send_reset": "the reset page; mails the address of the account alone",
    "accounts.send_invitation": "whoever manages people; mails the invited address alone",
    "accounts.send_role_waits": "an offer of a role that two people give; mails who may confirm it, without names",
    "accounts.send_appointment_notice": "a recorded note; mails managers and auditors of the State, without names",
    "accounts.send_invitation_reminder": "the clock; mails the invited address alone",
    "accounts.send_review_reminder": "the clock; mails whoever reviews access, without content",
    "accounts.send_area_notice": "an emergency access; mails whoever watches over the area, without content",
    "accounts.send_watch_notice": "the watch; mails whoever watches over the area, without content",
    "accounts.send_decisions_notice": "retention; mails a supervisor a count and the address of the portal, no content",
    "victims.watch_browsing": "the clock; reads the trail, raises alerts, and takes no argument",
    "accounts.send_referral_notice": "a step of a referral; mails officers of a State, without content",
    "victims.count_cases": "a supervisor, whose role is asked again; whole tables go beside that State's own return",
    "victims.escalate_referrals": "the clock; tells of late answers by the envelope alone, and takes no argument",
    "victims.propose_retention": "the clock; asks supervisors about closed cases, opens none and takes no argument",
    "victims.note_erasures": "the clock; writes codes of erased cases beside the keys and takes no argument",
    "victims.sweep_keys": "the clock; destroys keys that no record needs, opens none and takes no argument",
    "victims.destroy_ended_packages": "the clock; destroys keys of ended referrals, and takes no argument",
    "accounts.send_factor_notice": "a step of a reset; mails the person and who asked or confirms, without names",
    "accounts.deliver_notice": "an event, or the clock; sends its codes to an address of an institution, no content",
    "accounts.send_hook_trouble": "failed notices; mails whoever answers for that institution, without content",
    "accounts.sweep_notices": "the clock; takes no argument",
    "accounts.process_note": "an attached note verbale, or the clock; looks at that file in a sandbox",
    "accounts.remind": "the clock; takes no argument",
    "accounts.apply_factor_resets": "the clock; takes no argument",
    "workplan.write_form": "whoever fills a report in; writes its questions, without an answer",
    "workplan.write_paper": "a report that is sent, or whoever reads its versions; writes a document of them alone",
    "workplan.remind": "the clock; takes no argument",
    "workplan.send_digest": "the clock; mails the person of the digest what is theirs",
    "indicators.build_release": "the Secretariat; counts into a release, shows nothing by itself",
    "contributions.process_attachment": "an attached file, or the clock; looks at that file in a sandbox",
    "contributions.remind_of_end": "the clock; takes no argument",
    "contributions.send_digests": "the clock; takes no argument",
    "contributions.send_notice": "a step of a contribution; mails people of its organization without its content",
    "networks.escalate_overdue": "the clock; takes no argument",
    "networks.remind_stale_desks": "the clock; takes no argument",
    "networks.remove_ended_guests": "the clock; takes no argument",
    "networks.send_notice": "a step of a request; mails the people of the two desks without its content",
    "networks.process_document": "an attached file, or the clock; looks at that file in a sandbox",
    "workplan.process_evidence": "an attached file, or the clock; looks at that file in a sandbox",
    "workplan.remove_ended_grants": "the clock; takes no argument",
    "evaluations.send_notice": "a consultation; mails whoever comments for a State, without its content",
    "evaluations.write_paper": "a build that runs; writes a file that nobody sees until the build ends",
    "evaluations.write_language": "a build that runs; writes files that nobody sees until the build ends",
    "evaluations.build": "the Secretariat, by evaluations.services; reads accepted versions",
}
# Every command of ours: who runs it. None is reachable from the web.
COMMANDS: dict[str, str] = {
    "anchor_audit": "operator; writes the signed heads",
    "backup": "operator; reads all as the login of backups, writes encrypted files alone; audited",
    "base_backup": "operator; copies the cluster as the login of replication, writes an encrypted file alone",
    "ship_log": "operator; encrypts what the server laid into its spool",
    "unpack_base": "operator, with the private key of the backups; reads no database",
    "recovered": "operator, as the owner, after a recovery to a moment; holds open mails; audited",
    "backup_identity": "demonstration alone",
    "doctor": "operator; reads alone",
    "maintenance": "operator; closes and opens the pages",
    "first_administrator": "set-up; refused where two administrators exist; audited",
    "check_keys": "operator; unwraps keys, reads no record",
    "restore": "operator, as the owner, into an empty database; audited",
    "demo_accounts": "demonstration alone",
    "demo_code": "demonstration alone",
    "import_catalogue": "operator for the Secretariat; audited",
    "load_meetings": "set-up; reads files of the repository",
    "load_plan": "set-up; reads files of the repository",
    "load_states": "set-up; reads files of the repository",
    "index_cases": "operator; reads identities to make their tokens, shows none; audited in each State",
    "import_ctdc": "demonstration alone",
    "load_networks": "set-up; reads what load_states loaded",
    "seed_indicators": "demonstration alone",
    "prepare_sealed": "set-up, as the owner; makes missing keys, reads no record",
    "relay": "supervisor; publishes the outbox",
    "rotate_keys": "operator; wraps a State's keys anew, reads no record; audited",
    "seed_cases": "demonstration alone",
    "seed_demo": "demonstration alone",
    "seed_networks": "demonstration alone",
    "verify_audit": "operator, auditor; reads alone",
}

# --- what may be read -----------------------------------------------------------------------------
# Canaries: texts planted in every field of a tenant. Who may ever receive one, on any page, file or mail.
MAY_READ: dict[str, Who] = {
    "CR-DRAFT": READERS,
    "CR-HANDED": READERS | {"ministry"},
    "CR-BEFORE": READERS | REVIEWERS,  # the answer of the period before, which was handed to nobody
    "CR-THREAD": READERS | SECRETARIAT,  # what the Secretariat and the State write to each other
    "GT-THREAD": SECRETARIAT,
    "SG-THREAD": REVIEWERS,
    "CR-EVIDENCE": READERS | SECRETARIAT,
    "CR-STATE-ONLY": READERS,
    "CR-SENT": READERS | REVIEWERS,
    "CR-PEOPLE": OF_THE_STATE | REVIEWERS,
    "CR-AUDIT": frozenset({"state_auditor"}),
    "CR-HOOK": frozenset({"focal_point"}),
    "GT-HOOK": NOBODY,
    "CR-VIEW": OF_THE_AUTHORITY,
    "CR-OWN-VIEW": frozenset({"focal_point"}),
    "GT-VIEW": NOBODY,
    "CR-TIME": READERS | REVIEWERS,  # why a State asks for more time
    "GT-TIME": REVIEWERS,
    "SG-TIME": REVIEWERS,
    "CR-TYPED": NOBODY,  # typed and not saved: its author's alone
    "GT-TYPED": NOBODY,
    "SG-TYPED": NOBODY,
    "GT-DRAFT": NOBODY,
    "GT-SENT": REVIEWERS,
    "GT-EVIDENCE": SECRETARIAT,
    "GT-STATE-ONLY": NOBODY,
    "GT-PEOPLE": REVIEWERS,
    "GT-AUDIT": NOBODY,
    "SG-DRAFT": SECRETARIAT,
    "SG-SENT": REVIEWERS,
    "PLATFORM-AUDIT": frozenset({"secretariat_admin"}),
    "EVAL": REVIEWERS,
    "EVAL-TEXT": TRANSLATORS | CHAIR,  # why a State is left out, and its translation
    "PARTNER": PARTNER | SECRETARIAT,
    "OTHER-PARTNER": SECRETARIAT,
    "PARTNER-ACC": PARTNER | SECRETARIAT,
    "APPLICATION": SECRETARIAT,
    "PARTNER-DRAFT": PARTNER,
    "PARTNER-KEY": PARTNER,
    "PARTNER-TALK": PARTNER | SECRETARIAT,
    "SG-CONTRIB": PARTNER | SECRETARIAT,
    "CR-CONTRIB": PARTNER | SECRETARIAT | READERS,
    "GT-CONTRIB": SECRETARIAT,
    "OPEN-CONTRIB": PARTNER | SECRETARIAT | READERS | {"translator"},
    "PASSKEY": SIGNED_IN,  # every key has the same name; whose it is shows in its number
    "FOCAL": FOR_AUTHORITY,  # focal points, as the directory names them
    "CR-COUNT": SEATED,
    "GT-COUNT": NOBODY,
    "RELEASE": SECRETARIAT,
    "CR-NET": SEATED,
    "GT-NET": NOBODY,
    "LISTED-NET": FOR_AUTHORITY,
    "CR-REQUEST": SEATED,
    "GT-REQUEST": NOBODY,
    "AUTHORITY-DESK": FOR_AUTHORITY,
    "CR-DESK": OF_THE_STATE,
    "GT-DESK": NOBODY,
    "ASSISTANCE": WITH_A_ROLE,
    "SHARED": FOR_AUTHORITY,
    "GT-LAW": NOBODY,  # a plan that Guatemala removed
    "CR-CASE": RECORD_READERS,
    "CR-WHO": CASE_WORKER,  # whom the case is about: for its team
    "CR-OTHER-CASE": SUPERVISOR,
    "GT-CASE": NOBODY,
    "PUBLIC": EVERYBODY,
}
