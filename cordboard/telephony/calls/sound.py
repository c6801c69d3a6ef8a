"""What is to be heard in a call, as a function of its state; the commands are the difference to what the driver was last told."""

from __future__ import annotations

from dataclasses import replace

from cordboard.telephony.calls.happenings import AgentConnected, Fact, RecordingStarted
from cordboard.telephony.calls.state import Call, Sound
from cordboard.telephony.driver import Bridge, Command, Music, Record, StopPlay


def wanted(call: Call) -> Sound:
    """Who hears whom and what. The customer hears a person, a prompt or music: there is no fourth."""
    main, colleague = call.main, call.colleague
    bridge: tuple[str, ...] = ()
    if call.up and not call.left:
        if colleague is not None and main is not None:
            if main.speaks and colleague.speaks:
                bridge = (main.leg, colleague.leg)
        elif main is not None and main.speaks and not main.held:
            bridge = (call.leg, main.leg)
    talks = call.leg in bridge
    alone = call.up and not call.left and not talks
    music = call.music if alone and (main is not None or call.waiting or call.bored) else ""
    return Sound(bridge=bridge, music=music, customer_silent=not talks, paused=main is None or colleague is not None)


def follow(call: Call) -> tuple[Call, list[Command | Fact]]:
    """Tell the driver what changed."""
    out: list[Command | Fact] = []
    if call.ending or not call.up:
        return call, out
    want, have = wanted(call), call.sound
    talks = call.leg in want.bridge if want.bridge else False
    if talks and (call.playback or call.announcement):
        out.append(StopPlay(call.leg))
        call = replace(call, playback="", announcement="")
    if want.bridge != have.bridge:
        out.append(Bridge(call.call, want.bridge or ()))
        call = replace(call, retries=call.retries if have.bridge is None else 0)
    if want.music != have.music and not (talks and have.music is not None):  # a bridge ends the music by itself
        out.append(Music(call.leg, bool(want.music), want.music or call.music))
    for agent in call.agents:
        if agent.leg and agent.leg in (want.bridge or ()) and not agent.heard:
            call = call.with_agent(replace(agent, heard=True))
            out.append(AgentConnected(agent.segment))
    recording = call.recording
    if recording is not None and not recording.over:
        changed = (want.customer_silent, want.paused) != (have.customer_silent, have.paused) or have.bridge is None
        if (recording.started and changed) or (not recording.started and talks):
            out.append(Record(call.call, recording.recording, recording.path, call.leg, want.customer_silent, want.paused))
        if not recording.started and talks:
            out.append(RecordingStarted(recording.recording, recording.path))
            call = replace(call, recording=replace(recording, started=True))
    return replace(call, sound=want), out
