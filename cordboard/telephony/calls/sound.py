"""What is to be heard in a call, as a function of its state; the commands are the difference to what the driver was last told."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

from cordboard.telephony.calls.happenings import AgentConnected, Fact, Kind, Mode, RecordingStarted
from cordboard.telephony.calls.state import RINGING, Call, Sound
from cordboard.telephony.driver import Bridge, Command, Gain, Music, Record, StopPlay

Circle = tuple[str, ...]
"""Legs that hear one another."""
Pair = tuple[str, str]
"""Source and destination."""


def circles(call: Call) -> list[Circle]:
    """Who talks with whom: one circle with the customer, or two while the one who has the customer is apart with a colleague."""
    main, colleague = call.main, call.colleague
    if main is None or call.left:
        return []
    if not call.up:  # whom we call rings: what their side plays meanwhile is heard
        return [(call.leg, main.leg)] if call.dial is not None and call.dial.early and main.speaks and not main.held else []
    members = tuple(member.leg for member in call.members if member.speaks and not member.held)
    own = (main.leg,) if main.speaks else ()
    customer = () if call.aside else (call.leg,)
    if colleague is not None and main.held:
        private = (*own, *((colleague.leg,) if colleague.speaks and not colleague.held else ()))
        found = [private, (*customer, *members)]
    else:
        found = [(*(() if main.held else customer), *own, *members)]
    return [circle for circle in found if len(circle) > 1]


def _supervised(call: Call, found: list[Circle]) -> tuple[Circle, set[Pair]]:
    """Supervisors who hear something, and who is not heard by whom on their account."""
    legs: list[str] = []
    muted: set[Pair] = set()
    for one in call.supervisors:
        watched = call.agent(one.of) or call.main
        circle = next((circle for circle in found if watched is not None and watched.leg in circle), None)
        if circle is None or watched is None or not one.speaks or one.notice:
            continue
        hears = set(circle)
        heard_by = {Mode.LISTEN: set(), Mode.WHISPER: {watched.leg}, Mode.BARGE: set(circle)}[one.mode]
        for others in found:
            for other in others:
                if other not in hears:
                    muted.add((other, one.leg))
                if other not in heard_by:
                    muted.add((one.leg, other))
        for other in legs:  # supervisors do not disturb each other
            muted |= {(one.leg, other), (other, one.leg)}
        legs.append(one.leg)
    return tuple(legs), muted


def wanted(call: Call) -> Sound:
    """Who hears whom and what. The customer hears people, a prompt or music: there is no fourth."""
    main, colleague = call.main, call.colleague
    found = circles(call)
    listening, muted = _supervised(call, found)
    for one, other in permutations(found, 2):
        muted |= {(source, destination) for source in one for destination in other}
    bridge = (*(leg for circle in found for leg in circle), *listening)
    talks = call.up and call.leg in bridge
    music: dict[str, str] = {}
    if call.up and not call.left and not talks and ((main is not None and not call.aside) or call.waiting or call.bored):
        music[call.leg] = call.music
    if call.dialling and call.dial is not None and call.dial.rings and main is not None and main.speaks and main.leg not in bridge:
        music[main.leg] = RINGING
    if colleague is not None and colleague.speaks and main is not None and colleague.leg not in bridge:
        music[colleague.leg] = call.music
    if main is not None and main.speaks and main.held and main.leg not in bridge and colleague is not None and colleague.held:
        music[main.leg] = call.music  # the colleague is busy with something else
    elif main is not None and main.speaks and main.held and main.leg not in bridge and any(not a.accepted and _asked(a.kind, a.outside) for a in call.agents):
        music[main.leg] = RINGING
    alone = main is None or (main.outside and not call.members)
    apart = colleague is not None and main is not None and main.held
    return Sound(
        bridge=bridge,
        music=tuple(sorted(music.items())),
        muted=tuple(sorted(muted)),
        customer_silent=not talks or call.away,
        paused=alone or apart or call.private or bool(call.aside),
    )


def _asked(kind: Kind, outside: bool) -> bool:
    """Whether the agent waits for this one to answer."""
    return kind is Kind.CONSULT or (outside and kind is not Kind.SUPERVISE)


def follow(call: Call) -> tuple[Call, list[Command | Fact]]:
    """Tell the driver what changed. Nobody is bridged before those who must not hear them are kept from it."""
    out: list[Command | Fact] = []
    if call.ending or not (call.up or (call.dial is not None and call.dial.rings)):
        return call, out
    want, have = wanted(call), call.sound
    bridge = want.bridge or ()
    talks = call.up and call.leg in bridge
    if talks and (call.playback or call.announcement):
        out.append(StopPlay(call.leg))
        call = replace(call, playback="", announcement="")
    alive = set(call.legs)
    muted = {pair for pair in have.muted if set(pair) <= alive}
    fresh = have.bridge is None
    silent = [pair for pair in want.muted if fresh or pair not in muted]
    heard = [pair for pair in permutations(bridge, 2) if pair not in want.muted and (pair in muted or (fresh and len(bridge) > 2))]
    out.extend(Gain(call.call, source, destination, 0.0) for source, destination in silent)
    if want.bridge != have.bridge:
        out.append(Bridge(call.call, bridge))
        call = replace(call, retries=call.retries if fresh else 0)
    out.extend(Gain(call.call, source, destination, 1.0) for source, destination in heard)
    out.extend(_music(call, want, have, alive))
    for agent in call.agents:
        if call.up and agent.leg and agent.leg in bridge and not agent.heard:
            call = call.with_agent(replace(agent, heard=True))
            if agent.kind is not Kind.SUPERVISE:
                out.append(AgentConnected(agent.segment))
    recording = call.recording
    if recording is not None and not recording.over and not recording.stopping:
        changed = (want.customer_silent, want.paused) != (have.customer_silent, have.paused) or fresh
        begins = not recording.started and talks and not want.paused
        if (recording.started and changed) or begins:
            out.append(
                Record(call.call, recording.recording, recording.path, call.leg, want.customer_silent, want.paused, strict=call.private or bool(call.aside))
            )
        if begins:
            out.append(RecordingStarted(recording.recording, recording.path))
            call = replace(call, recording=replace(recording, started=True))
    kept = tuple(sorted((muted - set(heard)) | set(want.muted)))
    return replace(call, sound=replace(want, muted=kept)), out


def _music(call: Call, want: Sound, have: Sound, alive: set[str]) -> list[Command | Fact]:
    """A bridge ends the music by itself; what is not known is told once more."""
    now = dict(want.music or ())
    before = dict(have.music) if have.music is not None else dict.fromkeys((call.leg,), "?")
    out: list[Command | Fact] = []
    for leg, source in sorted(now.items()):
        if have.music is None or before.get(leg) != source:
            out.append(Music(leg, True, source))
    for leg in sorted(before):
        if leg not in now and leg in alive and leg not in call.leaving and (have.music is None or leg not in (want.bridge or ())):
            out.append(Music(leg, False, call.music))
    return out
