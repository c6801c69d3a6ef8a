"""All that changes lines, calls, recordings and announcements, and what the switch reports of a call to interactions and routing. The nouns have files of
their own; callers use this one."""

from __future__ import annotations

from cordboard.channels.voice.actions_call import (
    Opened,
    agent_gone,
    agent_media_back,
    agent_media_lost,
    agent_unreachable,
    call_ended,
    call_ending,
    cursor,
    end_lost_calls,
    identify_by_customer_number,
    keep_cursor,
    open_call,
)
from cordboard.channels.voice.actions_outbound import answered_by, begin_outbound, customer_answered, customer_rings
from cordboard.channels.voice.actions_quality import leg_heard
from cordboard.channels.voice.actions_run import Begun, begin_run, closed_now, graph_of, keep_run
from cordboard.channels.voice.actions_sound import BadPrompt, prompt_failed, recording_ended, recording_heard, recording_started, set_prompt
from cordboard.channels.voice.actions_voicemail import message_left
from cordboard.channels.voice.actions_web import allow_web_call
from cordboard.routing.actions_outside import outside_answered, outside_gone, outside_ringing
from cordboard.routing.actions_supervise import not_let_in

__all__ = [
    "BadPrompt",
    "Begun",
    "Opened",
    "agent_gone",
    "agent_media_back",
    "agent_media_lost",
    "agent_unreachable",
    "allow_web_call",
    "answered_by",
    "begin_outbound",
    "begin_run",
    "call_ended",
    "call_ending",
    "closed_now",
    "cursor",
    "customer_answered",
    "customer_rings",
    "end_lost_calls",
    "graph_of",
    "identify_by_customer_number",
    "keep_cursor",
    "keep_run",
    "leg_heard",
    "message_left",
    "not_let_in",
    "open_call",
    "outside_answered",
    "outside_gone",
    "outside_ringing",
    "prompt_failed",
    "recording_ended",
    "recording_heard",
    "recording_started",
    "set_prompt",
]
