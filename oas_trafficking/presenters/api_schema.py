"""The description of the API: what every operation answers besides, and the page that shows it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

PROBLEM = {
    "type": "object",
    "description": "A refusal, by RFC 9457.",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {}},
    },
    "required": ["type", "title", "status", "detail", "errors"],
}
METHODS = ("get", "post", "put", "patch", "delete")
IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 200},
    "description": "A word of your own. The same request under the same word acts once: 303 leads to its result.",
}


def describe_refusals(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Each operation may be refused, and each list or object be unchanged."""
    schemas = result["components"].setdefault("schemas", {})
    schemas["Problem"] = PROBLEM
    _leave_out_unsent(schemas)
    refusal = {
        "description": "Refused",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for _path, method, operation in _operations(result):
        operation["responses"]["4XX"] = refusal
        if method == "get":
            operation["responses"]["304"] = {"description": "Unchanged"}
        if method == "post":
            operation["responses"]["303"] = {"description": "Done before"}
            operation.setdefault("parameters", []).append(IDEMPOTENCY)
    return result


def _leave_out_unsent(schemas: dict[str, Any]) -> None:
    """A generated client sends what has a default: sent with a change, a blank would wipe out what stands."""
    for name, schema in schemas.items():
        if name.startswith("Patched"):
            for part in schema["properties"].values():
                part.pop("default", None)


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in schema["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


@dataclass(frozen=True)
class Operation:
    """A line of the page."""

    method: str
    path: str
    words: str
    needs_key: bool
    parameters: list[str]


@dataclass(frozen=True)
class Group:
    title: str
    operations: list[Operation]


def groups(schema: dict[str, Any]) -> list[Group]:
    """Operations under the first word of their address, those that anybody may ask first."""
    found: dict[str, list[Operation]] = {}
    for path, method, operation in _operations(schema):
        names = [p["name"] for p in operation.get("parameters", []) if p["in"] == "query"]
        words = " ".join(operation.get("description", "").split())
        line = Operation(method.upper(), path, words, bool(operation.get("security")), names)
        found.setdefault(path.split("/")[3], []).append(line)
    ordered = sorted(found.items(), key=lambda pair: (pair[1][0].needs_key, pair[0]))
    return [Group(title, lines) for title, lines in ordered]
