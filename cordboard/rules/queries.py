"""Reading policies: the list, versions, who changed what. Fixed numbers of queries."""

from __future__ import annotations

from dataclasses import dataclass

from cordboard.rules.models import Policy, PolicyChange, PolicyReplay


@dataclass(frozen=True, slots=True)
class Listed:
    """A policy in the list: what is in force, and what is on its way. One that is neither has its newest version as `retired`."""

    area: str
    code: str
    name: str
    published: Policy | None
    open: Policy | None
    retired: Policy | None

    @property
    def newest(self) -> Policy:
        found = self.open or self.published or self.retired
        assert found is not None
        return found


def policies(area: str = "") -> list[Listed]:
    """All policies, or those of an area, by name; without bodies. One query."""
    rows = Policy.objects.defer("body").select_related("changed_by", "published_by").order_by("version")
    found: dict[str, dict[str, Policy]] = {}
    for row in rows.filter(area=area) if area else rows:
        kind = "open" if row.state in Policy.OPEN else row.state
        found.setdefault(row.code, {})[kind] = row
    listed = []
    for code, states in found.items():
        newest = states.get("open") or states.get("published") or states["retired"]
        retired = None if len(states) > 1 or "retired" not in states else states["retired"]
        listed.append(Listed(newest.area, code, newest.name, states.get("published"), states.get("open"), retired))
    return sorted(listed, key=lambda one: (one.name.casefold(), one.code))


def versions(code: str) -> list[Policy]:
    """All versions, the newest first, without bodies. One query."""
    return list(Policy.objects.filter(code=code).defer("body").select_related("author", "changed_by", "published_by").order_by("-version"))


def version(code: str, number: int | None = None) -> Policy | None:
    """A version with its body; without a number the one on its way, else what is published, else the newest. One query."""
    rows = Policy.objects.select_related("author", "changed_by", "published_by").filter(code=code)
    if number is not None:
        return rows.filter(version=number).first()
    order = {**dict.fromkeys(Policy.OPEN, 0), Policy.State.PUBLISHED: 1, Policy.State.RETIRED: 2}
    found = sorted(rows.defer("body"), key=lambda row: (order[Policy.State(row.state)], -row.version))
    return found[0] if found else None


def published(code: str) -> Policy | None:
    return Policy.objects.filter(code=code, state=Policy.State.PUBLISHED).first()


def history(code: str, most: int = 200) -> list[PolicyChange]:
    """Who did what to any version, the newest first; without the bodies of before. One query."""
    rows = PolicyChange.objects.filter(policy__code=code).select_related("by", "policy").defer("before", "policy__body")
    return list(rows.order_by("-pk")[:most])


def last_word(policy: int) -> PolicyChange | None:
    """What was last said of a version on its way: sent for review, sent back or approved, by whom, with which words. One query."""
    What = PolicyChange.What
    rows = PolicyChange.objects.filter(policy_id=policy, what__in=(What.SUBMITTED, What.SENT_BACK, What.APPROVED, What.TAKEN_BACK))
    return rows.select_related("by").defer("before", "difference").order_by("-pk").first()


def replays(policy: int, most: int = 10) -> list[PolicyReplay]:
    """The replays of a version, the newest first. One query."""
    return list(PolicyReplay.objects.filter(policy_id=policy).select_related("by").order_by("-pk")[:most])
