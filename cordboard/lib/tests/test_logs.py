"""What roles write to their logs."""

from __future__ import annotations

import json
import os
import subprocess
import sys

CODE = """
from cordboard.lib import logs
logs.configure()
import logging, structlog
logging.getLogger("plain").warning("said %s", "once")
structlog.get_logger("shaped").info("said", number=2)
card = "4111 1111 1111 1111"
try:
    raise ValueError("wrong")
except ValueError:
    logging.getLogger("plain").exception("failed")
"""


def lines(**environment: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, timeout=30, check=True, env={**os.environ, **environment})
    return done.stderr.splitlines()


def test_a_person_reads_lines() -> None:
    said = lines(CORDBOARD_LOG="")
    assert "said once [plain]" in said[0]
    assert "number=2" in said[1]
    assert said[-1] == "ValueError: wrong"
    assert not any("4111" in line for line in said), "no values of variables in a traceback"


def test_a_program_reads_objects() -> None:
    said = [json.loads(line) for line in lines(CORDBOARD_LOG="json", CORDBOARD_ROLE="front")]
    assert [one["event"] for one in said] == ["said once", "said", "failed"]
    assert {one["role"] for one in said} == {"front"}
    assert said[1]["number"] == 2
    assert "ValueError: wrong" in said[2]["exception"]


def test_the_level_is_chosen_from_outside() -> None:
    assert not any("said number" in line for line in lines(CORDBOARD_LOG_LEVEL="WARNING"))
