"""All that changes who waits, who is offered what, and in which state agents are. The nouns have files of their own; callers use this one.

Every act is one transaction, records its events in it, may be repeated without harm, and locks interactions before agents, each by id.
`now` defaults to the clock; tests give it. Acts of people take the user and check the right; acts of the switch and the worker do not.
Results are `interactions.acts.Act` (with words for the screen), unless said otherwise.
"""

from __future__ import annotations

from cordboard.routing.actions_agent import (
    come_back,
    see_over,
    set_not_ready,
    set_ready,
    sign_in,
    sign_out,
    sweep_over,
    sweep_presence,
)
from cordboard.routing.actions_call import agent_left, customer_left, extend_wrapup, hang_up, hold, resume, sweep_wrapup, wrap_up
from cordboard.routing.actions_conference import end_for_all, leave_conference, merge, remove_member, swap
from cordboard.routing.actions_entry import Enqueued, enqueue, leave, set_open
from cordboard.routing.actions_media import agent_media_back, agent_media_lost, lose_agent, return_to_queue, sweep_media
from cordboard.routing.actions_member import join_queue, leave_queue, remove_skill, set_skill, sweep_skills
from cordboard.routing.actions_offer import accept_offer, expire_offers, reject_offer, withdraw_offer
from cordboard.routing.actions_order import move_first, move_to_queue, set_priority
from cordboard.routing.actions_outside import call_off, dial_outside, outside_answered, outside_gone, outside_ringing
from cordboard.routing.actions_park import park, pick_up, sweep_parked
from cordboard.routing.actions_reserve import Match, Reserved, reserve
from cordboard.routing.actions_supervise import not_let_in, stop_supervising, supervise
from cordboard.routing.actions_transfer import (
    back_out_of_consult,
    complete_consult,
    consult,
    invite,
    leave_consult,
    transfer,
)

__all__ = [
    "Enqueued",
    "Match",
    "Reserved",
    "accept_offer",
    "agent_left",
    "agent_media_back",
    "agent_media_lost",
    "back_out_of_consult",
    "call_off",
    "come_back",
    "complete_consult",
    "consult",
    "customer_left",
    "dial_outside",
    "end_for_all",
    "enqueue",
    "expire_offers",
    "extend_wrapup",
    "hang_up",
    "hold",
    "invite",
    "join_queue",
    "leave",
    "leave_conference",
    "leave_consult",
    "leave_queue",
    "lose_agent",
    "merge",
    "move_first",
    "move_to_queue",
    "not_let_in",
    "outside_answered",
    "outside_gone",
    "outside_ringing",
    "park",
    "pick_up",
    "reject_offer",
    "remove_member",
    "remove_skill",
    "reserve",
    "resume",
    "return_to_queue",
    "see_over",
    "set_not_ready",
    "set_open",
    "set_priority",
    "set_ready",
    "set_skill",
    "sign_in",
    "sign_out",
    "stop_supervising",
    "supervise",
    "swap",
    "sweep_media",
    "sweep_over",
    "sweep_parked",
    "sweep_presence",
    "sweep_skills",
    "sweep_wrapup",
    "transfer",
    "withdraw_offer",
    "wrap_up",
]
