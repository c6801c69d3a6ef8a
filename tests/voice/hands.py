"""Hands on a running centre: a process of its own with Django set up against the centre's database, that does what a test asks, act by act.

It stands for the people: what their browsers would post to a Django process is done by the same actions, in another process than the switch's.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import os
import subprocess
import sys
import threading
import traceback
from typing import Any

from cordboard.lib.testing.centre import Centre


class Hands:
    """`do("expression", name=value)` evaluates Python in that process; results and arguments are JSON."""

    def __init__(self, centre: Centre) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.voice.hands"], env=centre.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def do(self, code: str, **names: Any) -> Any:
        with self._lock:
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.write(json.dumps({"code": code, "names": names}) + "\n")
            self._process.stdin.flush()
            answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise AssertionError(answer["error"])
        return answer["value"]

    def close(self) -> None:
        with contextlib.suppress(OSError):
            assert self._process.stdin is not None
            self._process.stdin.close()
        self._process.wait(10)


def _value(result: Any) -> Any:
    if hasattr(result, "as_json"):
        return result.as_json()
    if hasattr(result, "pk"):
        return result.pk
    return result


def _run(code: str, names: dict[str, Any], world: dict[str, Any]) -> Any:
    """The value of the last line, if it is an expression."""
    tree = ast.parse(code.strip())
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    scope = {**world, **names}
    exec(compile(tree, "test", "exec"), scope)
    return _value(eval(compile(ast.Expression(last.value), "test", "eval"), scope)) if last is not None else None  # type: ignore[attr-defined]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cordboard.settings")
    import django

    django.setup()
    from django.apps import apps
    from django.db import close_old_connections, connection

    from cordboard.channels.voice import actions as voice
    from cordboard.events.models import Event, Presence
    from cordboard.interactions import actions as interactions
    from cordboard.org.tests.people import person
    from cordboard.routing import actions as routing
    from cordboard.routing import actions_outbound

    world: dict[str, Any] = {model.__name__: model for model in apps.get_models()}
    world |= {"Event": Event, "Presence": Presence, "routing": routing, "interactions": interactions, "voice": voice, "person": person}
    world["actions_outbound"] = actions_outbound
    out = sys.stdout
    for line in sys.stdin:
        asked = json.loads(line)
        close_old_connections()
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                answer = {"value": _run(asked["code"], asked["names"], world)}
        except Exception:  # noqa: BLE001  whatever it is, the test is to see it
            answer = {"error": traceback.format_exc()}
            connection.close()
        out.write(json.dumps(answer, default=str) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
