"""What the database's own catalogue must say about the sealed area. Returns whatever is not so."""

from typing import Any

from tests.conftest import owner_cursor
from tests.victims.raw import SCHEMAS

DEFINERS = {
    "ctx.claim", "keys.destroy_package", "sealed.erase_case", "keys.compare_with_records", "keys.destroy_orphans",
}  # fmt: skip
# Tables without rows of a State: nobody but their owner holds any right.
OWNERS_ALONE = {"ctx.signing_key"}
EXECUTES = {
    "ctx.claim": {"oas_sealed", "oas_keys"},
    "ctx.state": {"oas_sealed", "oas_keys"},
    "ctx.user_id": {"oas_sealed", "oas_keys"},
    "sealed.is_sealed": {"oas_sealed"},
    "keys.destroy_package": {"oas_keys"},
    "keys.compare_with_records": {"oas_keys"},
    "keys.destroy_orphans": {"oas_keys"},
    "sealed.erase_case": {"oas_sealed"},
    "sealed.supervises": {"oas_sealed"},
}
WORKS_IN = {"sealed": "oas_sealed", "keys": "oas_keys"}
BYPASSING = {"oas_backup"}  # reads for dumps, from one host
OWN = "(state = ( SELECT ctx.state() AS state))"
FROM, TO = "(from_state = ( SELECT ctx.state() AS state))", "(to_state = ( SELECT ctx.state() AS state))"


def _stages(*names: str) -> str:
    listed = ", ".join(f"'{name}'::text" for name in names)
    return f"(stage = ANY (ARRAY[{listed}]))"


REACHED = f"({TO} AND {_stages('sent', 'accepted', 'refused')})"
# The tables that two States see or seal for each other, policy by policy, as the database writes them.
SHARED = {
    ("sealed.referral", "guard"): ("RESTRICTIVE", "public", "ALL", f"({FROM} OR {REACHED})", None),
    ("sealed.referral", "sender_read"): ("PERMISSIVE", "oas_sealed", "SELECT", FROM, None),
    ("sealed.referral", "sender_new"): (
        "PERMISSIVE", "oas_sealed", "INSERT", None, f"({FROM} AND (stage = 'draft'::text) AND (approved_by IS NULL))",
    ),
    ("sealed.referral", "sender_act"): (
        "PERMISSIVE", "oas_sealed", "UPDATE",
        f"({FROM} AND {_stages('draft', 'sent')})", f"({FROM} AND {_stages('sent', 'withdrawn')})",
    ),
    ("sealed.referral", "recipient_read"): ("PERMISSIVE", "oas_sealed", "SELECT", REACHED, None),
    ("sealed.referral", "recipient_act"): (
        "PERMISSIVE", "oas_sealed", "UPDATE", f"({TO} AND (stage = 'sent'::text))", REACHED,
    ),
    ("sealed.referral", "erase"): ("PERMISSIVE", "oas_sealed_owner", "ALL", f"({FROM} OR {TO})", FROM),
    ("sealed.referral_message", "erase"): ("PERMISSIVE", "oas_sealed_owner", "ALL", f"({FROM} OR {TO})", None),
    ("sealed.referral_message", "guard"): ("RESTRICTIVE", "public", "ALL", f"({FROM} OR {TO})", None),
    ("sealed.referral_message", "both_read"): ("PERMISSIVE", "oas_sealed", "SELECT", f"({FROM} OR {TO})", None),
    ("sealed.referral_message", "sender_new"): ("PERMISSIVE", "oas_sealed", "INSERT", None, FROM),
    ("keys.package_key", "guard"): ("RESTRICTIVE", "public", "ALL", f"({OWN} OR {FROM})", None),
    ("keys.package_key", "holder_read"): ("PERMISSIVE", "oas_keys", "SELECT", OWN, None),
    ("keys.package_key", "sender_new"): ("PERMISSIVE", "oas_keys", "INSERT", None, FROM),
    ("keys.package_key", "destroy"): ("PERMISSIVE", "oas_sealed_owner", "ALL", f"({OWN} OR {FROM})", None),
}  # fmt: skip

TABLES = """SELECT n.nspname || '.' || c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relkind, r.rolname
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner
    WHERE n.nspname = ANY(%(schemas)s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')"""
POLICIES = """SELECT schemaname || '.' || tablename, policyname, permissive, roles::text[], cmd, qual, with_check
    FROM pg_policies WHERE schemaname = ANY(%(schemas)s)"""
GRANTS = """SELECT n.nspname || '.' || c.relname, coalesce(r.rolname, 'PUBLIC'), a.privilege_type
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(c.relacl) a
    LEFT JOIN pg_roles r ON r.oid = a.grantee
    WHERE n.nspname = ANY(%(schemas)s) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.grantee <> c.relowner"""
KEYS = """SELECT n.nspname || '.' || t.relname, i.indexrelid::regclass::text, a.attname
    FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = i.indkey[0]
    WHERE n.nspname = ANY(%(schemas)s) AND i.indisunique"""
FOREIGN = """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND connamespace IN (SELECT oid FROM pg_namespace WHERE nspname = ANY(%(schemas)s))"""
FUNCTIONS = """SELECT n.nspname || '.' || p.proname, p.prosecdef, p.proleakproof,
    coalesce(array_to_string(p.proconfig, ','), ''),
    ARRAY(SELECT coalesce(r.rolname, 'PUBLIC') FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
          LEFT JOIN pg_roles r ON r.oid = a.grantee WHERE a.grantee <> p.proowner)::text[]
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = ANY(%(schemas)s)"""
ROLES = (
    """SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcanlogin FROM pg_roles WHERE rolname LIKE 'oas%%'"""
)
MEMBERS = """SELECT r.rolname, pg_has_role(r.oid, 'oas_sealed', 'MEMBER'), pg_has_role(r.oid, 'oas_sealed', 'USAGE'),
    pg_has_role(r.oid, 'oas_sealed_owner', 'MEMBER') FROM pg_roles r WHERE r.rolname LIKE 'oas%%' AND NOT r.rolsuper"""
OUTSIDE = """SELECT c.oid::regclass::text FROM pg_depend d JOIN pg_rewrite w ON w.oid = d.objid
    JOIN pg_class c ON c.oid = w.ev_class JOIN pg_class t ON t.oid = d.refobjid
    JOIN pg_namespace n ON n.oid = t.relnamespace WHERE n.nspname = ANY(%(schemas)s) AND c.oid <> t.oid"""
LEAKPROOF = """SELECT p.oid::regproc::text FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE p.proleakproof AND n.nspname NOT IN ('pg_catalog', 'information_schema')"""


def _rows(cursor: Any, sql: str) -> list[tuple[Any, ...]]:
    cursor.execute(sql, {"schemas": list(SCHEMAS)})
    return list(cursor.fetchall())


def objects() -> int:
    with owner_cursor() as cursor:
        return sum(
            len(_rows(cursor, sql)) for sql in (TABLES, POLICIES, GRANTS, KEYS, FOREIGN, FUNCTIONS, ROLES, MEMBERS)
        )


def findings(cursor: Any = None) -> list[str]:
    if cursor is None:
        with owner_cursor() as fresh:
            return findings(fresh)
    rules = (_tables, _policies, _grants, _keys, _functions, _roles, _views)
    return sorted(finding for rule in rules for finding in rule(cursor))


def _tables(cursor: Any) -> list[str]:
    found = []
    for name, enabled, forced, kind, owner in _rows(cursor, TABLES):
        if kind in "vmf":
            found.append(f"{name} is a view or a foreign table")
        elif name not in OWNERS_ALONE and not (enabled and forced):
            found.append(f"{name}: row-level security is not enabled and forced")
        if owner != "oas_sealed_owner":
            found.append(f"{name} belongs to {owner}")
    return found


def _policies(cursor: Any) -> list[str]:
    found, guarded = [], set()
    for table, name, permissive, roles, command, using, check in _rows(cursor, POLICIES):
        if SHARED.get((table, name)) == (permissive, ",".join(roles), command, using, check):
            guarded |= {table} if name == "guard" else set()
        elif permissive == "RESTRICTIVE" and roles == ["public"] and command == "ALL" and using == OWN:
            guarded.add(table)
        elif (name, roles) not in _own_policies(table) or using != OWN or check:
            found.append(f"{table}: policy {name} is not the rule of the house")
    tables = {row[0] for row in _rows(cursor, TABLES) if row[3] in "rp"} - OWNERS_ALONE
    return found + [f"{table} has no guard" for table in tables - guarded]


def _own_policies(table: str) -> list[tuple[str, list[str]]]:
    """Whoever works with the table, and its owner inside the functions that erase."""
    return [("home", [WORKS_IN[table.partition(".")[0]]]), ("erase", ["oas_sealed_owner"])]


def _grants(cursor: Any) -> list[str]:
    wrong = []
    for table, role, right in _rows(cursor, GRANTS):
        worker = WORKS_IN.get(table.partition(".")[0])
        if table in OWNERS_ALONE or role != worker or right not in {"SELECT", "INSERT"}:
            wrong.append(f"{table}: {role} holds {right}")
    return wrong


BEGINS = {"sealed.referral": "from_state", "sealed.referral_message": "from_state"}


def _keys(cursor: Any) -> list[str]:
    """A unique key that does not begin with the State tells whether another State has the value."""
    loose = [
        f"{table}: {index} begins with {column}"
        for table, index, column in _rows(cursor, KEYS)
        if table not in OWNERS_ALONE and column != BEGINS.get(table, "state") and not index.endswith("wrapped_key")
    ]
    return loose + [f"{t}: {n}" for t, n, text in _rows(cursor, FOREIGN) if not text.startswith("FOREIGN KEY (state,")]


def _functions(cursor: Any) -> list[str]:
    found = []
    for name, definer, leakproof, config, grantees in _rows(cursor, FUNCTIONS):
        if definer and name not in DEFINERS:
            found.append(f"{name} runs with the owner's rights")
        if leakproof or "search_path=" not in config:
            found.append(f"{name} is leakproof or has no fixed search path")
        if set(grantees) != EXECUTES.get(name, set()):
            found.append(f"{name} may be called by {sorted(grantees)}")
    return found + [f"{name} is leakproof" for (name,) in _rows(cursor, LEAKPROOF)]


def _roles(cursor: Any) -> list[str]:
    found = [
        f"{name} is too powerful"
        for name, super_, bypass, creates, _logs_in in _rows(cursor, ROLES)
        if super_ or creates or (bypass and name not in BYPASSING)
    ]
    for name, member, usage, owner in _rows(cursor, MEMBERS):
        allowed = name in {"oas_case", "oas_sealed_door", "oas_sealed"}
        if member != allowed or (usage and name != "oas_sealed"):
            found.append(f"{name}: membership in the working role is wrong")
        if owner and name not in {"oas_owner", "oas_sealed_owner"}:
            found.append(f"{name} may become the owner of the area")
    return found


def _views(cursor: Any) -> list[str]:
    return [f"{name} reads the area from outside" for (name,) in _rows(cursor, OUTSIDE)]
