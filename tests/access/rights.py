"""What the database itself must hold, read from its catalogue: rights, constraints, triggers, functions."""

import ast
import re
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection

from core.db import ALL_RIGHTS, APP_ROLE

DEFINERS = {"core_audit_append"}  # functions that run with the owner's rights


def _rows(sql: str, *parameters: object) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()  # type: ignore[no-any-return]


def wrong_rights() -> list[str]:
    """Tables on which the application holds more or less than its model says, and any right of everybody."""
    held: dict[str, set[str]] = {}
    for table, right in _rows(
        "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = %s", APP_ROLE
    ):
        held.setdefault(table, set()).add(right)
    models = apps.get_models(include_auto_created=True)
    wanted = {model._meta.db_table: set(getattr(model, "app_rights", ALL_RIGHTS)) for model in models}
    wrong = [f"{table}: {sorted(held.get(table, ()))}" for table in wanted if held.get(table, set()) != wanted[table]]
    public = _rows("SELECT table_name FROM information_schema.role_table_grants WHERE grantee = 'PUBLIC'"
                   " AND table_schema = 'public'")  # fmt: skip
    owned = _rows("SELECT tablename FROM pg_tables WHERE tableowner = %s", APP_ROLE)
    return sorted(
        [*wrong, *(f"{t} is open to all" for (t,) in public), *(f"{t} is the application's" for (t,) in owned)]
    )


def _named_in_migrations() -> set[str]:
    """Triggers that the migrations make."""
    folders = [Path(config.path) / "migrations" for config in apps.get_app_configs() if _is_ours(config.path)]
    texts = [path.read_text(encoding="utf-8") for folder in folders for path in folder.glob("*.py")]
    strings = [node.value for text in texts for node in ast.walk(ast.parse(text))
               if isinstance(node, ast.Constant) and isinstance(node.value, str)]  # fmt: skip
    return {name for text in strings for name in re.findall(r"CREATE (?:CONSTRAINT )?TRIGGER (\w+) ", text)}


def _is_ours(path: str) -> bool:
    return Path(path).parent == Path(settings.BASE_DIR)


def missing_rules() -> list[str]:
    """Constraints of the models and triggers of the migrations that the database does not have, or has switched off."""
    constraints = {name for (name,) in _rows("SELECT conname FROM pg_constraint UNION SELECT relname FROM pg_class")}
    wanted = {c.name for model in apps.get_models() for c in model._meta.constraints}
    triggers = {name for (name,) in _rows("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'")}
    return sorted((wanted - constraints) | (_named_in_migrations() - triggers))


def unsafe_functions() -> list[str]:
    """Functions with the owner's rights: those named above, with a fixed search path, and not for everybody."""
    found = _rows(
        "SELECT p.proname, coalesce(array_to_string(p.proconfig, ','), ''),"
        " has_function_privilege('public', p.oid, 'EXECUTE')::text"
        " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE p.prosecdef AND n.nspname = 'public'"
    )
    wrong = [name for name, config, for_all in found if "search_path=" not in config or for_all == "true"]
    return sorted({*wrong, *({name for name, _config, _for_all in found} ^ DEFINERS)})


def unpinned_functions() -> list[str]:
    """Functions of the portal, triggers' included, that would look things up wherever the caller says."""
    ours = _rows(
        "SELECT p.proname, coalesce(array_to_string(p.proconfig, ','), '')"
        " FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')"
        " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"  # an extension's
    )
    return sorted(name for name, config in ours if not config.startswith("search_path=pg_catalog, "))


def unsafe_role() -> list[str]:
    """The application's login is nobody special."""
    rows = _rows(
        "SELECT rolname FROM pg_roles WHERE rolname = %s"
        " AND (rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole)",
        APP_ROLE,
    )
    return [name for (name,) in rows]


def broken_rules() -> list[str]:
    return [*wrong_rights(), *missing_rules(), *unsafe_functions(), *unpinned_functions(), *unsafe_role()]
