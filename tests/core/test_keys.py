"""One contract for every key provider. SoftHSM2 stands for a hardware module: the same interface, for real."""

import os
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from core.keys import KeyProvider, KeyRefused, KeysUnavailable, Wrapped
from core.keys.files import FileKeyProvider
from core.keys.pkcs11 import Pkcs11KeyProvider
from core.testing import record_proof

MODULES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/*/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
)
AAD = b"sealed|record_key|7|identity|CR|1"
KEY = bytes(range(32))
PIN = "483920"


def softhsm() -> str | None:
    found = (path for pattern in MODULES for path in sorted(Path("/").glob(pattern.lstrip("/"))))
    return next(map(str, found), None)


PROVIDERS = ["file", *(["pkcs11"] if softhsm() and shutil.which("softhsm2-util") else [])]


@pytest.fixture(scope="session")
def token(tmp_path_factory: Any) -> dict[str, str]:
    """A token of our own: SOFTHSM2_CONF is read once, when the library is loaded."""
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "conf").write_text(f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "conf")
    argv = ["softhsm2-util", "--init-token", "--free", "--label", "portal", "--pin", PIN, "--so-pin", "59205821"]
    subprocess.run(argv, check=True, capture_output=True)
    pin = folder / "pin"
    pin.touch(mode=0o600)
    pin.write_text(PIN)
    return {"module": str(softhsm()), "token": "portal", "pin_file": str(pin)}


def make(kind: str, request: Any, tmp_path: Path) -> KeyProvider:
    if kind == "file":
        (tmp_path / "keys").mkdir()
        return FileKeyProvider(tmp_path / "keys")
    return Pkcs11KeyProvider(**request.getfixturevalue("token"))


@pytest.fixture(params=PROVIDERS)
def provider(request: Any, tmp_path: Path) -> KeyProvider:
    return make(request.param, request, tmp_path)


@pytest.fixture
def state() -> str:
    """Another for each test: a token keeps its keys."""
    return "".join(secrets.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(2))


# --- the contract -----------------------------------------------------------------------------------


def opens_what_it_wrapped(provider: KeyProvider, state: str) -> None:
    assert provider.rotate(state, "identity") == provider.newest(state, "identity")
    wrapped = provider.wrap(state, "identity", KEY, AAD)
    assert provider.unwrap(state, "identity", wrapped, AAD) == KEY
    assert len(wrapped.body) == 60
    assert KEY not in wrapped.body


def wraps_anew_each_time(provider: KeyProvider, state: str) -> None:
    provider.rotate(state, "identity")
    assert len({provider.wrap(state, "identity", KEY, AAD).body for _ in range(20)}) == 20


def refuses_another_address(provider: KeyProvider, state: str) -> None:
    provider.rotate(state, "identity")
    wrapped = provider.wrap(state, "identity", KEY, AAD)
    for other in (b"", AAD + b"0", AAD.replace(b"CR", b"GT")):
        with pytest.raises(KeyRefused):
            provider.unwrap(state, "identity", wrapped, other)


def refuses_another_purpose_and_state(provider: KeyProvider, state: str) -> None:
    provider.rotate(state, "identity")
    provider.rotate(state, "narrative")
    wrapped = provider.wrap(state, "identity", KEY, AAD)
    for other in ((state, "narrative"), (state, "quasi"), ("ZZ" if state != "ZZ" else "YY", "identity")):
        with pytest.raises(KeyRefused):
            provider.unwrap(*other, wrapped, AAD)


def refuses_what_was_changed(provider: KeyProvider, state: str) -> None:
    provider.rotate(state, "identity")
    wrapped = provider.wrap(state, "identity", KEY, AAD)
    for place in range(60):
        body = bytearray(wrapped.body)
        body[place] ^= 1
        with pytest.raises(KeyRefused):
            provider.unwrap(state, "identity", Wrapped(wrapped.version, bytes(body)), AAD)
    for body in (b"", wrapped.body[:20], wrapped.body + b"0"):
        with pytest.raises(KeyRefused):
            provider.unwrap(state, "identity", Wrapped(wrapped.version, bytes(body)), AAD)
    with pytest.raises(KeyRefused):
        provider.unwrap(state, "identity", Wrapped(wrapped.version + 1, wrapped.body), AAD)


def rotates_and_still_opens(provider: KeyProvider, state: str) -> None:
    first = provider.rotate(state, "quasi")
    old = provider.wrap(state, "quasi", KEY, AAD)
    assert provider.rotate(state, "quasi") == first + 1
    assert provider.wrap(state, "quasi", KEY, AAD).version == first + 1
    assert provider.unwrap(state, "quasi", old, AAD) == KEY


def opens_many_at_once(provider: KeyProvider, state: str) -> None:
    """Of several versions, each at its own address, in the order of the question."""
    wanted = []
    for number in range(6):
        if number % 3 == 0:
            provider.rotate(state, "quasi")
        key, aad = bytes([number]) * 32, AAD + bytes([48 + number])
        wanted.append((key, provider.wrap(state, "quasi", key, aad), aad))
    opened = provider.unwrap_all(state, "quasi", ((wrapped, aad) for _key, wrapped, aad in wanted))
    assert opened == [key for key, _wrapped, _aad in wanted]
    assert provider.unwrap_all(state, "quasi", []) == []


def refuses_many_for_one_that_was_moved(provider: KeyProvider, state: str) -> None:
    provider.rotate(state, "quasi")
    wrapped = [(provider.wrap(state, "quasi", KEY, AAD), AAD) for _ in range(4)]
    wrapped[2] = (wrapped[2][0], AAD + b"0")
    with pytest.raises(KeyRefused):
        provider.unwrap_all(state, "quasi", wrapped)


def refuses_a_key_that_is_not_there(provider: KeyProvider, state: str) -> None:
    with pytest.raises(KeyRefused):
        provider.newest(state, "narrative")
    with pytest.raises(KeyRefused):
        provider.wrap(state, "narrative", KEY, AAD)
    with pytest.raises(KeyRefused):
        provider.index(state, "name", b"text")


def indexes_by_state_and_name(provider: KeyProvider, state: str) -> None:
    other = "ZZ" if state != "ZZ" else "YY"
    for each in (state, other):
        provider.rotate(each, "index")
    tokens = [
        provider.index(state, "document", b"CR 1-0001"),
        provider.index(state, "document", b"CR 1-0002"),
        provider.index(state, "name", b"CR 1-0001"),
        provider.index(other, "document", b"CR 1-0001"),
    ]
    assert tokens[0] == provider.index(state, "document", b"CR 1-0001")
    assert len(set(tokens)) == 4
    assert {len(token) for token in tokens} == {8}


def is_healthy(provider: KeyProvider, state: str) -> None:
    assert provider.is_healthy()


CONTRACT = (
    opens_what_it_wrapped,
    wraps_anew_each_time,
    refuses_another_address,
    refuses_another_purpose_and_state,
    refuses_what_was_changed,
    rotates_and_still_opens,
    opens_many_at_once,
    refuses_many_for_one_that_was_moved,
    refuses_a_key_that_is_not_there,
    indexes_by_state_and_name,
    is_healthy,
)


@pytest.mark.parametrize("clause", CONTRACT, ids=lambda clause: clause.__name__)
def test_contract(provider: KeyProvider, state: str, clause: Any) -> None:
    clause(provider, state)


def test_contract_of_all_providers_is_counted(request: Any, tmp_path: Path, state: str) -> None:
    failed = 0
    for kind in PROVIDERS:
        (folder := tmp_path / kind).mkdir()
        for number, clause in enumerate(CONTRACT):
            fresh = f"{state[0]}{chr(65 + number)}"
            try:
                (folder / str(number)).mkdir()
                clause(make(kind, request, folder / str(number)), fresh)
            except AssertionError:
                failed += 1
    record_proof("key_providers", contracts=len(CONTRACT) * len(PROVIDERS), failed=failed, providers=PROVIDERS)
    assert failed == 0


# --- what is each provider's own ----------------------------------------------------------------------


def test_a_file_that_others_may_read_is_no_key(tmp_path: Path) -> None:
    provider = FileKeyProvider(tmp_path)
    provider.rotate("CR", "identity")
    (path,) = tmp_path.glob("*/*")
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    with pytest.raises(KeysUnavailable):
        provider.wrap("CR", "identity", KEY, AAD)


def test_a_state_that_is_a_path_is_no_state(tmp_path: Path) -> None:
    with pytest.raises(KeyRefused):
        FileKeyProvider(tmp_path).rotate("..", "identity")


def test_a_folder_that_went_away_comes_back_without_a_restart(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    provider = FileKeyProvider(folder)
    provider.rotate("CR", "identity")
    wrapped = provider.wrap("CR", "identity", KEY, AAD)
    folder.rename(tmp_path / "away")
    with pytest.raises(KeysUnavailable):
        provider.unwrap("CR", "identity", wrapped, AAD)
    (tmp_path / "away").rename(folder)
    assert provider.unwrap("CR", "identity", wrapped, AAD) == KEY


@pytest.mark.parametrize("kind", [kind for kind in PROVIDERS if kind == "pkcs11"])
def test_keys_of_a_module_do_not_come_out(kind: str, request: Any, tmp_path: Path, state: str) -> None:
    import pkcs11

    provider = make(kind, request, tmp_path)
    provider.rotate(state, "identity")
    found = provider._find(provider._opened(), state, "identity", 1)  # type: ignore[attr-defined]
    with pytest.raises(pkcs11.exceptions.AttributeSensitive):
        found[pkcs11.Attribute.VALUE]
    assert (found[pkcs11.Attribute.EXTRACTABLE], found[pkcs11.Attribute.SENSITIVE]) == (False, True)


@pytest.mark.parametrize("kind", [kind for kind in PROVIDERS if kind == "pkcs11"])
def test_a_module_that_does_not_answer_closes_the_area(kind: str, request: Any) -> None:
    provider = Pkcs11KeyProvider(**{**request.getfixturevalue("token"), "token": "no such token"})
    assert not provider.is_healthy()
    with pytest.raises(KeysUnavailable):
        provider.newest("CR", "identity")
