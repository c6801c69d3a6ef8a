"""What policies decided about past contacts: which rules were tried, which held, with which values, and which were missed by one condition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cordboard.flows import lookup_words
from cordboard.interactions.models import Decision, Deed, Interaction, Prohibition
from cordboard.interactions.prohibitions import ACTS
from cordboard.interactions.prohibitions import why as reason
from cordboard.interactions.sentences import say_all
from cordboard.rules import facts as registry
from cordboard.rules import verbs
from cordboard.rules.explain import Looked, look_again
from cordboard.rules.published import Published, version
from cordboard.rules.words import say_test

RESULTS = ("held", "near", "skipped", "not_held", "not_reached", "not_in_force")


@dataclass(slots=True)
class Line:
    """One rule. `result` as in a trace, or "near": one condition was short."""

    name: str
    result: str
    words: str
    tests: list[str]


@dataclass(slots=True)
class Explained:
    """One decision of a policy, with every rule of the version that made it."""

    kind: str
    policy: str
    name: str
    version: int | None
    url: str
    at: Any
    said: list[str]
    lines: list[Line] = field(default_factory=list)
    facts: list[tuple[str, str]] = field(default_factory=list)
    near: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    gone: bool = False
    """The version is not there any more, or does not compile: only what was kept is shown."""


def result_words() -> dict[str, str]:
    return {
        "held": _("held"),
        "near": _("one condition short"),
        "skipped": _("passed over: a fact could not be read"),
        "not_held": _("did not hold"),
        "not_reached": _("not looked at any more"),
        "not_in_force": _("not in use then"),
    }


def explained(decisions: Sequence[Decision], *, whole: bool = True) -> list[Explained]:
    """Decisions in words. `whole` lists every rule and fact. Two queries for each policy version, and those of the sentences."""
    versions: dict[tuple[str, int | None], Published | None] = {}
    kept = [(sentence, one.policy) for one in decisions for sentence in one.sentences]
    spoken = iter(say_all(kept))
    found = []
    for one in decisions:
        said = [next(spoken).text for _sentence in one.sentences]
        key = (one.policy, one.policy_version)
        if key not in versions:
            versions[key] = version(one.policy, one.policy_version) if one.policy and one.policy_version is not None else None
        found.append(_explain(one, said, versions[key], whole))
    return found


def _explain(decision: Decision, said: list[str], policy: Published | None, whole: bool) -> Explained:
    url = reverse("workbench:policy", args=[decision.policy]) + f"?version={decision.policy_version}" if policy is not None else ""
    made = Explained(decision.kind, decision.policy, policy.name if policy else decision.policy, decision.policy_version, url, decision.at, said)
    trace = decision.trace if isinstance(decision.trace, Mapping) else {}
    if not trace:
        return made
    if policy is None or policy.compiled is None:
        made.gone = True
        looked = [Looked(one["id"], one["name"], one["result"], tests=one.get("tests", [])) for one in trace.get("rules", ())]
    else:
        looked = look_again(policy.compiled, trace, decision.at)
    met = trace.get("facts", {})
    made.held = [one.name for one in looked if one.result == "held"]
    made.near = [one.name for one in looked if one.near]
    if whole:
        words = result_words()
        made.lines = [_line(one, met, words) for one in looked]
        made.facts = [(_fact(name), _value(name, value)) for name, value in met.items()]
        made.facts += [(_("Look-up: %(name)s") % {"name": name}, how) for name, how in lookup_words.notes(trace)]
        made.facts += [(_fact(name), _("could not be read: %(why)s") % {"why": why}) for name, why in (trace.get("unreadable") or {}).items()]
    return made


def _line(one: Looked, met: Mapping[str, Any], words: Mapping[str, str]) -> Line:
    result = "near" if one.near else one.result
    tests = one.failed if one.result in ("not_held", "not_reached") and one.failed else [{**test, "got": met.get(test["fact"])} for test in one.tests]
    said = list(dict.fromkeys(say_test(test, _) for test in tests))
    if one.result == "not_held" and one.unknown:
        said += [_("%(fact)s was not asked any more") % {"fact": _fact(name)} for name in one.unknown]
    if one.result == "skipped":
        said = [_("%(fact)s could not be read") % {"fact": _fact(one.why)}]
    if one.result == "not_reached" and not one.near:
        said = []
    return Line(one.name, result, words[result], said)


def _fact(name: str) -> str:
    fact = registry.REGISTRY.get(name)
    return str(fact.words) if fact is not None else name


def _value(name: str, value: Any) -> str:
    from cordboard.rules.phrases import Speaker

    return _("not known") if value is None else Speaker(_).shown(registry.REGISTRY.get(name), value)


@dataclass(frozen=True, slots=True)
class Done:
    """Something that a rule had done, or forbids."""

    words: str
    rule: str
    at: Any
    failed: str = ""


def done_by_rules(interaction: int) -> list[Done]:
    """What rules had done for a contact, whatever came of it, and what they forbid or forbade. Two queries."""
    found = [Done(_deed(row), row.rule, row.at, row.failed) for row in Deed.objects.filter(interaction_id=interaction).order_by("pk")]
    for row in Prohibition.objects.filter(interaction_id=interaction).order_by("pk"):
        act = str(ACTS.get(row.act, row.act))
        words = _("Forbidden: %(act)s. %(why)s") if row.lifted_at is None else _("Forbidden for a while: %(act)s. %(why)s")
        found.append(Done(words % {"act": act, "why": reason(row)}, row.rule, row.at))
    return sorted(found, key=lambda one: one.at)


def _deed(row: Deed) -> str:
    verb = verbs.REGISTRY.get(row.verb)
    words = str(verb.words) if verb is not None else row.verb
    words = words[:1].upper() + words[1:]
    if "number" in row.came:
        return _("%(what)s: number %(number)s") % {"what": words, "number": row.came["number"]}
    if "tag" in row.came:
        return _("%(what)s: %(tag)s") % {"what": words, "tag": row.came["tag"]}
    if "readers" in row.came:
        return ngettext("%(what)s: %(n)s person", "%(what)s: %(n)s people", row.came["readers"]) % {"what": words, "n": row.came["readers"]}
    return words


def tried(policy: str, kind: str, first: int, most: int) -> list[tuple[Decision, Interaction]]:
    """The newest decisions of a policy, with their contacts. One query."""
    rows = Decision.objects.filter(policy=policy, kind=kind).select_related("interaction__subject").order_by("-pk")
    return [(one, one.interaction) for one in rows[first : first + most]]
