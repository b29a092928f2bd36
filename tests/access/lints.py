"""Rules of the house that can be read off the source. Each takes the files and returns what breaks it.

They are functions of texts, so that the sabotage suite can hand them a text with a planted defect.
"""

import ast
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
Files = dict[str, str]
Rule = Callable[[Files], list[str]]

SCOPES = {"visible_to", "in_chains", "of", "none"}  # `of` narrows roles to one person's
HTTP_FILES = re.compile(r"(^|/)(views|api|forms|serializers|filters|presenters|context|middleware)(/[^/]+)?\.py$")
# What may touch a manager without a scope in those files, and why that shows nobody anything.
UNSCOPED = {
    ("accounts/forms.py", "State.objects"): "which States exist is public",
    ("accounts/forms.py", "Institution.objects"): "national authorities, for the administrator who records a note",
    ("accounts/middleware.py", "UserSession.objects"): "the session of the request itself",
    (
        "accounts/views/own.py",
        "User.objects",
    ): "whether the invited address has an account, behind the invitation's link",
    ("evaluations/forms.py", "Evaluation.objects"): "whether a symbol is taken, asked by those who see them all",
    ("evaluations/views/translations.py", "Evaluation.objects"): "translated_by: a scope of the desk's own",
    ("evaluations/presenters/evaluations.py", "Snapshot.objects"): "of a job whose evaluation is in scope",
}
RAW_SQL = {
    "core/backup/make.py": "exports a snapshot as the login of backups",
    "core/backup/restore.py": "asks whether the database is empty",
    "core/backup/tables.py": "counts every table as the login of backups",
    "core/doctor.py": "asks the server about itself",
    "core/audit.py": "calls the one function that appends to the trail",
    "core/checks.py": "asks which role the process logs in with",
    "core/db.py": "grants, locks, the way into the sealed area",
    "core/clocks.py": "asks the server for its time",
}
SAFE_TEXT = {
    "core/templatetags/charts.py": "names what format_html gives back",
    "core/templatetags/portal.py": "an empty SafeString, and widgets that Django rendered",
}
PUBLISHERS = {"core/jobs.py": "the relay"}
CACHED: dict[str, str] = {
    "core/doctor.py": "whether the broker answers",
    "core/watch.py": "which trouble was told in the last hour, by name",
    "core/keys/__init__.py": "the session of the key provider, no key and no data",
}


def app_folders() -> list[Path]:
    return sorted(path.parent for path in ROOT.glob("*/apps.py"))


def python_files() -> Files:
    """Application code; migrations, launcher and tests have rules of their own."""
    found = (path for folder in app_folders() for path in folder.rglob("*.py"))
    texts = {path.relative_to(ROOT).as_posix(): path for path in found}
    skipped = ("/migrations/", "/launcher/")
    return {
        name: path.read_text(encoding="utf-8")
        for name, path in sorted(texts.items())
        if not any(part in name for part in skipped)
    }


def template_files() -> Files:
    found = [*ROOT.glob("templates/**/*.html"), *(p for f in app_folders() for p in f.glob("**/templates/**/*.html"))]
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in sorted(found)}


@lru_cache(maxsize=2048)
def _tree(text: str) -> ast.Module:
    """Each file is read by a dozen rules, and by some of them three times in the sabotage suite."""
    return ast.parse(text)


def _nodes(files: Files, kind: type[ast.AST]) -> Iterator[tuple[str, ast.AST]]:
    for name, text in files.items():
        for node in ast.walk(_tree(text)):
            if isinstance(node, kind):
                yield name, node


def _called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _calls(files: Files, names: set[str], allowed: dict[str, str] | None = None) -> list[str]:
    return [
        f"{path}:{node.lineno} calls {_called(node)}"
        for path, node in _nodes(files, ast.Call)
        if isinstance(node, ast.Call) and _called(node) in names and path not in (allowed or {})
    ]


def _mentions(files: Files, names: set[str], allowed: dict[str, str] | None = None) -> list[str]:
    """Names and attributes, imported or used: catches a decorator as well as a call."""
    found = set()
    for path, text in files.items():
        for node in ast.walk(_tree(text)):
            words = {getattr(node, "id", None), getattr(node, "attr", None)}
            if isinstance(node, ast.ImportFrom):
                words = {alias.name for alias in node.names}
            found |= {f"{path}:{node.lineno} uses {word}" for word in words & names if path not in (allowed or {})}  # type: ignore[attr-defined]
    return sorted(found)


def queries_outside_a_scope(files: Files) -> list[str]:
    """Pages, forms and API start at Model.objects.visible_to(user)."""
    findings = []
    for path, text in files.items():
        if not HTTP_FILES.search(path):
            continue
        tree = _tree(text)
        scoped = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in SCOPES}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager", "_base_manager"}:
                words = ast.unparse(node)
                if id(node) not in scoped and (path, words) not in UNSCOPED:
                    findings.append(f"{path}:{node.lineno} {words} without visible_to")
    return findings


def tasks_published_by_hand(files: Files) -> list[str]:
    """A task is asked for through the outbox; only the relay publishes."""
    return _calls(files, {"delay", "apply_async", "send_task", "delay_on_commit", "apply_async_on_commit"}, PUBLISHERS)


def sql_by_hand(files: Files) -> list[str]:
    by_manager = [
        f"{path}:{node.lineno} calls {ast.unparse(node.func)}"
        for path, node in _nodes(files, ast.Call)
        if isinstance(node, ast.Call)
        and re.search(r"(objects|_manager)\b.*\.(raw|extra)$", ast.unparse(node.func), re.DOTALL)
    ]
    return _calls(files, {"cursor", "executemany"}, RAW_SQL) + by_manager + _mentions(files, {"RawSQL"})


def unescaped_text(files: Files) -> list[str]:
    return _mentions(files, {"mark_safe", "SafeString", "SafeText", "html_safe"}, SAFE_TEXT)


def open_doors(files: Files) -> list[str]:
    """Ways past login, CSRF, scope or the audit of secrets that nobody needs here."""
    return _mentions(
        files, {"AllowAny", "csrf_exempt", "get_objects_for_user", "xframe_options_exempt", "is_superuser"}
    )


def cache_by_hand(files: Files) -> list[str]:
    """Nothing that depends on who asks is cached: a key that forgot its State would show it to another."""
    imports = [
        f"{path}:{node.lineno} imports {node.module}"
        for path, node in _nodes(files, ast.ImportFrom)
        if isinstance(node, ast.ImportFrom) and node.module == "django.core.cache" and path not in CACHED
    ]
    return imports + _mentions(files, {"cache_page", "lru_cache"}, CACHED)


def fields_not_listed(files: Files) -> list[str]:
    """Forms and serializers name their fields: one added to a model later must not appear by itself."""
    findings = []
    for path, node in _nodes(files, ast.ClassDef):
        if not isinstance(node, ast.ClassDef) or node.name != "Meta":
            continue
        for line in node.body:
            target = line.targets[0] if isinstance(line, ast.Assign) else None
            name = getattr(target, "id", "")
            is_all = isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant) and name == "fields"
            if is_all or name == "exclude":
                findings.append(f"{path}:{line.lineno} {ast.unparse(line)}")
    return findings


def queues_asked_for(files: Files) -> set[str]:
    """Queues named where a task is asked for or defined."""
    words = [
        (keyword.arg, keyword.value)
        for _path, node in _nodes(files, ast.Call)
        for keyword in getattr(node, "keywords", [])
    ]
    return {value.value for name, value in words if name == "queue" and isinstance(value, ast.Constant)}


def tasks_without_a_name(files: Files) -> list[str]:
    findings = []
    for path, node in _nodes(files, ast.FunctionDef):
        for decorator in getattr(node, "decorator_list", []):
            words = ast.unparse(decorator)
            is_task = re.match(r"(shared_task|app\.task)\b", words)
            if is_task and "name=" not in words:
                findings.append(f"{path}:{node.lineno} task {node.name} needs name=")  # type: ignore[attr-defined]
    return findings


_IN_MARKUP = {
    "style attribute": re.compile(r"<[^>]*\sstyle\s*="),
    "style element": re.compile(r"<style\b"),
    "inline script": re.compile(r"<script(?![^>]*\b(?:src=|type=\"application/json\"))"),
    "handler attribute": re.compile(r"<[a-z][^>]*\son[a-z]+\s*="),
    "script address": re.compile(r"javascript:", re.IGNORECASE),
    "other origin": re.compile(r"<(?:script|link|img|iframe|form|source)[^>]*(?:src|href|action)=[\"'](?:https?:)?//"),
    "htmx evaluates": re.compile(r"\shx-(?:on|vars|headers)\b|hx-vals=[\"']js:"),
}
_IN_TAGS = {
    "unescaped": re.compile(r"\|\s*safe\b|{%\s*autoescape\s+off|\|\s*safeseq\b"),
    "debug": re.compile(r"{%\s*debug\s*%}"),
}


def unsafe_templates(files: Files) -> list[str]:
    """The content security policy would refuse these; a template that has them is broken for everybody."""
    findings = []
    for path, text in files.items():
        # Comments of the template language never reach a browser.
        shown = re.sub(r"{%\s*comment\s*%}.*?{%\s*endcomment\s*%}|{#.*?#}", "", text, flags=re.DOTALL)
        markup = re.sub(r"{%.*?%}", "", shown, flags=re.DOTALL)
        findings += [f"{path}: {name}" for name, pattern in _IN_MARKUP.items() if pattern.search(markup)]
        findings += [f"{path}: {name}" for name, pattern in _IN_TAGS.items() if pattern.search(shown)]
    return findings


_ALONE = re.compile(r"""{%\s*include\s+["']([^"']+)["'][^%]*\bonly\s*%}""")


def unmarked_forms(files: Files) -> list[str]:
    """An include with `only` keeps the mark of security from a form in it: every press of its button is refused."""
    with_forms = {path.removeprefix("templates/") for path, text in files.items() if "{% csrf_token %}" in text}
    return [
        f"{path}: {found[1]} without csrf_token"
        for path, text in files.items()
        for found in _ALONE.finditer(text)
        if found[1] in with_forms and "csrf_token=" not in found[0]
    ]


SOURCE_RULES: tuple[Rule, ...] = (
    queries_outside_a_scope,
    tasks_published_by_hand,
    sql_by_hand,
    unescaped_text,
    open_doors,
    cache_by_hand,
    fields_not_listed,
    tasks_without_a_name,
)
