"""Steps that wait, go elsewhere, or end the run: wait, sub_flow, enqueue, offer_callback, transfer, hand_over, end. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cordboard.flows.effects import Done, End, Enqueue, HandOver, Input, Transfer, Wait
from cordboard.flows.steps import Field, Step, Type, declare

if TYPE_CHECKING:
    from cordboard.flows.engine import Run
    from cordboard.flows.graph import Look


def _wait(run: Run, step: Step) -> str | None:
    run.effects.append(Wait(run.at, float(step["seconds"])))
    return None


def _waited(run: Run, step: Step, input: Input) -> str | None:
    return "next" if isinstance(input, Done) else None


def _sub_flow(run: Run, step: Step) -> str | None:
    raise ValueError("a sub-flow is put in when its flow is published (linking.py)")


def _check_sub_flow(look: Look, name: str, step: Step) -> None:
    ends = step.get("ends", {})
    if isinstance(ends, dict) and not all(isinstance(one, str) for one in ends.values()):
        look.wrong(name, "dead_end", "An end of the sub-flow leads to a step.")


def _enter(run: Run, step: Step) -> str | None:
    return "next"


def _enqueue(run: Run, step: Step) -> str | None:
    run.finish("queued", Enqueue(str(run.value_of(step["queue"])), run.context(step.get("context")), step.get("priority")))
    return None


def _offer_callback(run: Run, step: Step) -> str | None:
    """As enqueue, for one who chose to be called back: the surface confirms the number, keeps the place and lets the customer go."""
    run.finish("queued", Enqueue(str(run.value_of(step["queue"])), run.context(step.get("context")), step.get("priority"), callback=True))
    return None


def _transfer(run: Run, step: Step) -> str | None:
    run.finish("transferred", Transfer(str(run.value_of(step["to"]))))
    return None


def _hand_over(run: Run, step: Step) -> str | None:
    run.finish("handed_over", HandOver(run.why or str(step.get("reason", "flow")), str(run.value_of(step.get("queue", ""))), run.context(step.get("context"))))
    return None


def _end(run: Run, step: Step) -> str | None:
    run.finish(str(step.get("reason", "end")), End(str(step.get("reason", "end"))))
    return None


_QUEUE = Field("queue", "queue", _("Queue"), required=True)
_CONTEXT = Field("context", "variables", _("Goes along"), _("Variables that the agent gets. None: all that was answered, looked up and set."))
_PRIORITY = Field("priority", "integer", _("Priority"))

declare(
    Type(
        "wait",
        _wait,
        _waited,
        words=_("Wait"),
        group="decide",
        exits={"next": _("over")},
        fields=(Field("seconds", "number", _("Seconds"), required=True),),
        waits=True,
    )
)
declare(
    Type(
        "sub_flow",
        _sub_flow,
        words=_("Go through another flow"),
        help=_("Goes through a published flow and comes back. Variables are shared."),
        group="decide",
        exits={"next": _("when it ends")},
        fields=(Field("flow", "flow", _("Flow"), required=True), Field("ends", "ends", _("Ends that lead elsewhere"))),
        check=_check_sub_flow,
    )
)
declare(Type("enter", _enter, hidden=True))
declare(Type("enqueue", _enqueue, words=_("Put in a queue"), group="leave", exits={}, fields=(_QUEUE, _CONTEXT, _PRIORITY), ends=True))
declare(
    Type(
        "offer_callback",
        _offer_callback,
        words=_("Call back instead"),
        help=_("Keeps the caller's place in the queue and calls back."),
        group="leave",
        exits={},
        fields=(_QUEUE, _CONTEXT, _PRIORITY),
        ends=True,
        surfaces=frozenset({"ivr"}),
    )
)
declare(
    Type(
        "transfer",
        _transfer,
        words=_("Transfer"),
        help=_("To a number or address outside of this flow."),
        group="leave",
        exits={},
        fields=(Field("to", "text_or_variable", _("To"), required=True),),
        ends=True,
        surfaces=frozenset({"ivr", "script"}),
    )
)
declare(
    Type(
        "hand_over",
        _hand_over,
        words=_("Hand over to a person"),
        help=_("To whoever is right by the routing policy."),
        group="leave",
        exits={},
        fields=(Field("reason", "text", _("Reason")), Field("queue", "queue", _("Queue")), _CONTEXT),
        ends=True,
    )
)
declare(Type("end", _end, words=_("End"), group="leave", exits={}, fields=(Field("reason", "text", _("How it ended")),), ends=True))
