"""What a surface does between two questions: look-ups, acts, web services. Outside of any transaction; each has its own time."""

from __future__ import annotations

import logging

from django.core.exceptions import PermissionDenied, ValidationError

from cordboard.flows import services
from cordboard.flows.effects import CallService, LookedUp, LookUp, Perform
from cordboard.flows.steps import ACTS, LOOKUPS, About

logger = logging.getLogger(__name__)


def run(errand: LookUp | Perform | CallService, about: About) -> LookedUp:
    """What came of it. Never raises: what cannot be done is a word in `failed`."""
    try:
        match errand:
            case LookUp():
                lookup = LOOKUPS.get(errand.name)
                return LookedUp(failed="not_here") if lookup is None or lookup.read is None else LookedUp(lookup.read(about, errand.args))
            case Perform():
                act = ACTS.get(errand.name)
                return LookedUp(failed="not_here") if act is None else LookedUp(act.do(about, errand.args, f"{about.run}:{errand.key}"))
            case CallService():
                return services.fetch(services.plan(errand.service), errand.path, errand.body, errand.timeout)
    except (PermissionDenied, ValidationError, ValueError) as refused:
        logger.info("%s of a flow was refused: %s", errand.step, refused)
        return LookedUp(failed="refused")
    except Exception as problem:
        logger.exception("%s of a flow failed", errand.step)
        return LookedUp(failed=type(problem).__name__)
