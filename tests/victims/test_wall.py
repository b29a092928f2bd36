"""The wall as attackers with SQL find it: every login, every context, every kind of statement, every table."""

import io
import re
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from core.testing import record_proof
from tests.conftest import owner_cursor
from tests.victims.catalogue import BEGINS, findings, objects
from tests.victims.raw import LOGINS, contexts, login, tables

pytestmark = pytest.mark.django_db(databases=["default", "sealed", "keys"])

ROLES = ("none", "oas_sealed", "oas_sealed_door", "oas_sealed_owner", "oas_owner")


def statements(table: str) -> Iterator[tuple[str, str]]:
    """(kind, SQL). Whatever can tell the State of a row returns it."""
    for kind, sql in _statements(table):
        yield kind, re.sub(r"\bstate\b(?!\()", BEGINS.get(table, "state"), sql)


def _statements(table: str) -> Iterator[tuple[str, str]]:
    yield "select", f"SELECT state FROM {table}"
    yield "lock rows", f"SELECT state FROM {table} FOR UPDATE"
    yield "count", f"SELECT 'any' FROM {table} LIMIT 1"
    yield "explain", f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF) SELECT state FROM {table}"
    moved = '(jsonb_populate_record(x, \'{"state": "GT"}\')).*'
    yield "insert", f"INSERT INTO {table} SELECT {moved} FROM {table} x RETURNING state"
    yield "update", f"UPDATE {table} SET state = state RETURNING state"
    yield "move", f"UPDATE {table} SET state = 'GT' RETURNING state"
    yield "change", f"UPDATE {table} SET {CHANGES.get(table, 'changed = changed')} RETURNING state"
    yield "delete", f"DELETE FROM {table} RETURNING state"
    yield "truncate", f"TRUNCATE {table} CASCADE"
    yield "lock", f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"
    yield "disable", f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY"
    yield "copy out", f"COPY {table} TO STDOUT"
    yield "copy in", f"COPY {table} FROM STDIN"
    yield "stranger's function", f"SELECT state FROM {table} WHERE ctx.claim(1) IS NOT NULL"
    yield "row security off", f"SET LOCAL row_security = off; SELECT state FROM {table}"
    yield "claim again", f"SELECT set_config('app.ctx', 'GT|x||9999999999|{'0' * 64}', true); SELECT state FROM {table}"
    yield "leave the role", f"RESET ROLE; SELECT state FROM {table}"


UNSIGNED = """CREATE OR REPLACE FUNCTION ctx.state() RETURNS text LANGUAGE sql
    AS 'SELECT substr(current_setting(''app.ctx''), 1, 2)'"""
CHANGES = {
    "sealed.consent": "withdrawn_at = withdrawn_at",
    "sealed.team": "until = until",
    "keys.record_key": "wrapped = wrapped",
    "sealed.referral": "stage = stage",
    "sealed.alert": "outcome = outcome",
    "sealed.search_token": "token = NULL",
    "sealed.retention_rule": "years = years",
    "sealed.disposal": "stage = stage",
    "sealed.legal_hold": "lifted_by = lifted_by",
    "sealed.tombstone": "code = code",
    "ctx.signing_key": "inner_pad = inner_pad",
}
WRITES = {"insert", "update", "move", "change", "delete", "copy in"}
NEVER = {"truncate", "lock", "disable", "move", "delete", "copy in"}


def attempt(cursor: Any, kind: str, sql: str, own: str | None) -> tuple[bool, int]:
    """(refused, rows that were not the caller's to see or change)."""
    cursor.execute("SAVEPOINT attempt")
    try:
        if kind.startswith("copy"):
            seen = io.StringIO("GT\n" if kind == "copy in" else "")
            cursor.copy_expert(sql, seen)
            states = [line.split("\t")[0] for line in seen.getvalue().splitlines()]
        else:
            cursor.execute(sql)
            states = [row[0] for row in cursor.fetchall()] if cursor.description else []
    except psycopg2.Error:
        cursor.execute("ROLLBACK TO SAVEPOINT attempt")
        return True, 0
    cursor.execute("ROLLBACK TO SAVEPOINT attempt")
    if kind == "explain":
        return False, _rows_beyond(cursor, sql, states)
    return False, sum(state != own for state in states if not (state == "any" and own))


def _rows_beyond(cursor: Any, sql: str, plan: list[str]) -> int:
    """How many rows the plan tells of that a plain reading does not give."""
    told = re.search(r"actual rows=([\d.]+)", plan[0])
    cursor.execute(sql.partition(") ")[2])
    return max(0, int(float(told[1])) - len(cursor.fetchall())) if told else 0


def outcomes(name: str, context: str, role: str) -> Iterator[tuple[str, str, bool, int]]:
    with login(name) as raw, raw.cursor() as cursor:
        text = contexts(cursor)[context]
        if role != "none":
            cursor.execute("SAVEPOINT role")
            try:
                cursor.execute(f"SET LOCAL ROLE {role}")
            except psycopg2.errors.InsufficientPrivilege:
                cursor.execute("ROLLBACK TO SAVEPOINT role")
        if text is not None:
            cursor.execute("SELECT set_config('app.ctx', %s, true)", [text])
        for table in tables():
            for kind, sql in statements(table):
                yield table, kind, *attempt(cursor, kind, sql, "CR" if context == "own" else None)
        raw.rollback()


def test_no_login_sees_or_changes_a_foreign_row(two_states: Any) -> None:
    attempts = foreign = refused = 0
    found: list[str] = []
    with login("oas_case") as raw, raw.cursor() as cursor:
        kinds = list(contexts(cursor))
    for name in LOGINS:
        for context in kinds:
            for role in ROLES:
                for table, kind, was_refused, rows in outcomes(name, context, role):
                    attempts, foreign, refused = attempts + 1, foreign + rows, refused + was_refused
                    if rows or (kind in NEVER and not was_refused):
                        found.append(f"{name} {context} {role} {kind} {table}: {rows}")
    assert found == []
    record_proof("raw_sql", attempts=attempts, foreign=foreign, refused=refused)


def test_the_attempts_reach_what_is_theirs(two_states: Any) -> None:
    """Or the test above would prove nothing: with the right context one's own five cases are there, and no more."""
    seen = {
        (table, kind)
        for table, kind, was_refused, _rows in outcomes("oas_case", "own", "oas_sealed")
        if not was_refused and table != "ctx.signing_key"
    }
    assert {kind for table, kind in seen if table == "sealed.case_file"} == {
        "select", "lock rows", "count", "explain", "change", "copy out", "stranger's function", "claim again",
    }  # fmt: skip
    with login("oas_case") as raw, raw.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE oas_sealed")
        cursor.execute("SELECT set_config('app.ctx', %s, true)", [contexts(cursor)["own"]])
        cursor.execute("SELECT state, count(*) FROM sealed.case_file GROUP BY state")
        assert cursor.fetchall() == [("CR", 5)]


@pytest.mark.parametrize(
    "defect",
    [
        "ALTER TABLE sealed.case_file DISABLE ROW LEVEL SECURITY",
        "DROP POLICY guard ON sealed.case_file; CREATE POLICY careless ON sealed.case_file USING (true)",
        UNSIGNED,
    ],
)
def test_a_planted_defect_is_seen(two_states: Any, defect: str) -> None:
    """In the attacker's own transaction, so that nothing has to be mended."""
    own = contexts_seen(defect)
    assert sum(own.values()) > 0


def contexts_seen(defect: str) -> dict[str, int]:
    """Foreign rows that each context shows to somebody who holds the rights of the working role."""
    probe = "CREATE POLICY probe ON sealed.case_file TO oas_sealed_owner USING (state = (SELECT ctx.state()))"
    sql = dict(statements("sealed.case_file"))["select"]
    seen = {}
    for context in ("own", "foreign", "forged"):
        with owner_cursor() as cursor:
            text = contexts(cursor)[context]
            cursor.execute(f"BEGIN; SET LOCAL ROLE oas_sealed_owner; {defect}; {probe}")
            cursor.execute("SELECT set_config('app.ctx', %s, true)", [text])
            seen[context] = attempt(cursor, "select", sql, "CR" if context == "own" else None)[1]
            cursor.execute("ROLLBACK")
    return seen


def test_a_careless_policy_opens_nothing(two_states: Any) -> None:
    """The restrictive guard holds where somebody adds USING (true)."""
    assert contexts_seen("CREATE POLICY careless ON sealed.case_file USING (true)") == {
        "own": 0, "foreign": 0, "forged": 0,
    }  # fmt: skip


def test_the_catalogue_has_no_finding() -> None:
    found = findings()
    record_proof("sealed_catalogue", objects=objects(), findings=len(found))
    assert found == []


CATALOGUE_DEFECTS = {
    "no row security": "ALTER TABLE sealed.identity DISABLE ROW LEVEL SECURITY",
    "not forced": "ALTER TABLE sealed.identity NO FORCE ROW LEVEL SECURITY",
    "no guard": "DROP POLICY guard ON sealed.identity",
    "a permissive guard": "DROP POLICY guard ON sealed.identity;"
    " CREATE POLICY guard ON sealed.identity USING (state = (SELECT ctx.state()))",
    "an open policy": "CREATE POLICY careless ON sealed.identity USING (true)",
    "delete granted": "GRANT DELETE ON sealed.identity TO oas_sealed",
    "truncate granted": "GRANT TRUNCATE ON sealed.identity TO oas_sealed",
    "whole update granted": "GRANT UPDATE ON sealed.identity TO oas_sealed",
    "granted to the open login": "GRANT SELECT ON sealed.identity TO oas_app",
    "granted to all": "GRANT SELECT ON sealed.identity TO PUBLIC",
    "a view": "CREATE VIEW sealed.all_cases AS SELECT * FROM sealed.case_file",
    "a materialized view": "CREATE MATERIALIZED VIEW sealed.copy AS SELECT * FROM sealed.case_file",
    "a definer function": "CREATE FUNCTION sealed.peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER"
    " AS 'SELECT count(*) FROM sealed.case_file'",
    "a table without policies": "CREATE TABLE sealed.scratch (state text, note text)",
    "a key that does not begin with the State": "CREATE TABLE sealed.loose (id uuid PRIMARY KEY, state text NOT NULL);"
    " ALTER TABLE sealed.loose ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;"
    " CREATE POLICY home ON sealed.loose TO oas_sealed USING (state = (SELECT ctx.state()));"
    " CREATE POLICY guard ON sealed.loose AS RESTRICTIVE TO public USING (state = (SELECT ctx.state()))",
    "the signing key granted": "GRANT SELECT ON ctx.signing_key TO oas_sealed",
    "the claim open to all": "GRANT EXECUTE ON FUNCTION ctx.claim(int) TO PUBLIC",
}


@pytest.mark.parametrize("name", CATALOGUE_DEFECTS)
def test_a_defect_of_the_catalogue_is_found(name: str) -> None:
    with owner_cursor() as cursor:
        cursor.execute("BEGIN; SET LOCAL ROLE oas_sealed_owner")
        cursor.execute(CATALOGUE_DEFECTS[name])
        found = findings(cursor)
        cursor.execute("ROLLBACK")
    assert found != []
