"""The only writers of look-ups: what rules may ask services and other databases for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.flows import events, files, lookups, queries_lookups
from cordboard.flows.actions import Refused, actor, may
from cordboard.flows.lookup_terms import (
    FAILED,
    LEAST_MS,
    MOST_KEEP,
    MOST_MS,
    TYPES,
    WrongQuery,
    is_name,
    names_in_path,
    outputs_of,
    plain,
    query_of,
    split,
    taken,
)
from cordboard.flows.models import Lookup, WebService
from cordboard.flows.permissions import LOOKUPS
from cordboard.lib.keeping import BadValue, check
from cordboard.rules import facts
from cordboard.rules.conditions import WrongValue

MOST_FIELDS = 20
_FIELDS = ("name", "service_id", "path", "post", "query", "inputs", "outputs", "limit_ms", "keep_seconds", "active")


def lookup_values(row: Lookup) -> dict[str, Any]:
    """What `keep_lookup` takes, as it is now."""
    return {name: getattr(row, name) for name in _FIELDS}


def keep_lookup(by: Any, number: int | None, values: Mapping[str, Any], *, code: str = "", seen: str = "", now: datetime | None = None) -> Lookup:
    """Make or change a look-up. `values` as `lookup_values` gives them; what is left out stays as it is, or as usual. What published policies ask for must stay, and of its type. The next
    decision follows it. Raises BadValue, Changed (when `number`), PermissionDenied."""
    may(by, LOOKUPS)
    with transaction.atomic():
        row = Lookup(code=code) if number is None else Lookup.objects.select_for_update().get(pk=number)
        before = lookup_values(row) if number is not None else {}
        if number is None:
            if not files.is_code(code):
                raise BadValue("code", _("A code has lower case letters, digits and hyphens, at most 60."))
            if Lookup.objects.filter(code=code).exists():
                raise BadValue("code", _("There is a look-up with this code already."))
        elif seen:
            check(seen, before)
        given = _checked({**lookup_values(row), **values})
        if given == before:
            return row
        _still_used(row, given)
        for name, value in given.items():
            setattr(row, name, value)
        row.changed_by, row.changed_at = by, now or timezone.now()
        row.save()
        changed = sorted(name for name, value in given.items() if before.get(name) != value)
        log.record(events.LOOKUP_SET, actor=actor(by), lookup=row.pk, code=row.code, fields=changed, new=number is None)
    lookups.rest(row.code)
    return row


def remove_lookup(by: Any, number: int) -> None:
    """Raises Refused while a published policy asks for it, PermissionDenied."""
    may(by, LOOKUPS)
    with transaction.atomic():
        row = Lookup.objects.select_for_update().filter(pk=number).first()
        if row is None:
            raise Refused("gone", _("This look-up is not there any more."))
        if users := queries_lookups.policies_of(row.code):
            raise Refused("used", _("Published policies ask for it: %(names)s. Take it out there first.") % {"names": ", ".join(sorted(set(users.values())))})
        pk = row.pk
        row.delete()
        log.record(events.LOOKUP_DELETED, actor=actor(by), lookup=pk, code=row.code)


def _still_used(row: Lookup, given: Mapping[str, Any]) -> None:
    if row.pk is None:
        return
    before, after = outputs_of(row.outputs), outputs_of(given["outputs"])
    for fact, policy in queries_lookups.policies_of(row.code).items():
        output = split(fact)[1]
        if output in before and (output not in after or after[output].type != before[output].type):
            text = _("The published policy %(policy)s asks for %(output)s: it must stay as it is, and of its type.")
            raise BadValue("outputs", text % {"policy": policy, "output": output})


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    given = dict(values)
    given["name"] = " ".join(str(given["name"]).split())
    if not given["name"] or len(given["name"]) > 120:
        raise BadValue("name", _("A look-up has a name of at most 120 characters."))
    service = WebService.objects.filter(pk=given["service_id"]).first()
    if service is None:
        raise BadValue("service_id", _("Say which service or database is asked."))
    given["limit_ms"], given["keep_seconds"] = int(given["limit_ms"]), int(given["keep_seconds"])
    if not LEAST_MS <= given["limit_ms"] <= MOST_MS:
        raise BadValue("limit_ms", _("A decision waits from %(least)d to %(most)d milliseconds.") % {"least": LEAST_MS, "most": MOST_MS})
    if not 0 <= given["keep_seconds"] <= MOST_KEEP:
        raise BadValue("keep_seconds", _("An answer is kept for a week at most."))
    inputs = _inputs(given["inputs"])
    if service.kind == WebService.Kind.HTTP:
        given["query"] = ""
        path = given["path"] = str(given["path"]).strip()
        bare = path.replace("{", "").replace("}", "")
        if (
            len(path) > 300
            or (path and not path.startswith("/"))
            or "//" in path
            or ".." in path
            or not bare.isascii()
            or not bare.isprintable()
            or {*" \\#"} & {*path}
        ):
            raise BadValue("path", _("A path begins with / and stays within the service."))
        _known(names_in_path(path), inputs, "path")
    else:
        given["path"], given["post"] = "", False
        given["query"] = str(given["query"]).strip()
        try:
            query = query_of(given["query"])
        except WrongQuery as wrong:
            words = {"empty": _("Say what the database is asked."), "several": _("One question only: take out the semicolon.")}
            raise BadValue("query", words.get(wrong.code, _("A look-up only reads: the question begins with SELECT or WITH."))) from None
        if len(given["query"]) > 5000 or "\x00" in given["query"]:
            raise BadValue("query", _("The question is too long."))
        _known(query.names, inputs, "query")
    given["inputs"], given["outputs"] = inputs, _outputs(given["outputs"])
    return given


def _known(names: set[str] | frozenset[str], inputs: list[dict[str, str]], field: str) -> None:
    missing = sorted(names - {one["name"] for one in inputs})
    if missing:
        raise BadValue(field, _("There is no input called %(name)s.") % {"name": missing[0]})


def _inputs(given: Any) -> list[dict[str, str]]:
    if not isinstance(given, list) or len(given) > MOST_FIELDS or not all(isinstance(one, Mapping) for one in given):
        raise BadValue("inputs", _("There are at most %(most)d inputs.") % {"most": MOST_FIELDS})
    found: list[dict[str, str]] = []
    for one in given:
        name, fact = one.get("name"), one.get("fact")
        if not is_name(name) or name in {known["name"] for known in found}:
            raise BadValue("inputs", _("An input has a name of its own, with small letters, digits and underscores."))
        if not isinstance(fact, str) or split(fact)[0] or fact not in facts.REGISTRY:
            raise BadValue("inputs", _("There is no fact called %(name)s that could be given along.") % {"name": fact})
        found.append({"name": name, "fact": fact})
    return found


def _outputs(given: Any) -> list[dict[str, Any]]:
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_FIELDS or not all(isinstance(one, Mapping) for one in given):
        raise BadValue("outputs", _("A look-up gives from one to %(most)d values.") % {"most": MOST_FIELDS})
    found: list[dict[str, Any]] = []
    for one in given:
        name, type = one.get("name"), one.get("type")
        if not is_name(name) or name == FAILED or name in {known["name"] for known in found}:
            raise BadValue("outputs", _("A value has a name of its own, with small letters, digits and underscores, other than “failed”."))
        if type not in TYPES:
            raise BadValue("outputs", _("%(name)s has no type that there is.") % {"name": name})
        words, path = str(one.get("words") or ""), str(one.get("path") or name)
        if len(words) > 80 or len(path) > 200 or "\x00" in words + path:
            raise BadValue("outputs", _("The words of %(name)s are too long.") % {"name": name})
        kept: dict[str, Any] = {"name": name, "words": words, "type": type, "path": path}
        if "default" in one:
            kept["default"] = _default(name, type, one["default"])
        found.append(kept)
    return found


def _default(name: str, type: str, value: Any) -> Any:
    """As JSON keeps it; null: not known, and the rule is asked with that."""
    try:
        value = plain(taken(type, value))
        json.dumps(value, allow_nan=False)
    except (WrongValue, TypeError, ValueError):
        raise BadValue("outputs", _("The default of %(name)s is not of its type.") % {"name": name}) from None
    if isinstance(value, str) and (len(value) > 500 or "\x00" in value):
        raise BadValue("outputs", _("The default of %(name)s is not of its type.") % {"name": name})
    return value
