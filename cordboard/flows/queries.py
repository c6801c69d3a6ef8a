"""Reading flows: the list, versions, problems, figures, test conversations. Fixed numbers of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, Sum

from cordboard.flows import files, linking
from cordboard.flows.graph import Problem, validate
from cordboard.flows.models import Flow, FlowTest, Passage, Run, WebService
from cordboard.flows.play import Played, Verdict, play, test
from cordboard.flows.steps import offer_options


@dataclass(frozen=True, slots=True)
class Listed:
    """A flow in the list: what is in force, and what is being drawn. A flow that is neither has its newest version as `retired`."""

    code: str
    name: str
    surfaces: list[str]
    published: Flow | None
    draft: Flow | None
    retired: Flow | None
    runs: int
    """of all versions, in all"""
    running: int
    """that go on now"""

    @property
    def newest(self) -> Flow:
        found = self.draft or self.published or self.retired
        assert found is not None
        return found


def flows(surface: str = "") -> list[Listed]:
    """All flows, in the order of their names; of a surface only, when one is named. Without graphs. Two queries."""
    rows: dict[str, dict[str, Flow]] = {}
    for row in Flow.objects.defer("graph", "linked").select_related("changed_by", "published_by").order_by("version"):
        rows.setdefault(row.code, {})[row.state] = row
    counts = {
        row["flow__code"]: (row["runs"], row["running"])
        for row in Run.objects.values("flow__code").annotate(runs=Count("pk"), running=Count("pk", filter=Q(ended_at=None)))
    }
    listed = []
    for code, states in rows.items():
        newest = states.get("draft") or states.get("published") or states["retired"]
        if surface and surface not in newest.surfaces:
            continue
        runs, running = counts.get(code, (0, 0))
        found = Listed(
            code, newest.name, newest.surfaces, states.get("published"), states.get("draft"), None if len(states) > 1 else states.get("retired"), runs, running
        )
        listed.append(found)
    return sorted(listed, key=lambda one: (one.name.casefold(), one.code))


def flow(code: str, version: int | None = None) -> Flow | None:
    """A version of a flow with its graph; without a version the draft, else what is published, else the newest. One query."""
    rows = Flow.objects.select_related("changed_by", "published_by").filter(code=code)
    if version is not None:
        return rows.filter(version=version).first()
    order = {Flow.State.DRAFT: 0, Flow.State.PUBLISHED: 1, Flow.State.RETIRED: 2}
    found = sorted(rows.defer("graph", "linked"), key=lambda row: (order[Flow.State(row.state)], -row.version))
    return found[0] if found else None


def published(code: str) -> Flow | None:
    return Flow.objects.filter(code=code, state=Flow.State.PUBLISHED).first()


def versions(code: str) -> list[Flow]:
    """All versions, the newest first, without graphs; `runs_count` says how many runs follow each. One query."""
    rows = Flow.objects.filter(code=code).defer("graph", "linked").select_related("changed_by", "published_by")
    return list(rows.annotate(runs_count=Count("runs")).order_by("-version"))


def graph_in_force(code: str) -> Mapping[str, Any] | None:
    """The graph of a published flow, as it was drawn."""
    return Flow.objects.filter(code=code, state=Flow.State.PUBLISHED).values_list("graph", flat=True).first()


def used_by(code: str) -> list[str]:
    """Names of the published flows that have this one as a sub-flow."""
    rows = Flow.objects.filter(state=Flow.State.PUBLISHED).exclude(linked=None).exclude(code=code).order_by("name")
    return [row.name for row in rows if code in linking.codes_in(row.graph) or code in linking.codes_in(row.linked or {})]


def codes() -> list[tuple[str, str]]:
    """(code, name) of the published flows: what a step may call. One query."""
    return list(Flow.objects.filter(state=Flow.State.PUBLISHED).order_by("name").values_list("code", "name"))


def services() -> list[tuple[str, str]]:
    """(code, name) of the web services that flows may ask. One query."""
    return list(WebService.objects.filter(active=True, kind=WebService.Kind.HTTP).order_by("name").values_list("code", "name"))


offer_options("flow", codes)
offer_options("service", services)


# -- problems and tests -------------------------------------------------------------------------------------------------


def problems(row: Flow, graph: Mapping[str, Any] | None = None, surfaces: Sequence[str] | None = None) -> list[Problem]:
    """Everything that is wrong with a version, on any of its surfaces; with a graph that is not saved yet, with that one instead."""
    return problems_of(row.code, row.graph if graph is None else graph, row.surfaces if surfaces is None else surfaces)


def problems_of(code: str, graph: Any, surfaces: Sequence[str]) -> list[Problem]:
    """Each problem once, though it be there on several surfaces. One query for each sub-flow."""
    found = [one for surface in surfaces for one in validate(graph, surface)]
    if not any(one.level == "error" for one in found) and linking.codes_in(graph):
        try:
            linked = linking.link({**graph, "code": code}, graph_in_force)
        except linking.CannotLink as cannot:
            found.append(cannot.problem)
        else:
            found += [_of_sub_flow(one) for surface in surfaces for one in validate(linked, surface) if "/" in one.step and one.level == "error"]
    return list({(one.step, one.code, one.message): one for one in found}.values())


def _of_sub_flow(one: Problem) -> Problem:
    step, _, inner = one.step.partition("/")
    return Problem(step, one.code, "In its step %(inner)s: %(message)s", one.level, {"inner": inner, "message": one.message})


def linked(row: Flow, graph: Mapping[str, Any] | None = None) -> dict[str, Any] | None:
    """The graph with the sub-flows that are in force put in; None when it has none. Raises linking.CannotLink."""
    graph = row.graph if graph is None else graph
    return linking.link({**graph, "code": row.code}, graph_in_force) if linking.codes_in(graph) else None


def tests(code: str) -> list[FlowTest]:
    return list(FlowTest.objects.filter(code=code).select_related("changed_by").order_by("name"))


def played(row: Flow, one: FlowTest, graph: Mapping[str, Any] | None = None) -> Played:
    """A test conversation played on a version, or on a graph that is not saved yet."""
    context = {"values": one.values, "language": one.language, "answers": one.answers}
    graph = row.graph if graph is None else graph
    try:
        whole = linked(row, graph)
    except linking.CannotLink as cannot:
        return Played([cannot.problem])
    return play(graph, one.surface, one.inputs, context, now=one.at, linked=whole)


def run_tests(row: Flow, graph: Mapping[str, Any] | None = None, *, now: datetime | None = None) -> list[Verdict]:
    """All test conversations of the flow on this version, or on a graph that is not saved yet."""
    return [test(one.name, one.expected, played(row, one, graph)) for one in tests(row.code)]


def as_file(row: Flow) -> str:
    """The version as a file, with the flow's test conversations; `actions.import_json` takes it in."""
    kept = [
        {
            "name": one.name, "surface": one.surface, "values": one.values, "language": one.language, "inputs": one.inputs, "answers": one.answers,
            "expected": one.expected, "at": one.at.isoformat(),
        }
        for one in tests(row.code)
    ]  # fmt: skip
    return files.write(row.code, row.name, row.surfaces, row.graph, kept)


# -- figures ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Edge:
    """How often an exit was taken; `seconds` from coming to the step to leaving it by this exit, on average."""

    runs: int
    times: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of the runs of a version. Runs that go on are counted when they end."""

    runs: int
    """counted"""
    running: int
    edges: dict[tuple[str, str], Edge] = field(default_factory=dict)
    """by (step, exit)"""
    ends: dict[tuple[str, str], int] = field(default_factory=dict)
    """by (step, how it ended: "queued", "hung_up", ...)"""

    def passed(self, step: str) -> int:
        """Runs that came to a step: those that left it, counted once for each exit, and those that ended there."""
        return sum(edge.times for (at, _), edge in self.edges.items() if at == step) + sum(number for (at, _), number in self.ends.items() if at == step)


def figures(row: Flow, since: date | None = None, until: date | None = None) -> Figures:
    """The numbers on the graph of a version, from one day to another, both included. Two queries."""
    rows = Passage.objects.filter(flow=row)
    if since is not None:
        rows = rows.filter(day__gte=since)
    if until is not None:
        rows = rows.filter(day__lte=until)
    edges: dict[tuple[str, str], Edge] = {}
    ends: dict[tuple[str, str], int] = {}
    for one in rows.values("step", "exit", "ended").annotate(n=Sum("runs"), t=Sum("times"), s=Sum("seconds")):
        if one["exit"]:
            edges[one["step"], one["exit"]] = Edge(one["n"], one["t"], one["s"] / one["t"] if one["t"] else 0.0)
        else:
            ends[one["step"], one["ended"]] = one["n"]
    running = Run.objects.filter(flow=row, ended_at=None).count()
    return Figures(sum(ends.values()), running, edges, ends)
