"""The rules of lints.py hold for the whole source, and each of them can fail."""

import itertools

import pytest
from celery import current_app
from django.apps import apps
from django.conf import settings

from oas_trafficking.launcher import stack
from tests.access import lints
from tests.access.lints import Rule
from tests.access.models import models_without_scope


@pytest.mark.parametrize("rule", lints.SOURCE_RULES)
def test_the_source_keeps_the_rule(rule: Rule) -> None:
    assert rule(lints.python_files()) == []


def test_templates_hold_nothing_inline() -> None:
    assert lints.unsafe_templates(lints.template_files()) == []


def test_a_form_that_is_included_alone_is_given_its_mark() -> None:
    form = "{% csrf_token %}"
    alone, given = ('{% include "x.html" with a=b' + more + " only %}" for more in ("", " csrf_token=csrf_token"))
    planted = {"templates/x.html": form, "templates/y.html": alone, "templates/z.html": given}
    assert lints.unmarked_forms(planted) == ["templates/y.html: x.html without csrf_token"]
    assert lints.unmarked_forms(lints.template_files()) == []


BREACHES: list[tuple[Rule, str, str]] = [
    (lints.queries_outside_a_scope, "workplan/views/reports.py", "Report.objects.get(pk=1)"),
    (lints.queries_outside_a_scope, "workplan/forms.py", "Report.objects.filter(x=1).visible_to(u)"),
    (lints.queries_outside_a_scope, "evaluations/api/evaluations.py", "queryset = Evaluation.objects.all()"),
    (lints.tasks_published_by_hand, "workplan/services.py", "build.delay(1)"),
    (lints.tasks_published_by_hand, "workplan/tasks.py", "build.apply_async(args=[1])"),
    (lints.sql_by_hand, "workplan/queries.py", "connection.cursor()"),
    (lints.sql_by_hand, "workplan/queries.py", "Report.objects.raw('SELECT 1')"),
    (lints.sql_by_hand, "workplan/queries.py", "from django.db.models.expressions import RawSQL"),
    (lints.unescaped_text, "workplan/presenters.py", "mark_safe(text)"),
    (lints.open_doors, "workplan/api.py", "permission_classes = [AllowAny]"),
    (lints.open_doors, "workplan/views/reports.py", "@csrf_exempt\ndef view(request): ..."),
    (lints.open_doors, "workplan/permissions.py", "return user.is_superuser".replace("return ", "x = ")),
    (lints.cache_by_hand, "workplan/queries.py", "from django.core.cache import cache"),
    (lints.fields_not_listed, "workplan/forms.py", "class F:\n class Meta:\n  fields = '__all__'"),
    (lints.fields_not_listed, "workplan/serializers.py", "class F:\n class Meta:\n  exclude = ['x']"),
    (lints.tasks_without_a_name, "workplan/tasks.py", "@shared_task\ndef t(): ..."),
]


@pytest.mark.parametrize(("rule", "path", "text"), BREACHES)
def test_each_rule_finds_its_breach(rule: Rule, path: str, text: str) -> None:
    assert len(rule({path: text})) == 1


@pytest.mark.parametrize(
    "text",
    [
        '<p style="color: red">',
        "<style>p {}</style>",
        "<script>alert(1)</script>",
        '<a href="#" onclick="go()">',
        '<a href="javascript:go()">',
        '<img src="https://elsewhere.example/x.png">',
        "{{ text|safe }}",
        "{% autoescape off %}",
        '<p hx-on:click="go()">',
    ],
)
def test_each_inline_thing_is_found(text: str) -> None:
    assert lints.unsafe_templates({"x.html": text}) != []


def _worker_options() -> list[str]:
    """What the supervisor tells the workers to serve."""
    words = [word for value in vars(stack).values() if isinstance(value, tuple) for word in value]
    return [after for before, after in itertools.pairwise(words) if before == "--queues"]


def test_every_task_has_a_name_of_its_own_and_a_queue_that_is_served() -> None:
    served = {queue for options in _worker_options() for queue in options.split(",")}
    assert {queue.name for queue in settings.CELERY_TASK_QUEUES} == served
    current_app.loader.import_default_modules()
    tasks = {name for name in current_app.tasks if not name.startswith("celery.")}
    assert tasks
    labels = {config.label for config in apps.get_app_configs()}
    assert {name for name in tasks if name.split(".")[0] not in labels} == set()
    assert lints.queues_asked_for(lints.python_files()) - served == set()


def test_every_timed_task_exists() -> None:
    current_app.loader.import_default_modules()
    timed = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert timed - set(current_app.tasks) == set()


def test_every_model_has_a_scope_or_a_reason() -> None:
    assert models_without_scope() == []
