"""The policies in force, compiled once in each process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from cordboard.lib.kept import Kept
from cordboard.rules.evaluate import BadPolicy, CompiledPolicy, compile_policy
from cordboard.rules.facts import REGISTRY
from cordboard.rules.models import Policy

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Published:
    code: str
    name: str
    version: int
    compiled: CompiledPolicy | None
    """None: it does not compile here (a fact or verb of it has gone); the default holds, and says so."""
    verbs: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """What each rule does, by its id; of a decision table each row is a rule."""
    ahead: frozenset[str] = frozenset()
    """Facts that it may ask for and that take their time elsewhere: begun before the decision."""


_PUBLISHED = Kept(lambda area: Policy.objects.filter(area=area, state=Policy.State.PUBLISHED).order_by("code").values_list("pk", flat=True))
_made: dict[int, Published] = {}
_lock = threading.Lock()
KEPT = 200


def published(area: str) -> list[Published]:
    """The published policies of an area, in the order of their codes. One query, one more for each that this process has not compiled yet
    (a published version never changes)."""
    found = []
    for pk in _PUBLISHED(area):
        one = _made.get(pk)
        if one is None:
            one = _compile(Policy.objects.get(pk=pk))
            with _lock:
                if len(_made) >= KEPT:
                    _made.clear()
                _made[pk] = one
        found.append(one)
    return found


def version(code: str, number: int) -> Published | None:
    """Any version of a policy, to look again at what it decided; None when it is not there any more. One query, one more when it is not compiled here yet."""
    pk = Policy.objects.filter(code=code, version=number).exclude(state__in=Policy.OPEN).values_list("pk", flat=True).first()
    if pk is None:
        return None
    one = _made.get(pk)
    if one is None:
        one = _compile(Policy.objects.get(pk=pk))
        with _lock:
            _made[pk] = one
    return one


def forget() -> None:
    """Compile anew: for tests, and for whoever changes what facts and verbs there are."""
    with _lock:
        _made.clear()


def _compile(row: Policy) -> Published:
    try:
        compiled = compile_policy(row.body)
    except BadPolicy as bad:
        logger.error("the policy %s, version %d, does not compile: %s", row.code, row.version, bad)
        return Published(row.code, row.name, row.version, None)
    verbs = {rule.id: frozenset(action["do"] for action in rule.actions) for rule in compiled.rules}
    return Published(row.code, row.name, row.version, compiled, verbs, REGISTRY.ahead_of(compiled.facts_asked()))
