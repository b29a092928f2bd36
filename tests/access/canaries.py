"""A canary is "CNRY-<family>-<field>": policy.MAY_READ says who may ever receive one of a family."""

NEVER = "00000000-0000-4000-8000-000000000000"


def canary(family: str, what: str) -> str:
    return f"CNRY-{family}-{what}"
