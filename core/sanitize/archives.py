"""Zip packages: the directory is judged before anything is unpacked, and a new package is written."""

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Mapping

from core.sanitize.kinds import Code, Refused

MAX_MEMBERS = 2_000
MAX_TOTAL = 100 * 1024 * 1024
MAX_MEMBER = 50 * 1024 * 1024
MAX_RATIO = 200
SMALL = 1024 * 1024  # below this a high ratio is a short repetitive part, not a bomb
_END = b"PK\x05\x06"
_END_SIZE = 22
_UNSAFE_NAME = re.compile(r"^/|^[A-Za-z]:|\\|(?:^|/)\.\.(?:/|$)|[\x00-\x1f]")
_FORBIDDEN_MAGIC = {
    Code.EMBEDDED: (b"PK\x03\x04", b"PK\x05\x06", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"%PDF"),
    Code.SCRIPT: (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"#!"),
}


def read(content: bytes) -> dict[str, bytes]:
    """Every member by name, in the order of the directory. Raises Refused."""
    _check_end(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            _check_directory(package.infolist())
            return {info.filename: package.read(info) for info in package.infolist() if not info.is_dir()}
    except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, OSError, RuntimeError, zlib.error):
        raise Refused(Code.UNREADABLE) from None


def _check_end(content: bytes) -> None:
    """The package ends where its directory ends: nothing hangs on behind, as in a file of two formats."""
    if content[-_END_SIZE : -_END_SIZE + 4] != _END:
        raise Refused(Code.UNREADABLE)
    if int.from_bytes(content[-_END_SIZE + 10 : -_END_SIZE + 12], "little") > MAX_MEMBERS:
        raise Refused(Code.ARCHIVE)


def _check_directory(members: list[zipfile.ZipInfo]) -> None:
    names = [member.filename.lower() for member in members]
    if len(members) > MAX_MEMBERS or len(set(names)) < len(names):
        raise Refused(Code.ARCHIVE)
    if sum(member.file_size for member in members) > MAX_TOTAL:
        raise Refused(Code.ARCHIVE)
    for member in members:
        _check_member(member)


def _check_member(member: zipfile.ZipInfo) -> None:
    if member.flag_bits & 1:
        raise Refused(Code.PASSWORD)
    mode = member.external_attr >> 16
    odd = mode and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or not stat.S_IFMT(mode))
    # orig_filename: zipfile itself cuts a name at its first NUL
    if odd or _UNSAFE_NAME.search(member.orig_filename) or len(member.filename) > 255:
        raise Refused(Code.ARCHIVE)
    is_bomb = member.file_size > SMALL and member.file_size > MAX_RATIO * max(member.compress_size, 1)
    if member.file_size > MAX_MEMBER or is_bomb:
        raise Refused(Code.ARCHIVE)
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused(Code.ARCHIVE)


def refuse_foreign(members: Mapping[str, bytes]) -> None:
    """No package, program or old Office file inside: they would reach the reader unchecked."""
    for content in members.values():
        for code, magics in _FORBIDDEN_MAGIC.items():
            if content.startswith(magics):
                raise Refused(code)


def write(members: Mapping[str, bytes], stored: str = "") -> bytes:
    """A new package: no dates, owners, comments or extra fields of the old one. `stored` stays uncompressed."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)  # dated 1980, as the format begins
            info.compress_type = zipfile.ZIP_STORED if name == stored else zipfile.ZIP_DEFLATED
            package.writestr(info, content)
    return buffer.getvalue()
