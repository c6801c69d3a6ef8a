"""Who may call which numbers, and for how long a day: kept in the policy of the area "dialling", each change as a version of its own. Whoever may publish policies alone has it
in force at once; what others write waits for a review."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.lib.keeping import BadValue, check, differences
from cordboard.org.models import Role, Unit
from cordboard.org.permissions import require
from cordboard.routing import events_outbound as events
from cordboard.routing.dialling import AREA
from cordboard.rules.actions import Refused, create_draft, create_policy, save_draft
from cordboard.rules.actions_publish import may_publish, publish, submit
from cordboard.rules.models import Policy
from cordboard.rules.permissions import EDIT

CENTRE, UNIT, ROLE = "centre", "unit", "role"
NAMES = ("allowed", "refused", "premium", "abroad", "home", "minutes")
MOST_MINUTES = 100_000
_KEYS = {UNIT: "units", ROLE: "roles"}
_PREFIX = re.compile(r"\+\d{1,14}")


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom limits hold for: everybody, the people of a unit, or whoever has a role (by their codes)."""

    kind: str
    code: str = ""


def policy() -> Policy | None:
    """The version in force that says so (`dialling.parameters` reads the same one)."""
    return Policy.objects.filter(area=AREA, state=Policy.State.PUBLISHED).order_by("code").first()


def on_its_way() -> Policy | None:
    """A version that is not in force yet."""
    return Policy.objects.filter(area=AREA, state__in=Policy.OPEN).order_by("code").defer("body").first()


def limits_values(whom: Whom, row: Policy | None) -> dict[str, Any]:
    """What is said for them. None: nothing of its own, it is as the centre says (for the centre: as it is without a policy)."""
    said = _said(dict(row.body.get("parameters") or {}) if row is not None else {}, whom)
    return {name: said.get(name) for name in NAMES}


def keep_limits(user: Any, whom: Whom, values: Mapping[str, Any], *, seen: str = "", now: datetime | None = None) -> Policy:
    """Keep `values` (by NAMES; None as in :func:`limits_values`) as a new version, published where the user may publish alone, else sent for review. Needs rules.edit. Raises BadValue
    (also while another version is on its way), Changed, PermissionDenied."""
    require(user, EDIT)
    given = _checked(values)
    with transaction.atomic():
        row = policy()
        if row is not None:
            row = Policy.objects.select_for_update().get(pk=row.pk)
        before = limits_values(whom, row)
        check(seen, before)
        if given == before and row is not None:
            return row
        if (waits := on_its_way()) is not None:
            raise BadValue(
                "", _("Version %(version)d of the policy is not in force yet. Publish or discard it first, under Policies.") % {"version": waits.version}
            )
        if not _exists(whom):
            raise BadValue("", _("There is nobody whom these limits would hold for."))
        try:
            made = _written(user, whom, given, row, now)
            in_force = may_publish(user, made)
            made = publish(made.pk, made.revision, user, now=now) if in_force else submit(made.pk, made.revision, user, now=now)
        except Refused as problem:
            raise BadValue("", problem.message) from problem
        log.record(
            events.LIMITS_CHANGED, actor=f"user:{user.pk}", whom=whom.kind, code=whom.code, fields=differences(given, before), policy=made.pk, version=made.version, in_force=in_force,
        )  # fmt: skip
    return made


def _written(user: Any, whom: Whom, given: Mapping[str, Any], row: Policy | None, now: datetime | None) -> Policy:
    own = {name: value for name, value in given.items() if value is not None}
    body: dict[str, Any] = copy.deepcopy(row.body) if row is not None else {"mode": "all", "rules": []}
    parameters = body.setdefault("parameters", {})
    if whom.kind == CENTRE:
        parameters["numbers"] = own
    else:
        lines = parameters.setdefault(_KEYS[whom.kind], {})
        lines[whom.code] = {**lines.get(whom.code, {}), "numbers": own}
        if not own:
            del lines[whom.code]  # a role that is named and says nothing would limit nobody, and read as if it did
    comment = _("Limits of calls out, from the settings")
    if row is None:
        return create_policy(AREA, AREA, _("Calling out and calling back"), user, body=body, comment=comment, now=now)
    draft = create_draft(row.code, user, comment=comment, now=now)
    return save_draft(draft.pk, body, draft.revision, user, now=now)


def _said(parameters: Mapping[str, Any], whom: Whom) -> Mapping[str, Any]:
    at: Any = parameters if whom.kind == CENTRE else (parameters.get(_KEYS[whom.kind]) or {}).get(whom.code)
    found = at.get("numbers") if isinstance(at, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _exists(whom: Whom) -> bool:
    match whom.kind:
        case "unit":
            return Unit.objects.filter(code=whom.code).exists()
        case "role":
            return Role.objects.filter(code=whom.code).exists()
    return whom.kind == CENTRE


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: values[name] for name in NAMES}
    for name in ("allowed", "refused"):
        wrong = next((one for one in given[name] or () if not _PREFIX.fullmatch(one)), None)
        if wrong is not None:
            raise BadValue(name, _("%(text)s is no beginning of a number with its country, such as +31 or +31900.") % {"text": wrong})
    if any(not re.fullmatch(r"[A-Z]{2}", one) for one in given["home"] or ()):
        raise BadValue("home", _("A country has two letters, such as NL."))
    if given["minutes"] is not None and not 0 <= given["minutes"] <= MOST_MINUTES:
        raise BadValue("minutes", _("From %(least)s to %(most)s.") % {"least": 0, "most": MOST_MINUTES})
    return given
