"""Policies as the workbench shows them: rules as sentences with what is wrong with them, differences and history in words, and what the editor needs to know."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cordboard.rules import queries
from cordboard.rules.areas import area
from cordboard.rules.difference import counts, difference
from cordboard.rules.evaluate import BadPolicy, Problem, compile_policy
from cordboard.rules.findings import findings
from cordboard.rules.models import Policy, PolicyChange
from cordboard.rules.phrases import Speaker
from cordboard.workbench.words import FINDINGS, PROBLEM_WORDS, field_words

_PLACE = re.compile(r"rules\[(\d+)\]")
MARKS = {"fact": '<span class="cb-rule-fact">{}</span>', "value": '<span class="cb-rule-value">{}</span>', "strong": "<b>{}</b>", "verb": "<b>{}</b>"}


def _mark(kind: str, text: str) -> str:
    return format_html(MARKS[kind], text)


def speaker() -> Speaker:
    """Says rules as HTML in the reader's language; whatever a person wrote is escaped."""
    return Speaker(_, mark=_mark, escape=lambda text: str(escape(text)))


@dataclass(slots=True)
class RuleRow:
    """One rule of the list."""

    id: str
    number: int
    said: SafeString
    name: str
    note: str
    enabled: bool
    begins: str
    ends: str
    is_table: bool
    sign: str = ""
    """new, changed, moved against the other version; empty when it is the same."""
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {"id": self.id, "said": self.said, "sign": self.sign, "problems": self.problems, "warnings": self.warnings}


@dataclass(slots=True)
class Shown:
    rules: list[RuleRow]
    problems: list[str]
    """Of the whole policy, or of more than can be shown at rules."""
    first: bool
    """The first rule that holds decides."""

    @property
    def wrong(self) -> int:
        return len(self.problems) + sum(len(one.problems) for one in self.rules)


def shown(body: Mapping[str, Any], before: Mapping[str, Any] | None, now: datetime) -> Shown:
    """The rules of a body as sentences, with their problems, what they do to one another, and what is new against `before`."""
    problems: Sequence[Problem] = []
    found: list[dict[str, Any]] = []
    try:
        found = findings(compile_policy(body), now)
    except BadPolicy as bad:
        problems = bad.problems
    rules = [rule for rule in body.get("rules", []) if isinstance(rule, Mapping)]
    signs = _signs(before, body)
    say = speaker()
    first = body.get("mode", "first") == "first"
    rows = [_row(rule, number, say, first, len(rules), signs) for number, rule in enumerate(rules)]
    whole: list[str] = []
    for one in problems:
        place = _PLACE.match(one.path)
        if place and int(place[1]) < len(rows):
            rows[int(place[1])].problems.append(problem_words(one, rules[int(place[1])]))
        else:
            whole.append(problem_words(one, None))
    by_id = {row.id: row for row in rows}
    for finding in found:
        id, _slash, line = finding["rule"].rpartition("/") if finding["rule"] not in by_id else (finding["rule"], "", "")
        if id in by_id and len(by_id[id].warnings) < 6:
            by_id[id].warnings.append(finding_words(finding, by_id, line))
    return Shown(rows, whole, first)


def _row(rule: Mapping[str, Any], number: int, say: Speaker, first: bool, count: int, signs: Mapping[str, str]) -> RuleRow:
    id = str(rule.get("id", ""))
    return RuleRow(
        id,
        number + 1,
        mark_safe(say.rule(rule, first=first, alone=count == 1)),
        str(rule.get("name") or id),
        str(rule.get("note") or ""),
        rule.get("enabled", True) is not False,
        str(rule.get("from") or ""),
        str(rule.get("until") or ""),
        "table" in rule,
        signs.get(id, ""),
    )


def _signs(before: Mapping[str, Any] | None, body: Mapping[str, Any]) -> dict[str, str]:
    if before is None:
        return {}
    try:
        change = difference(before, body)
    except ValueError:
        return {}
    signs = dict.fromkeys(change["moved"], "moved")
    signs |= {one["id"]: "changed" for one in change["changed"]}
    return signs | {one["id"]: "new" for one in change["added"]}


def problem_words(problem: Problem, rule: Mapping[str, Any] | None) -> str:
    """What is wrong, in the reader's words, with where: "Action 2: is missing"."""
    where = _PLACE.sub("", problem.path).strip(".")
    said = PROBLEM_WORDS.get(problem.message)
    text = _(said) if said else problem.message
    if (cell := re.match(r"table\.rows\[(\d+)\](?:\.(?:when|do)\[(\d+)\])?", where)) is not None:
        return _("Row %(row)d: %(problem)s") % {"row": int(cell[1]) + 1, "problem": text}
    if (action := re.match(r"actions\[(\d+)\]", where)) is not None:
        return _("Action %(number)d: %(problem)s") % {"number": int(action[1]) + 1, "problem": text}
    if where.startswith("when"):
        return _("Condition: %(problem)s") % {"problem": text}
    return _("%(field)s: %(problem)s") % {"field": field_words(where.split(".")[0]), "problem": text} if where else text


def finding_words(finding: Mapping[str, Any], rows: Mapping[str, RuleRow], line: str) -> str:
    names = [_name_of(id, rows) for id in finding.get("by", ())]
    values = {"by": ", ".join(dict.fromkeys(names)), "row": line}
    text = _(FINDINGS[finding["code"]]) % values
    return _("Row %(row)s: %(problem)s") % {"row": line, "problem": text} if line else text


def _name_of(id: str, rows: Mapping[str, RuleRow]) -> str:
    if id in rows:
        return rows[id].name
    table, _slash, line = id.rpartition("/")
    return _("%(name)s, row %(row)s") % {"name": rows[table].name, "row": line} if table in rows else id


# -- differences and history ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Piece:
    """One rule of a difference. `what`: added, removed, changed, moved."""

    what: str
    name: str
    was: SafeString
    now: SafeString
    fields: list[tuple[str, str, str]]
    """(field, before, after) of what the sentence does not say."""


PLAIN_FIELDS = ("name", "note", "enabled", "from", "until", "then")


def pieces(change: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Piece]:
    """A difference rule by rule, each with its sentence before and after."""
    say = speaker()
    before, after = ({rule.get("id"): rule for rule in body.get("rules", [])} for body in (old, new))
    first = (old.get("mode", "first") == "first", new.get("mode", "first") == "first")
    made = [
        Piece("removed", str(one["rule"].get("name") or one["id"]), mark_safe(say.rule(one["rule"], first=first[0])), SafeString(), [])
        for one in change.get("removed", ())
    ]
    made += [
        Piece("added", str(one["rule"].get("name") or one["id"]), SafeString(), mark_safe(say.rule(one["rule"], first=first[1])), [])
        for one in change.get("added", ())
    ]
    for one in change.get("changed", ()):
        was, now = before[one["id"]], after[one["id"]]
        texts = say.rule(was, first=first[0]), say.rule(now, first=first[1])
        fields = [(field_words(name), _plain(sides.get("before")), _plain(sides.get("after"))) for name, sides in one["fields"].items() if name in PLAIN_FIELDS]
        if "table" in one["fields"]:
            fields.append((field_words("table"), _rows_of(was), _rows_of(now)))
        same = texts[0] == texts[1]
        made.append(Piece("changed", str(now.get("name") or one["id"]), SafeString() if same else mark_safe(texts[0]), mark_safe(texts[1]), fields))
    made += [
        Piece("moved", str(after[id].get("name") or id), SafeString(), mark_safe(say.rule(after[id], first=first[1])), []) for id in change.get("moved", ())
    ]
    return made


def settings_words(change: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    return [(field_words(name), _plain(sides.get("before")), _plain(sides.get("after"))) for name, sides in change.get("settings", {}).items()]


def _plain(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def _rows_of(rule: Mapping[str, Any]) -> str:
    rows = (rule.get("table") or {}).get("rows")
    return _("%(count)d rows") % {"count": len(rows)} if isinstance(rows, list) else "–"


COUNT_WORDS = {
    "added": gettext_lazy("%(count)d added"),
    "removed": gettext_lazy("%(count)d removed"),
    "changed": gettext_lazy("%(count)d changed"),
    "moved": gettext_lazy("%(count)d moved"),
}


def counted(change: Mapping[str, Any] | None) -> list[str]:
    """ "2 added", "1 changed": what a saving did, in short."""
    if not change:
        return []
    return [str(COUNT_WORDS[what]) % {"count": count} for what, count in counts(change).items() if count]


def history(rows: Iterable[PolicyChange]) -> list[dict[str, Any]]:
    """Who did what, with the names of the rules that a saving touched."""
    told = []
    for row in rows:
        change = row.difference or {}
        names = [str(one.get("rule", {}).get("name") or one["id"]) for part in ("added", "removed") for one in change.get(part, ())]
        names += [one["id"] for one in change.get("changed", ())] + list(change.get("moved", ()))
        told.append(
            {
                "at": row.at, "by": str(row.by) if row.by else _("by itself"), "what": row.get_what_display(), "code": row.what, "version": row.policy.version,
                "comment": row.comment, "counts": counted(row.difference), "rules": list(dict.fromkeys(names))[:8],
            }
        )  # fmt: skip
    return told


def last_word(row: Policy) -> dict[str, str] | None:
    """What was last said of a version on its way, for whoever reviews it or has to write on. One query; none of a version in force."""
    found = queries.last_word(row.pk) if row.state in Policy.OPEN else None
    if found is None:
        return None
    return {"what": found.get_what_display(), "by": str(found.by) if found.by else _("by itself"), "comment": found.comment}


# -- the editor -----------------------------------------------------------------------------------------------------


def state_line(row: Policy, published: Policy | None) -> str:
    """ "Draft 15 by Fatima; version 14 is in force." """
    who = str(row.changed_by or row.author or _("the program"))
    if row.state == Policy.State.PUBLISHED:
        return _("Version %(version)d is in force.") % {"version": row.version}
    if row.state == Policy.State.RETIRED:
        return _("Version %(version)d is not in force any more.") % {"version": row.version}
    values = {"version": row.version, "who": who, "state": row.get_state_display(), "published": published.version if published else 0}
    if published is None:
        return _("%(state)s %(version)d by %(who)s; nothing is in force yet.") % values
    return _("%(state)s %(version)d by %(who)s; version %(published)d is in force.") % values


def catalogue(area_code: str) -> dict[str, Any]:
    """The facts and verbs that the editor offers for an area."""
    from cordboard.rules.editor import fact_row
    from cordboard.rules.verbs import REGISTRY as VERBS

    found = area(area_code)
    facts = []
    for fact in found.facts():
        row = fact_row(fact)
        if fact.options is not None:
            row["choices"] = [[str(code), str(words)] for code, words in fact.options().items()]
        facts.append(row)
    verbs = []
    for name in found.verbs or tuple(VERBS):
        verb = VERBS.get(name)
        if verb is None:
            continue
        fields = [
            {
                "name": one, "type": kind.__name__, "label": str(verb.labels.get(one) or one), "required": one in verb.fields,
                "options": [[str(code), str(words)] for code, words in verb.options[one]().items()] if one in verb.options else [],
            }
            for one, kind in (*verb.fields.items(), *verb.optional.items())
        ]  # fmt: skip
        verbs.append({"name": name, "words": str(verb.words), "fields": fields})
    return {"facts": sorted(facts, key=lambda one: str(one["words"]).casefold()), "verbs": verbs}
