"""The answers of a run in words: each question as it was put, and what was answered to it as people call it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cordboard.flows import leafing
from cordboard.flows.engine import Flow, Run


@dataclass(frozen=True, slots=True)
class InWords:
    """`title` is what the designer calls the question, "" where it has no title; `answer` is "" for one that was left out."""

    step: str
    title: str
    question: str
    answer: str


def in_words(flow: Flow, state: Mapping[str, Any], now: datetime, language: str = "") -> list[InWords]:
    """What was asked and answered on the way to where the run stands, in this language where the script has it, else in the run's."""
    run = Run(flow, dict(state), now)
    found = []
    for name, value in leafing.answers(flow, state):
        step = flow.steps.get(name)
        if step is None:
            continue
        said = run.words(step.get("texts") or {}, first=language)
        question = " ".join(said[0].text.split()) if said else name
        found.append(InWords(name, str(step.get("title") or ""), question, _said(run, step, value, language)))
    return found


def _said(run: Run, step: Mapping[str, Any], value: Any, language: str) -> str:
    labels = {}
    for choice in step.get("choices") or ():
        words = run.words(choice["texts"], first=language) if choice.get("texts") else ()
        labels[str(choice.get("value"))] = words[0].text if words else str(choice.get("value"))
    given = value if isinstance(value, list) else [value]
    return ", ".join(labels.get(str(one), str(one)) for one in given if one not in ("", None))
