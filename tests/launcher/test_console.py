"""What is done once, and what the person at the keyboard reads when something fails."""

import sys

import pytest

from oas_trafficking.launcher.console import LaunchError, fingerprint, redo, run


def test_work_is_done_again_only_when_its_input_changed(tmp_path, capsys):
    source, stamp, done = tmp_path / "source", tmp_path / "stamps" / "source", []
    for text in ("one", "one", "two"):
        source.write_text(text)
        redo(stamp, fingerprint([source]), "Work", lambda text=text: done.append(text))
    assert done == ["one", "two"]
    assert capsys.readouterr().err.count("Work") == 2


def test_work_that_failed_is_done_again(tmp_path):
    stamp = tmp_path / "stamp"
    with pytest.raises(ZeroDivisionError):
        redo(stamp, "value", "Work", lambda: 1 / 0)
    assert not stamp.exists()


def test_renamed_file_changes_the_fingerprint(tmp_path):
    (tmp_path / "a").write_text("same")
    before = fingerprint(tmp_path.iterdir())
    (tmp_path / "a").rename(tmp_path / "b")
    assert fingerprint(tmp_path.iterdir()) != before


@pytest.mark.parametrize(
    ("printed", "sentence"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("npm error code EAI_AGAIN", "There is no network"),
        ("dns error: failed to lookup address information", "There is no network"),
        ("Temporary failure in name resolution", "There is no network"),
        ("hint: foo has no usable wheels", "no ready-made file for this machine"),
    ],
)
def test_known_trouble_is_one_sentence_without_the_tools_own_words(tmp_path, printed, sentence):
    with pytest.raises(LaunchError) as caught:
        fail(tmp_path, printed)
    assert sentence in str(caught.value)
    assert str(caught.value).startswith("It failed. ")
    assert printed not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_unknown_trouble_shows_what_the_tool_printed(tmp_path):
    with pytest.raises(LaunchError, match=r"It failed \(exit code 3\):\n    something odd"):
        fail(tmp_path, "something odd")


def fail(folder, printed):
    code = f"import sys; print({printed!r}, file=sys.stderr); sys.exit(3)"
    run([sys.executable, "-c", code], env={}, cwd=folder, failure="It failed")
