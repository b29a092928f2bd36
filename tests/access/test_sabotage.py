"""Planted defects, each of which a check of this folder must find. A check that never failed proves nothing.

Every check is silent before the defect is planted, finds it, and is silent again after it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.test import override_settings
from django.urls import URLPattern, path

from accounts import middleware as session_rules
from accounts.models import User
from accounts.querysets import ManagedQuerySet, RoleAssignmentQuerySet, UserQuerySet
from accounts.views import fresh
from core import checks
from core.db import APP_ROLE
from core.middleware import SecurityHeadersMiddleware
from core.testing import record_proof
from evaluations.models import Evaluation, StatePaper
from evaluations.querysets import EvaluationDocumentQuerySet, EvaluationQuerySet, StatePaperQuerySet
from tests.access import census, lints, matrix, rights, scopes
from tests.access.matrix import Case
from tests.access.policy import URLS
from tests.access.world import World
from tests.conftest import login_as_owner
from workplan import permissions as steps
from workplan import querysets
from workplan.models import Report, ReportVersion

Plant = Callable[[pytest.MonkeyPatch], object]
Check = Callable[[World], list[str]]


@dataclass(frozen=True)
class Defect:
    name: str
    plant: Plant
    found_by: Check


# --- checks: those that the other tests call ------------------------------------------------------


def by_case(*case: str) -> Check:
    return lambda world: (lambda seen: seen.faults + seen.leaks)(matrix.try_case(world, Case(*case)))


def by_scope(model: Any) -> Check:
    return lambda world: list(scopes.leaks_of(world, model))


def by_papers(world: World) -> list[str]:
    """Their texts are in files, and each page asks for the State a second time: so the rows are looked at."""
    seen = StatePaper.objects.visible_to(world.people["focal_point"])
    return sorted(set(seen.values_list("state__iso2", flat=True)) - {"CR"})


def by_existence(world: World) -> list[str]:
    shapes = [
        matrix.shape(world, Case("report_detail", "GET", "focal_point", target))
        for target in ("other State's draft", "never existed")
    ]
    return matrix.told_apart(*shapes)


def by_census(world: World) -> list[str]:
    return census.without_a_row({name for name, _route, _view in census.urls()}, set(URLS))


def by_public_list(world: World) -> list[str]:
    return sorted(census.public_urls(list(census.urls())) ^ {name for name, row in URLS.items() if row.public})


def by_token(world: World) -> list[str]:
    client = world.client("focal_point")
    client.handler.enforce_csrf_checks = True
    with transaction.atomic():
        status = client.post(world.address("profile", "", "focal_point")).status_code
        transaction.set_rollback(True)
    return [] if status == 403 else [f"profile taken without a token: {status}"]


def by_step_up(world: World) -> list[str]:
    case = Case("switch_account", "POST", "focal_point", "own State's")
    return [] if matrix.asks_again(world, case) else [f"{case} on a screen that was left open"]


def by_deploy_check(world: World) -> list[str]:
    with override_settings(OAS_DEMO=False):
        known = {"core.E006", "core.E007"}  # the tests have no key and no second place
        return [error.id or "" for error in checks.safe_settings(None) if error.id not in known]


def by_rule(rule: lints.Rule, where: str) -> Check:
    return lambda world: [finding for finding in rule(lints.python_files()) if finding.startswith(where)]


def by_templates(world: World) -> list[str]:
    return lints.unsafe_templates(lints.template_files())


# --- planting -------------------------------------------------------------------------------------


def everything(self: Any, *args: Any, **kwargs: Any) -> Any:
    return self.all()


def sees_all(queryset: type) -> Plant:
    return lambda patch: patch.setattr(queryset, "visible_to", everything)


def put(target: Any, name: str, value: Any) -> Plant:
    return lambda patch: patch.setattr(target, name, value)


def replace_rule(step: str) -> Plant:
    return lambda patch: patch.setitem(steps._STEP_RULES, step, lambda user, report: True)


def write(path: str, text: str) -> Plant:
    """As if somebody had written this line into the file."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        files = lints.python_files()
        patch.setattr(lints, "python_files", lambda: {**files, path: files.get(path, "") + "\n" + text + "\n"})

    return plant


def write_template(text: str) -> Plant:
    def plant(patch: pytest.MonkeyPatch) -> None:
        files = lints.template_files()
        patch.setattr(lints, "template_files", lambda: {**files, "templates/planted.html": text})

    return plant


def any_role(self: RoleAssignmentQuerySet, user: Any, *roles: str) -> Any:
    return self.current().filter(user_id=user.pk)


def open_a_page(patch: pytest.MonkeyPatch) -> None:
    view = next(view for name, _route, view in census.urls() if name == "report_list")
    patch.setattr(view, "login_required", False, raising=False)


def add_a_url(patch: pytest.MonkeyPatch) -> None:
    new: URLPattern = path("victims/", lambda request: None, name="victim_list")  # type: ignore[arg-type, return-value]
    found = [*census.urls(), ("victim_list", "victims/", new.callback)]
    patch.setattr(census, "urls", lambda: iter(found))


def refuse_instead_of_hiding(patch: pytest.MonkeyPatch) -> None:
    def visible_report(user: Any, reference: str) -> Report:
        report = get_object_or_404(Report, reference=reference)
        if not Report.objects.visible_to(user).filter(pk=report.pk).exists():
            raise PermissionDenied
        return report

    patch.setattr("workplan.views.reports.visible_report", visible_report)


def settings_with(**changes: Any) -> Plant:
    def plant(patch: pytest.MonkeyPatch) -> None:
        for name, value in changes.items():
            patch.setattr(settings, name, value, raising=False)

    return plant


def without_middleware(name: str) -> Plant:
    return settings_with(MIDDLEWARE=[entry for entry in settings.MIDDLEWARE if not entry.endswith(name)])


def loose_policy() -> Plant:
    old = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    return settings_with(CONTENT_SECURITY_POLICY={"DIRECTIVES": {**old, "script-src": ["'self'", "'unsafe-inline'"]}})


def only_corp(self: SecurityHeadersMiddleware, request: Any) -> Any:
    response = self.get_response(request)
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Permissions-Policy"] = "camera=()"
    return response


DEFECTS = [
    # scope
    Defect("reports without scope", sees_all(querysets.ReportQuerySet),
           by_case("report_detail", "GET", "focal_point", "other State's draft")),
    Defect("answers without scope", sees_all(querysets.ReportEntryQuerySet),
           by_case("entry_edit", "GET", "contributor", "other State's draft")),
    Defect("versions without scope", sees_all(querysets.ReportVersionQuerySet),
           by_scope(ReportVersion)),
    Defect("questions without scope", sees_all(querysets.QuestionQuerySet),
           by_case("question_answer", "GET", "partner", "other State's sent")),
    Defect("evidence without scope", sees_all(querysets.EvidenceQuerySet),
           by_case("evidence_download", "GET", "focal_point", "other State's sent")),
    Defect("evaluations without scope", sees_all(EvaluationQuerySet), by_scope(Evaluation)),
    Defect("documents without scope", sees_all(EvaluationDocumentQuerySet),
           by_case("document_download", "GET", "partner", "of a draft")),
    Defect("papers of States without scope", sees_all(StatePaperQuerySet), by_papers),
    Defect("people without scope", sees_all(UserQuerySet), by_scope(User)),
    Defect("invitations without scope", sees_all(ManagedQuerySet),
           by_case("invitation_revoke", "POST", "focal_point", "other State's")),
    Defect("every trail for everybody",
           lambda patch: patch.setattr("oas_trafficking.views.audit_chains", lambda user: ["CR", "GT", "platform"]),
           by_case("audit_trail", "GET", "focal_point")),
    # roles, grants, steps
    Defect("any role will do", put(RoleAssignmentQuerySet, "of", any_role),
           by_case("report_detail", "GET", "case_worker", "own draft")),
    Defect("roles do not end", put(RoleAssignmentQuerySet, "current", everything),
           by_case("report_detail", "GET", "former", "own draft")),
    Defect("grants do not end", put(querysets, "_not_ended", lambda *args: Q()),
           by_case("entry_edit", "GET", "handed_before", "own draft")),
    Defect("anybody who sees a report approves it", replace_rule("approve"),
           by_case("report_approve", "POST", "mission_observer", "own draft")),
    Defect("anybody who sees a report takes it back", replace_rule("take_back"),
           by_case("report_step", "POST", "secretariat_officer", "own sent")),
    Defect("403 where it must be 404", refuse_instead_of_hiding, by_existence),
    # sessions and doors
    Defect("no sign-in required", without_middleware("LoginRequiredMiddleware"),
           by_case("report_list", "GET", "public")),
    Defect("one page opened to all", open_a_page, by_public_list),
    Defect("a disabled account stays signed in",
           lambda patch: patch.setattr("django.contrib.auth.backends.ModelBackend.user_can_authenticate",
                                       lambda self, user: True),
           by_case("home", "GET", "disabled")),
    Defect("sessions without limit", put(session_rules, "_why_over", lambda request: ""),
           by_case("home", "GET", "expired")),
    Defect("forms without token", without_middleware("CsrfViewMiddleware"), by_token),
    Defect("nobody is asked again", put(fresh, "_is_stale", lambda request: False), by_step_up),
    Defect("a URL without a row", add_a_url, by_census),
    # audit and headers
    Defect("refusals not recorded",
           lambda patch: patch.setattr("oas_trafficking.middleware.record_refusal", lambda **kwargs: None),
           by_case("audit_trail", "GET", "partner")),
    Defect("scripts in the page allowed", loose_policy(), by_case("home", "GET", "partner")),
    Defect("no policy at all", without_middleware("CSPMiddleware"), by_case("home", "GET", "partner")),
    Defect("pages of a session are stored", put(SecurityHeadersMiddleware, "__call__", only_corp),
           by_case("home", "GET", "partner")),
    Defect("types are guessed", settings_with(SECURE_CONTENT_TYPE_NOSNIFF=False), by_case("home", "GET", "partner")),
    Defect("tasks run at once", settings_with(CELERY_TASK_ALWAYS_EAGER=True), by_deploy_check),
    # source
    Defect("a query without scope in a view", write("workplan/views/reports.py", "Report.objects.get(pk=1)"),
           by_rule(lints.queries_outside_a_scope, "workplan/")),
    Defect("an open API", write("workplan/api.py", "permission_classes = [AllowAny]"),
           by_rule(lints.open_doors, "workplan/")),
    Defect("all fields of a model", write("workplan/forms.py", "class F:\n class Meta:\n  fields = '__all__'"),
           by_rule(lints.fields_not_listed, "workplan/")),
    Defect("a cache that knows no State", write("workplan/queries.py", "from django.core.cache import cache"),
           by_rule(lints.cache_by_hand, "workplan/")),
    Defect("a task published by hand", write("workplan/services/reports.py", "build.delay(1)"),
           by_rule(lints.tasks_published_by_hand, "workplan/")),
    Defect("SQL by hand", write("workplan/queries.py", "Report.objects.raw('SELECT 1')"),
           by_rule(lints.sql_by_hand, "workplan/")),
    Defect("text that is not escaped", write("workplan/presenters.py", "mark_safe(text)"),
           by_rule(lints.unescaped_text, "workplan/")),
    Defect("a script in a template", write_template("<script>alert(1)</script>"), by_templates),
]  # fmt: skip

# What somebody with the owner's login could do to the database.
IN_THE_DATABASE = {
    "the application may change what was submitted": f"GRANT UPDATE ON workplan_reportversion TO {APP_ROLE}",
    "the application may write the trail": f"GRANT INSERT ON core_auditevent TO {APP_ROLE}",
    "everybody may read answers": "GRANT SELECT ON workplan_reportentry TO PUBLIC",
    "a superuser may exist": "ALTER TABLE accounts_user DROP CONSTRAINT user_never_superuser",
    "an author may approve": "ALTER TABLE workplan_report DROP CONSTRAINT report_author_is_not_approver",
    "a trigger is gone": "DROP TRIGGER role_rules ON accounts_roleassignment",
    "a trigger is off": "ALTER TABLE accounts_roleassignment DISABLE TRIGGER role_rules",
    "everybody may call the trail's function": "GRANT EXECUTE ON FUNCTION core_audit_append TO PUBLIC",
    "the trail's function looks things up anywhere": "ALTER FUNCTION core_audit_append RESET search_path",
    "a trigger looks things up anywhere": "ALTER FUNCTION workplan_refuse_frozen RESET search_path",
}


def missed_in_the_database() -> list[str]:
    assert rights.broken_rules() == []
    missed = []
    for name, statement in IN_THE_DATABASE.items():
        point = transaction.savepoint()
        with connection.cursor() as cursor:
            cursor.execute(statement)
        if not rights.broken_rules():
            missed.append(name)
        transaction.savepoint_rollback(point)
    return missed


def is_caught(world: World, defect: Defect) -> bool:
    assert defect.found_by(world) == [], f"{defect.name}: found before it was planted"
    with pytest.MonkeyPatch.context() as patch:
        defect.plant(patch)
        found = defect.found_by(world)
    assert defect.found_by(world) == [], f"{defect.name}: still found after it was taken out"
    return bool(found)


@pytest.mark.timeout(600)
def test_every_planted_defect_is_caught(request: Any, django_db_setup: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock(), login_as_owner(), transaction.atomic():
        missed = missed_in_the_database()
        transaction.set_rollback(True)
    world = request.getfixturevalue("world")  # after the owner's work, whose locks would wait for it
    missed += [defect.name for defect in DEFECTS if not is_caught(world, defect)]
    planted = len(DEFECTS) + len(IN_THE_DATABASE)
    record_proof("sabotage", planted=planted, caught=planted - len(missed))
    assert missed == []
    assert planted >= 20
