"""The `cordboard` command itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cordboard.lib.config import load
from cordboard.serve.roles import GROUPS, roles


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    import os

    return subprocess.run(
        [sys.executable, "-m", "cordboard", *arguments], capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **environment}
    )


def test_help_names_every_command() -> None:
    said = run("--help").stdout
    for command in ("serve", "migrate", "demo", "call", "doctor", "backup", "restore"):
        assert f"    {command} " in said


def test_the_supervisor_and_the_front_know_no_django() -> None:
    code = "import sys, cordboard.cli, cordboard.serve.command, cordboard.front.app, cordboard.front.__main__; print(sorted(name for name in sys.modules if name.split('.')[0] == 'django'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("serve", "--tls", "one"), "a certificate and a key, or the word auto"),
        (("serve", "--tls", "/no/cert", "/no/key"), "There is no file /no/cert"),
        (("serve", "--role", "kitchen"), "invalid choice"),
        (("serve", "--host", "192.0.2.1"), "Port"),
        (("restore", "/no/such/file.tar"), "There is no file"),
    ],
)
def test_mistakes_are_said_in_a_sentence(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    done = run(*arguments, CORDBOARD_DATA=str(tmp_path / "d"), CORDBOARD_RUN=str(tmp_path / "r"))
    assert done.returncode in (1, 2)
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_run_folder_that_is_too_long_is_said_with_the_way_out(tmp_path: Path) -> None:
    done = run("serve", CORDBOARD_DATA=str(tmp_path / "d"), CORDBOARD_RUN=str(tmp_path / ("r" * 100)))
    assert done.returncode == 2
    assert "CORDBOARD_RUN" in done.stderr


def test_every_role_has_something_to_run() -> None:
    config = load()
    found = {role.kind for role in roles("all", config)}
    assert found == set(GROUPS["all"])
    assert [role.name for role in roles("voice", config)] == [*(f"media-{n}" for n in range(config.media_processes)), "switch"]
