"""Migrations that an upgrade without a pause can live with (docs/operations/upgrades.md).

One line of them in each app. While an upgrade rolls out, processes of the release before still work on the new schema:
nothing they use may go in the release that stops using it, and nothing may be demanded that they do not write.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from oas_trafficking.launcher.place import ROOT

# The last migration of each app in the newest release: the ones after it run beside that release's processes.
RELEASED: Mapping[str, int] = {}
BEFORE_THE_FIRST_RELEASE = {"contributions/0004_keys_move"}
TAKES_AWAY = {"RemoveField", "DeleteModel", "RenameField", "RenameModel", "AlterModelTable"}
SQL_TAKES_AWAY = re.compile(r"\bDROP\s+(?:TABLE|COLUMN)\b|\bRENAME\s+(?:TO|COLUMN)\b", re.IGNORECASE)
SECOND_STEP = re.compile(r"# second step of (\d{4}_\w+)")


def faults(root: Path = ROOT, released: Mapping[str, int] = RELEASED) -> str:
    found = [fault for folder in sorted(root.glob("*/migrations")) for fault in _of_app(folder, released)]
    return "\n".join(found)


def _of_app(folder: Path, released: Mapping[str, int]) -> Iterator[str]:
    app, files = folder.parent.name, sorted(folder.glob("[0-9]*.py"))
    for place, path in enumerate(files):
        name = f"{app}/{path.stem}"
        source = path.read_text(encoding="utf-8")
        calls = list(_calls(ast.parse(source)))
        before = files[place - 1].stem if place else ""
        yield from (f"{name}: {fault}" for fault in _order(path.stem, before, source))
        if name not in BEFORE_THE_FIRST_RELEASE and not _is_second_step(source, files[:place]):
            yield from (f"{name}: {fault}, which needs two steps" for fault in _taken_away(calls))
        if app in released and int(path.stem[:4]) > released[app]:
            yield from (f"{name}: {fault}" for fault in _demanded(calls))


def _order(stem: str, before: str, source: str) -> Iterator[str]:
    if before and before[:4] == stem[:4]:
        yield f"has the number of {before}"
    if before and f'"{before}"' not in source:
        yield f"does not depend on {before}: an app has one line of migrations"


def _is_second_step(source: str, earlier: list[Path]) -> bool:
    """It says which migration came with the release that stopped using what goes now."""
    found = SECOND_STEP.search(source)
    return found is not None and found[1] in {path.stem for path in earlier}


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr, node


def _taken_away(calls: list[tuple[str, ast.Call]]) -> Iterator[str]:
    for name, call in calls:
        if name in TAKES_AWAY:
            yield f"{name} {_word(call, 'model_name')} {_word(call, 'name')}".replace("  ", " ").strip()
        elif name == "RunSQL" and (found := SQL_TAKES_AWAY.search(_forward(call))):
            yield f"{found[0]} in SQL"


def _forward(call: ast.Call) -> str:
    """The SQL of the way up, where it is written at its place; a name is looked at by whoever reviews."""
    forward = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "sql"), None)
    return "" if forward is None else " ".join(n.value for n in ast.walk(forward) if _is_text(n))  # type: ignore[attr-defined]


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _demanded(calls: list[tuple[str, ast.Call]]) -> Iterator[str]:
    """A column that must be filled and has no default in the database: the release before would not fill it."""
    for name, call in calls:
        field = next((k.value for k in call.keywords if k.arg == "field"), None)
        if name != "AddField" or not isinstance(field, ast.Call) or _is_many(field):
            continue
        given = {k.arg: k.value for k in field.keywords}
        null = given.get("null")
        is_null = isinstance(null, ast.Constant) and null.value is True
        if not is_null and "db_default" not in given:
            yield f"AddField {_word(call, 'model_name')} {_word(call, 'name')} needs null=True or db_default"


def _is_many(field: ast.Call) -> bool:
    return isinstance(field.func, ast.Attribute) and field.func.attr == "ManyToManyField"


def _word(call: ast.Call, name: str) -> str:
    value = next((k.value for k in call.keywords if k.arg == name), None)
    return str(value.value) if isinstance(value, ast.Constant) else ""
