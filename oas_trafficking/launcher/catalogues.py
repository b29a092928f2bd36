"""Message catalogues without gettext on the machine. Run inside .venv, because it needs polib.

`compile FILE…` writes the .mo beside each .po; `check OLD NEW` says whether two trees hold the same messages."""

import sys
from pathlib import Path

import polib

Key = tuple[str, str, str]


def compile_catalogues(paths: list[str]) -> int:
    for path in paths:
        catalogue = polib.pofile(path, check_for_duplicates=True)
        catalogue.save_as_mofile(str(Path(path).with_suffix(".mo")))
    return 0


def messages(path: Path) -> set[Key]:
    return {
        (entry.msgctxt or "", entry.msgid, entry.msgid_plural) for entry in polib.pofile(path) if not entry.obsolete
    }


def check(old: Path, new: Path) -> int:
    """Compare what makemessages finds now with what is committed; places in the source do not count."""
    faults = 0
    for path in sorted(new.glob("locale/*/LC_MESSAGES/*.po")):
        name = path.relative_to(new)
        before, now = messages(old / name), messages(path)
        for sign, keys in (("new", now - before), ("gone", before - now)):
            for key in sorted(keys):
                print(f"{name}: {sign}: {key[1]!r}")
                faults += 1
        for entry in polib.pofile(path):
            if not entry.obsolete and not entry.translated():
                print(f"{name}: not translated: {entry.msgid!r}")
                faults += 1
    return min(faults, 1)


if __name__ == "__main__":
    verb, *arguments = sys.argv[1:]
    sys.exit(compile_catalogues(arguments) if verb == "compile" else check(*map(Path, arguments)))
