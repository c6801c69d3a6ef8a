"""Replays on the screen: run, and said in figures and sentences.

A report has: contacts, elsewhere, otherwise, changed {what: n}, moves [[from, to, n]], moved_segments [[segment, n, of]], before and after ({all, queues, segments} of
{offered, answered, abandoned, level, abandoned_share, wait}), agents [[name, before, after]], examples [{interaction, at, was, would}], names {queue: name}, and sure {kept, later, unknown,
facts, from_log, from_contacts, real (as before's all, with queues), pace {factor, plain, patience}, unfit, left_out, seconds}.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cordboard.interactions.models import Interaction
from cordboard.interactions.sentences import clock
from cordboard.parties.models import Party
from cordboard.rules import facts as registry
from cordboard.rules.actions_replay import begin_replay, end_replay, progress
from cordboard.rules.areas import replay_of
from cordboard.rules.models import Policy, PolicyReplay

logger = logging.getLogger(__name__)
TELL_EVERY = 0.5
FAR = 5.0
"""Seconds of mean wait by which a queue must be off to be named."""


class Stopped(Exception):
    """Somebody does not want it any more."""


def run(number: int) -> None:
    """Run one replay that was asked for, and keep what it found. Progress is written twice a second."""
    row = begin_replay(number)
    if row is None:
        return
    told = 0.0

    def tell(done: int, of: int) -> None:
        nonlocal told
        if time.monotonic() - told >= TELL_EVERY or done >= of:
            told = time.monotonic()
            if not progress(number, done, of):
                raise Stopped

    counted = replay_of(row.policy.area)
    published = Policy.objects.filter(code=row.policy.code, version=row.against).first() if row.against is not None else None
    try:
        if counted is None:
            raise LookupError(f"nobody replays the area {row.policy.area!r}")
        report = counted(published.body if published is not None else None, row.policy.body, row.begin, row.end, tell)
    except Stopped:
        return
    except Exception:
        end_replay(number, problem="failed")
        logger.exception("replay %d failed", number)
        raise
    end_replay(number, report=report)


def shown(row: PolicyReplay) -> dict[str, Any]:
    """What the panel says of a replay."""
    given: dict[str, Any] = {
        "row": row,
        "going": row.state in (PolicyReplay.State.WAITING, PolicyReplay.State.RUNNING),
        "percent": round(100 * row.done / row.of) if row.of else 0,
        "stale": row.revision != row.policy.revision,
    }
    report = row.report
    if row.state != PolicyReplay.State.DONE or not report:
        return given
    moves = report["moves"]
    return {
        **given,
        "report": report,
        "verdict": _verdict(report),
        "measures": _measures(report),
        "queues": _by(report, "queues", report["names"]),
        "segments": _by(report, "segments", {**dict(Party.Segment.choices), "": _("no segment")}),
        "agents": [
            {"name": name, "before": before, "after": after, "change": f"{after - before:+d}"} for name, before, after in report["agents"] if before != after
        ],
        "moves": [{"from": was, "to": would, "count": count, "most": moves[0][2]} for was, would, count in moves],
        "moved_segments": [(str(dict(Party.Segment.choices).get(segment, _("no segment"))), count, of) for segment, count, of in report["moved_segments"]],
        "changed": _changed(report),
        "examples": examples(report),
        "sure": _sure(report),
    }


def _verdict(report: dict[str, Any]) -> str:
    values = {"n": report["elsewhere"], "rest": report["contacts"] - report["elsewhere"]}
    return (
        ngettext("%(n)s contact would go elsewhere; %(rest)s as before.", "%(n)s contacts would go elsewhere; %(rest)s as before.", report["elsewhere"])
        % values
    )


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _row(name: str, before: float, after: float, words: Any, better: int) -> dict[str, Any]:
    change = after - before
    tone = "" if abs(change) < 1e-9 else "ok" if (change > 0) == (better > 0) else "warn"
    said = {"ok": _("better"), "warn": _("worse"), "": _("the same")}[tone]
    return {"name": name, "before": words(before), "after": words(after), "tone": tone, "said": said}


def _measures(report: dict[str, Any]) -> list[dict[str, Any]]:
    was, would = report["before"]["all"], report["after"]["all"]
    return [
        _row(_("Answered within the target"), was["level"], would["level"], _percent, 1),
        _row(_("Mean wait"), was["wait"], would["wait"], clock, -1),
        _row(_("Abandoned"), was["abandoned_share"], would["abandoned_share"], _percent, -1),
    ]


def _by(report: dict[str, Any], kind: str, names: dict[str, Any]) -> list[dict[str, Any]]:
    """Contacts, wait and service level of each queue or segment, before and after."""
    was, would = report["before"][kind], report["after"][kind]
    none = {"offered": 0, "wait": 0.0, "level": 0.0}
    rows = []
    for code in sorted(was.keys() | would.keys()):
        one, two = was.get(code, none), would.get(code, none)
        rows.append(
            {
                "name": str(names.get(code, code)), "offered": (one["offered"], two["offered"]), "wait": (clock(one["wait"]), clock(two["wait"])),
                "level": (_percent(one["level"]), _percent(two["level"])), "tone": "" if one["wait"] == two["wait"] else "ok" if two["wait"] < one["wait"] else "warn",
            }
        )  # fmt: skip
    return rows


def _changed(report: dict[str, Any]) -> list[str]:
    words = {
        "priority": _("%(n)s with another priority"),
        "target": _("%(n)s with another target"),
        "requirements": _("%(n)s with other skills"),
        "relaxation": _("%(n)s that ask for less sooner or later"),
        "prefer": _("%(n)s with somebody else asked first"),
    }
    return [words[name] % {"n": count} for name, count in report["changed"].items() if count]


def examples(report: dict[str, Any]) -> list[dict[str, Any]]:
    """Contacts that would go elsewhere, with names for those who may see them (the view says whether)."""
    given = report["examples"]
    known = {row.pk: row for row in Interaction.objects.filter(pk__in=[one["interaction"] for one in given]).select_related("subject")}
    made = []
    for one in given:
        row = known.get(one["interaction"])
        made.append(
            {
                "at": datetime.fromisoformat(one["at"]), "name": str(row.subject.name if row and row.subject else (row.from_address if row else "") or _("number withheld")),
                "url": reverse("workbench:why", args=[one["interaction"]]), "was": _side(one["was"]), "would": _side(one["would"]),
            }
        )  # fmt: skip
    return made


def _side(side: dict[str, Any]) -> str:
    values = {"queue": side["queue"], "priority": side["priority"], "wait": clock(side["wait"])}
    if side.get("automated"):
        return _("%(queue)s, an automated service, first") % values
    if side["agent"] is None:
        return _("%(queue)s, priority %(priority)s, hung up after %(wait)s") % values
    return _("%(queue)s, priority %(priority)s, waited %(wait)s") % values


def _sure(report: dict[str, Any]) -> list[str]:
    """How sure it is, in sentences: the facts, the hours, and how well the simulation meets what really happened."""
    sure = report["sure"]
    automated = max(report.get("automated", (0, 0)))
    asked = (sure["kept"] + sure["later"] + sure["unknown"]) or 1
    said = [_("The same contacts, the same agents and the times that were measured. Nobody rejects or misses a call.")]
    if pace := sure.get("pace"):
        said.append(
            _(
                "Who hung up hangs up after the same wait. Who was answered hangs up too if it takes longer: callers of these days had %(patience)s of patience on average."
            )
            % {"patience": clock(pace["patience"])}
        )
    said.append(_("In %(share)s of the decisions all facts were known as they were.") % {"share": _percent(sure["kept"] / asked)})
    names = ", ".join(str(registry.REGISTRY[name].words) if name in registry.REGISTRY else name for name, _count in sure["facts"])
    if sure["later"]:
        said.append(
            _("%(share)s were decided with facts as they are today, because nobody had asked for them then: %(facts)s.")
            % {"share": _percent(sure["later"] / asked), "facts": names}
        )
    if sure["unknown"]:
        said.append(_("In %(share)s a fact could not be known any more, so it counts as not known.") % {"share": _percent(sure["unknown"] / asked)})
    if sure["left_out"]:
        said.append(_("%(n)s further visits of queues by the same contacts are left out.") % {"n": sure["left_out"]})
    if sure["from_contacts"]:
        said.append(
            _("For %(n)s agents nothing says when they were at work, so they count as there from their first to their last contact of a day.")
            % {"n": sure["from_contacts"]}
        )
    if sure.get("unfit"):
        said.append(
            _(
                "%(n)s contacts were really answered by agents who do not have the skills that the version in force asks for. In the simulation they wait for others."
            )
            % {"n": sure["unfit"]}
        )
    if automated:
        said.append(
            _(
                "Nobody knows how many callers an automated service would hand over to a queue: the %(n)s that go to one first are in no queue's figures, and what it settled by itself before is "
                "not among these contacts."
            )
            % {"n": automated}
        )
    return said + _met(report)


def _met(report: dict[str, Any]) -> list[str]:
    """How near the simulation of the version in force comes to what really happened."""
    sure = report["sure"]
    real, before = sure["real"], report["before"]["all"]
    said = []
    pace = sure.get("pace")
    if pace and pace["factor"] != 1:
        said.append(
            _(
                "Agents are simulated as busy for %(share)s of the measured times, since with the measured times the mean wait would be %(plain)s instead of %(real)s."
            )
            % {"share": _percent(pace["factor"]), "plain": clock(pace["plain"]), "real": clock(real["wait"])}
        )
    said.append(
        _(
            "Really the mean wait was %(wait)s, %(real)s were answered within the target and %(gone)s hung up; simulated with the version in force it is %(wait_too)s, %(simulated)s and "
            "%(gone_too)s. Differences smaller than the gap between these two mean little."
        )
        % {
            "wait": clock(real["wait"]), "real": _percent(real["level"]), "gone": _percent(real["abandoned_share"]),
            "wait_too": clock(before["wait"]), "simulated": _percent(before["level"]), "gone_too": _percent(before["abandoned_share"]),
        }
    )  # fmt: skip
    queues = report["before"]["queues"]
    gaps = [(abs(queues[code]["wait"] - one["wait"]), code) for code, one in real.get("queues", {}).items() if code in queues]
    if gaps and max(gaps)[0] >= FAR:
        _gap, code = max(gaps)
        said.append(
            _("It is furthest off in the queue %(queue)s: %(real)s really, %(simulated)s simulated.")
            % {"queue": report["names"].get(code, code), "real": clock(real["queues"][code]["wait"]), "simulated": clock(queues[code]["wait"])}
        )
    return said
