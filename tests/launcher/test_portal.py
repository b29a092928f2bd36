"""The shell script and the sentences it and the launcher say before anything is set up."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from oas_trafficking.launcher import cli, setup
from oas_trafficking.launcher.console import LaunchError
from oas_trafficking.launcher.stack import free_port, refuse_used_port

ROOT = Path(__file__).resolve().parents[2]


def portal(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PORTAL_PYTHON": sys.executable, **environment}
    return subprocess.run([ROOT / "portal", *arguments], env=env, capture_output=True, text=True, check=False)


def test_help_names_every_command():
    done = portal("--help")
    assert done.returncode == 0
    assert [name for name in cli.COMMANDS if f"\n  {name} " not in done.stdout] == []


def test_unknown_command_shows_the_help_and_fails():
    assert portal("fly").returncode == 2


def test_it_starts_from_any_folder(tmp_path):
    done = subprocess.run([ROOT / "portal", "--help"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("version", "sentence"),
    [("3.9", "Python 3.11 or newer is needed and this machine has 3.9"), (None, "and none was found")],
)
def test_too_old_or_no_python_is_said_in_one_sentence(tmp_path, version, sentence):
    python = tmp_path / "old-python"
    if version:
        python.write_text(f'#!/bin/sh\ncase "$2" in *print*) echo {version} ;; *) exit 1 ;; esac\n')
        python.chmod(0o755)
    done = portal("up", PORTAL_PYTHON=str(python))
    assert done.returncode == 1
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1


def test_python_without_venv_is_told_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(setup, "VENV", tmp_path / "venv")
    monkeypatch.setattr(setup, "PYTHON", tmp_path / "venv" / "bin" / "python")
    monkeypatch.setattr(setup.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(LaunchError, match="install python3-venv"):
        setup.make_venv()


def test_an_environment_elsewhere_is_not_emptied(monkeypatch, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    kept = tmp_path / "elsewhere" / "kept"
    kept.touch()
    (tmp_path / "venv").symlink_to(tmp_path / "elsewhere")
    monkeypatch.setattr(setup, "VENV", tmp_path / "venv")
    monkeypatch.setattr(setup, "PYTHON", tmp_path / "venv" / "bin" / "python")
    with pytest.raises(LaunchError, match="Remove the link"):
        setup.make_venv()
    assert kept.exists()


def test_full_disk_is_said_before_anything_is_written(monkeypatch, tmp_path):
    monkeypatch.setattr(setup, "VENV", tmp_path / "venv")
    monkeypatch.setattr(setup, "PYTHON", tmp_path / "venv" / "bin" / "python")
    monkeypatch.setattr(setup, "FREE_MEGABYTES_NEEDED", 10**12)
    with pytest.raises(LaunchError, match="The disk is too full"):
        setup.make_venv()
    assert list(tmp_path.iterdir()) == []


def test_used_port_is_refused():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(LaunchError, match=f"Port {port} is in use"):
            refuse_used_port(port)
    refuse_used_port(free_port())


@pytest.mark.full
@pytest.mark.timeout(600)
def test_the_main_job_on_debians_postgresql():
    """The fallback where no wheel fits the machine; PORTAL_TEST_PG_BIN names another folder than Debian 12's."""
    done = portal("smoke", PORTAL_PG_BIN=os.environ.get("PORTAL_TEST_PG_BIN", "/usr/lib/postgresql/15/bin"))
    assert done.returncode == 0, done.stdout + done.stderr
