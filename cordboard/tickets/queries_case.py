"""Reading cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from cordboard.interactions.history import Entry
from cordboard.lib.kept import Kept
from cordboard.org.models import User
from cordboard.org.permissions import user_may
from cordboard.tickets import case_documents
from cordboard.tickets.models_case import Case, CaseDocument, CaseEntry, CaseFile, CasePerson
from cordboard.tickets.permissions_service import CASES

MOST_DOCUMENTS = 500
"""In one case; more asks for several cases."""


def visible(user: User) -> QuerySet[Case]:
    """The cases that `user` may see. Access that is narrower than the user's scope holds also for managers; a part in a case opens it. No query yet."""
    scope, who = _sight(user)
    return _seen(scope, who) if scope else Case.objects.none()


def _sight(user: User) -> tuple[str, tuple[int, ...]]:
    return user_may(user, CASES) or "", (user.pk,) if user.unit_id is None else (user.pk, user.unit_id)


def _seen(scope: str, who: Sequence[int]) -> QuerySet[Case]:
    """`who`: the reader's number, and that of the unit where there is one."""
    user, *units = who
    own = Q(owner=user) | Exists(CasePerson.objects.filter(case=OuterRef("pk"), user=user))
    unit = Q(unit=units[0]) if units else Q(pk=None)
    within = {"all": Q(), "unit": unit | own, "own": own}[scope]
    access = Q(access=Case.Access.ALL) | (Q(access=Case.Access.UNIT) & unit) | own
    return Case.objects.filter(within, access)


def may_change(user: User, case: Case) -> bool:
    """Whoever sees an open case works on it. No query."""
    return case.state == Case.State.OPEN and user_may(user, CASES) is not None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a case's timeline: a document (`document`), a file, or something that happened to the case itself (`entry`)."""

    at: datetime
    key: str
    kind: str
    """As in case_documents, or "case" or "file"."""
    shown: Entry | None
    entry: CaseEntry | None = None
    document: CaseDocument | None = None
    file: CaseFile | None = None


@dataclass(frozen=True, slots=True)
class Detail:
    case: Case
    people: list[CasePerson]
    lines: list[Line]
    """newest first"""
    hidden: int
    """documents that are gone or that the reader may not see"""
    counts: dict[str, int]
    """lines by kind"""


def detail(user: User, number: int, language: str) -> Detail:
    """One case with its whole timeline: five queries, and those of the kinds of documents that lie in it. Raises Case.DoesNotExist, also when the user may not
    see it."""
    case = visible(user).select_related("party", "owner", "unit", "opened_by", "closed_by").get(number=number)
    documents = list(case.documents.select_related("by")[:MOST_DOCUMENTS])
    shown = case_documents.read(user, [(one.kind, one.document) for one in documents], language)
    lines = [
        Line(entry.at, f"{one.kind}-{one.document}", one.kind, entry, document=one)
        for one in documents
        if (entry := shown.get((one.kind, one.document))) is not None
    ]
    hidden = len(documents) - len(lines)
    lines += [Line(one.at, f"file-{one.pk}", "file", None, file=one) for one in case.files.select_related("by")]
    lines += [Line(one.at, f"case-{one.pk}", "case", None, entry=one) for one in case.entries.select_related("by")]
    lines.sort(key=lambda line: (line.at, line.key), reverse=True)
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.kind] = counts.get(line.kind, 0) + 1
    return Detail(case, list(case.people.select_related("party", "user")), lines, hidden, counts)


def listing(user: User, *, state: str = Case.State.OPEN, mine: bool = False, words: str = "", limit: int = 100) -> list[Case]:
    """Cases with how many documents lie in each, the newest first. One query."""
    rows = visible(user).filter(state=state)
    if mine:
        rows = rows.filter(owner=user)
    if words:
        named = Q(title__icontains=words) | Q(text__icontains=words) | Q(party__name__icontains=words)
        rows = rows.filter(named | Q(number=int(words)) if words.isdecimal() and len(words) < 18 else named)
    return list(rows.select_related("party", "owner", "unit").annotate(size=Count("documents")).order_by("-opened_at", "-pk")[:limit])


def of_documents(user: User, documents: Sequence[tuple[str, int]]) -> list[Case]:
    """The cases that any of these lie in, open ones first. One query."""
    scope, who = _sight(user)
    if not documents or not scope:
        return []
    if len(documents) == 1:
        return _OF_DOCUMENT(*documents[0], *who, scope=scope)
    asked = Q()
    for kind, document in documents:
        asked |= Q(kind=kind, document=document)
    return list(_with(_seen(scope, who), CaseDocument.objects.filter(asked)))


def _with(rows: QuerySet[Case], inside: QuerySet[CaseDocument]) -> QuerySet[Case]:
    return rows.filter(pk__in=inside.values("case")).select_related("owner").order_by("-state", "-opened_at")


_OF_DOCUMENT = Kept(lambda kind, document, *who, scope: _with(_seen(scope, who), CaseDocument.objects.filter(kind=kind, document=document)))


def of_party(user: User, party_ids: Sequence[int], *, only_open: bool = False, limit: int = 20) -> list[Case]:
    """A customer's cases: those about the customer, and those in which the customer has a part. One query."""
    scope, who = _sight(user)
    return _OF_PARTY(list(party_ids), *who, scope=scope, only_open=only_open, limit=limit) if scope else []


def _of_party(parties: Sequence[int], *who: int, scope: str, only_open: bool, limit: int) -> QuerySet[Case]:
    part = Exists(CasePerson.objects.filter(case=OuterRef("pk"), party__in=parties))
    rows = _seen(scope, who).filter(Q(party__in=parties) | part)
    if only_open:
        rows = rows.filter(state=Case.State.OPEN)
    return rows.select_related("owner").order_by("-state", "-opened_at")[:limit]


_OF_PARTY = Kept(_of_party)
