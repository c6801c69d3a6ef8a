"""A process that is stopped politely: how long it waits, and what it tells."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from cordboard.lib import draining
from cordboard.lib.draining import Drain, notes


def test_it_ends_when_the_last_call_does(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    calls = [2, 2, 1, 1, 0]
    cut: list[int] = []
    seen: list[int] = []

    def left() -> int:
        seen.extend(note.calls for note in notes(tmp_path))
        return calls.pop(0)

    async def over(left: int) -> None:
        cut.append(left)

    with caplog.at_level("INFO"):
        asyncio.run(Drain(tmp_path, "switch", 60.0, left, over).run())
    assert (calls, cut) == ([], [])
    assert seen == [2, 2, 1, 1]
    assert notes(tmp_path) == []
    assert "takes no new calls; 2 left" in caplog.text
    assert "the last call is over" in caplog.text


def test_what_is_left_at_the_end_of_the_time_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cut: list[int] = []

    async def over(left: int) -> None:
        cut.append(left)

    asyncio.run(Drain(tmp_path, "media-0", 0.3, lambda: 3, over).run())
    assert cut == [3]
    assert "3 are left" in caplog.text
    assert notes(tmp_path) == []


def test_a_full_disk_does_not_keep_it_from_draining(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "draining").write_text("no folder")
    calls = [1, 0]

    async def over(left: int) -> None:
        raise AssertionError("nobody is cut off")

    asyncio.run(Drain(tmp_path, "switch", 60.0, lambda: calls.pop(0), over).run())
    assert "cannot be noted" in caplog.text


def test_notes_of_the_dead_are_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "draining"
    folder.mkdir()
    (folder / "switch.json").write_text('{"role": "switch", "pid": 4194305, "calls": 1, "since": 0, "until": 1}')
    (folder / "media-0.json").write_text("half a li")
    assert notes(tmp_path) == []
    assert draining.BEGINS.startswith("CORDBOARD_")
