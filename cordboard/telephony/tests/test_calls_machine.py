"""Calls under everything that may happen, in any order, late or twice: hypothesis drives, a small switch keeps account of what is heard."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cordboard.telephony import calls, driver
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.calls.state import Call, Phase
from cordboard.telephony.driver import Cause, EndpointKind, Prompt
from cordboard.telephony.tests.paper_switch import Switch

SEGMENTS = st.integers(1, 5)
PARTS = st.sampled_from([1, 2, 3, 4, 5, -1, -2])
RARELY = st.integers(0, 11).map(lambda n: n == 7)
CAUSES = st.sampled_from(list(Cause))
PROMPTS = (Prompt("hello"),)
EXAMPLES = int(os.environ.get("CORDBOARD_CALL_WALKS", "70"))
"""Walks through the machine: as many, and the same ones, in every run of the suite; more, and others each time, when asked for."""


class CallMachine(RuleBasedStateMachine):
    call: Call
    switch: Switch

    @initialize(start=st.sampled_from(["arriving", "automated", "waiting", "ringing", "talking", "consulting", "consulting", "conference", "supervised"]))
    def arrive(self, start: str) -> None:
        self.now = 1000.0
        self.call, out = calls.begin(driver.CallOffered("c", "c.in", "+31205550123", "100", EndpointKind.SIP), self.now)
        self.switch = Switch("c.in", {"c.in": "ringing"})
        self.facts: list[calls.Output] = []
        self.ended_facts = 0
        self.take(out)
        steps: list[h.Happening] = [h.Take(), driver.LegUp("c.in", "PCMU"), h.RecordCall("r1", "r.wav")]
        if start != "automated":
            steps += [h.Queued("default", 30.0)]
        if start in ("ringing", "talking", "consulting", "conference", "supervised"):
            steps += [h.Offered(1, "1"), driver.LegUp("c.a1", "opus")]
        if start in ("talking", "consulting", "conference", "supervised"):
            steps += [h.Accepted(1)]
        if start in ("consulting", "conference"):
            steps += [h.Held(1), h.Offered(2, "2", h.Kind.CONSULT), driver.LegUp("c.a2", "opus"), h.Accepted(2)]
        if start == "conference":
            steps += [h.Became(2, h.Kind.CONFERENCE), h.Resumed(1)]
        if start == "supervised":
            steps += [h.Offered(3, "3", h.Kind.SUPERVISE, of=1), driver.LegUp("c.a2", "opus"), h.Accepted(3)]
        for step in steps if start != "arriving" else ():
            if isinstance(step, driver.LegUp):
                self.switch.legs[step.leg] = "up"
            self.happens(step)

    # -- what happens ---------------------------------------------------------------------------------------------

    def take(self, out: tuple[calls.Output, ...]) -> None:
        for one in out:
            if type(one) in vars(driver).values():
                self.switch.perform(one)
            else:
                self.facts.append(one)
                self.ended_facts += isinstance(one, h.CallEnded)

    def happens(self, what: h.Happening) -> None:
        before = self.call.ended
        self.call, out = calls.advance(self.call, what, self.now)
        self.take(out)
        if before:
            assert all(isinstance(one, h.RecordingDone) for one in out), "nothing is done after the end"

    @rule(seconds=st.sampled_from([0.1, 1.0, 3.0, 9.0, 21.0, 61.0, 121.0]))
    def time(self, seconds: float) -> None:
        until = self.now + seconds
        for _ in range(500):  # each tick must move the timers on
            due = self.call.due
            if due is None or due > until:
                break
            self.now = max(self.now, due)
            self.happens(h.Tick())
        else:
            raise AssertionError("timers do not come to an end")
        self.now = until

    @rule()
    def idle_tick(self) -> None:
        self.happens(h.Tick())

    @rule()
    def taken(self) -> None:
        self.happens(h.Take())

    @precondition(lambda self: not self.call.taken)
    @rule(cause=CAUSES)
    def refused(self, cause: Cause) -> None:
        self.happens(h.Refuse(cause))

    @precondition(lambda self: self.call.taken)
    @rule()
    def caller_up(self) -> None:
        if "c.in" in self.switch.legs and "c.in" not in self.switch.hung_up:
            self.switch.legs["c.in"] = "up"
            self.happens(driver.LegUp("c.in", "PCMU"))

    @precondition(lambda self: len(self.switch.legs) > 1)
    @rule(data=st.data())
    def agent_up(self, data: st.DataObject) -> None:
        leg = data.draw(st.sampled_from(sorted(self.switch.legs)))
        if leg != "c.in" and leg not in self.switch.hung_up:
            self.switch.legs[leg] = "up"
            self.happens(driver.LegUp(leg, "opus"))

    @rule(data=st.data())
    def leg_up_again_or_of_nobody(self, data: st.DataObject) -> None:
        self.happens(driver.LegUp(data.draw(st.sampled_from(["strange", *sorted(self.switch.hung_up - {"c.in"})]))))

    @precondition(lambda self: self.switch.legs)
    @rule(data=st.data(), cause=CAUSES, far=st.booleans())
    def leg_ended(self, data: st.DataObject, cause: Cause, far: bool) -> None:
        leg = data.draw(st.sampled_from(sorted(self.switch.legs, reverse=True)))
        if leg == "c.in" and not data.draw(RARELY):
            return
        self.switch.gone(leg)
        self.happens(driver.LegEnded(leg, cause, far))

    @rule(leg=st.sampled_from(["c.a1", "c.a2", "c.a3", "strange"]))
    def leg_ended_again(self, leg: str) -> None:
        if leg not in self.switch.legs:
            self.happens(driver.LegEnded(leg, Cause.NORMAL, True))

    @rule(data=st.data())
    def media_lost(self, data: st.DataObject) -> None:
        self.happens(driver.MediaLost(data.draw(st.sampled_from(["c.in", *sorted(self.switch.legs), "strange"]))))

    @rule(data=st.data())
    def media_back(self, data: st.DataObject) -> None:
        self.happens(driver.MediaRestored(data.draw(st.sampled_from(["c.in", *sorted(self.switch.legs), "strange"]))))

    @rule(key=st.sampled_from("0123456789*#"))
    def key(self, key: str) -> None:
        self.happens(driver.KeyPressed("c.in", key))

    @rule(error=st.sampled_from(["", "gone"]), stale=st.booleans())
    def play_ended(self, error: str, stale: bool) -> None:
        playback = "c.p0" if stale else self.switch.playing
        if not stale:
            self.switch.playing = ""
        self.happens(driver.PlayEnded("c.in", playback, error=error))

    @rule(keys=st.sampled_from(["", "1", "12345"]), how=st.sampled_from(["end_key", "timeout", "replaced"]), stale=st.booleans())
    def collected(self, keys: str, how: str, stale: bool) -> None:
        collection = "c.k0" if stale else self.switch.collecting
        if not stale:
            self.switch.collecting = ""
        self.happens(driver.KeysCollected("c.in", collection, keys, how))

    @precondition(lambda self: self.switch.recording)
    @rule(error=st.sampled_from(["", "disk full"]))
    def recording_ended(self, error: str) -> None:
        assert self.switch.recording is not None
        name = self.switch.recording.recording
        self.switch.recording = None
        self.happens(driver.RecordingEnded("c", name, "r.wav", 1.0, error))

    @rule(what=st.sampled_from(["bridge", "music", "gain", "music of another", "originate", "play", "collect", "record", "answer", "hangup", "remember"]))
    def command_failed(self, what: str) -> None:
        newest = f"c.a{self.call.serial}"
        if what == "originate":
            self.switch.gone(newest)
        elif what == "hangup":
            for leg in list(self.switch.hung_up):
                self.switch.gone(leg)
        elif what == "play":
            self.switch.playing = ""
        elif what == "collect":
            self.switch.collecting = ""
        elif what == "record":
            self.switch.recording = None
        elif what == "bridge":
            if self.call.sound.bridge and "c.in" in self.call.sound.bridge:
                return  # covered by test_a_bridge_that_fails_is_tried_again: for half a second nothing is heard
            self.switch.bridge = ()
        elif what == "music":
            return  # likewise
        commands: dict[str, driver.Command] = {
            "bridge": driver.Bridge("c", ()),
            "music": driver.Music("c.in", True),
            "gain": driver.Gain("c", "c.a1", "c.in", 0.0),
            "music of another": driver.Music("c.a1", True),
            "originate": driver.Originate("c", newest, driver.Endpoint(EndpointKind.BROWSER, "1")),
            "play": driver.Play("c.in", self.call.playback, PROMPTS),
            "collect": driver.CollectKeys("c.in", self.call.collection, 1),
            "record": driver.Record("c", "r1", "r.wav", "c.in"),
            "answer": driver.Answer("strange"),
            "hangup": driver.HangUp(next(iter(sorted(self.switch.hung_up)), "strange")),
            "remember": driver.Remember("c", ""),
        }
        self.happens(driver.CommandFailed(commands[what], "no"))

    # -- what people want -------------------------------------------------------------------------------------------

    @rule(segment=SEGMENTS, kind=st.sampled_from(list(h.Kind)), phone=st.sampled_from(["", "", "desk"]), at_once=st.booleans())
    def offered(self, segment: int, kind: h.Kind, phone: str, at_once: bool) -> None:
        self.happens(h.Offered(segment, str(segment), kind, phone=phone, at_once=at_once))

    @rule(segment=PARTS, what=st.sampled_from([h.Accepted, h.SegmentOver, h.Held, h.Resumed, h.Completed]))
    def wish(self, segment: int, what: type) -> None:
        self.happens(what(segment))

    @rule(party=st.integers(1, 2), kind=st.sampled_from([h.Kind.CONSULT, h.Kind.TRANSFER, h.Kind.CONFERENCE]))
    def dialled(self, party: int, kind: h.Kind) -> None:
        self.happens(h.Offered(-party, "", kind, number="+31101234567"))

    @rule(segment=PARTS, kind=st.sampled_from(list(h.Kind)))
    def became(self, segment: int, kind: h.Kind) -> None:
        self.happens(h.Became(segment, kind))

    @rule(segment=SEGMENTS, of=SEGMENTS, mode=st.sampled_from(list(h.Mode)), notice=st.booleans())
    def supervises(self, segment: int, of: int, mode: h.Mode, notice: bool) -> None:
        self.happens(h.Offered(segment, str(segment), h.Kind.SUPERVISE, mode=mode, of=of, notice=notice))
        self.happens(h.Accepted(segment))

    @rule(on=st.booleans())
    def the_customers_side_holds_us(self, on: bool) -> None:
        self.happens(driver.LegHeld("c.in", on))
        if not self.call.left and not self.call.ended:
            assert self.call.away is on

    @rule(segment=SEGMENTS, mode=st.sampled_from(list(h.Mode)))
    def supervised(self, segment: int, mode: h.Mode) -> None:
        self.happens(h.Supervised(segment, mode))

    @rule(prompts=st.sampled_from([PROMPTS, ()]))
    def notice(self, prompts: tuple[Prompt, ...]) -> None:
        self.happens(h.Notice(prompts))

    @rule()
    def notice_is_over(self) -> None:
        playing = self.call.notice
        if playing:
            if self.switch.playing == playing:
                self.switch.playing = ""
            self.happens(driver.PlayEnded("c.in", playing))

    @rule(data=st.data())
    def rings_outside(self, data: st.DataObject) -> None:
        self.happens(driver.LegRinging(data.draw(st.sampled_from(["strange", *sorted(self.switch.legs)]))))

    @rule(every=st.sampled_from([0.0, 30.0, None]))
    def queued(self, every: float | None) -> None:
        self.happens(h.Queued("default", every))

    @rule(what=st.sampled_from(["say", "ask", "announce"]))
    def prompt(self, what: str) -> None:
        wishes: dict[str, h.Happening] = {"say": h.Say(PROMPTS), "ask": h.Ask(PROMPTS, 5, at_once="0"), "announce": h.Announce(PROMPTS)}
        self.happens(wishes[what])

    @rule(segment=st.sampled_from([0, 1, 1, 2]))
    def aside(self, segment: int) -> None:
        self.happens(h.Aside(segment))

    @rule()
    def record(self) -> None:
        self.happens(h.RecordCall("r1", "r.wav"))

    @rule(by=st.sampled_from(["agent", "flow"]), now=RARELY)
    def end(self, by: str, now: bool) -> None:
        if now:
            self.happens(h.EndCall(Cause.NORMAL, by))

    @rule()
    def new_switch(self) -> None:
        """The process dies and its successor knows only the memo and what stands."""
        self.call = calls.from_memo(self.call.memo())
        if not self.call.ended:
            self.happens(h.Adopted(tuple(self.switch.legs.items())))

    # -- what always holds ------------------------------------------------------------------------------------------

    @invariant()
    def every_leg_has_an_owner(self) -> None:
        if not hasattr(self, "call"):
            return
        unowned = set(self.switch.legs) - set(self.call.legs) - self.switch.hung_up
        assert not unowned, f"{unowned} belong to nobody"

    @invariant()
    def customer_hears_something(self) -> None:
        if not hasattr(self, "call") or not self.call.up or self.call.ending:
            return
        prompt = self.switch.playing or self.switch.collecting or self.call.playback or self.call.collection
        person = bool(self.switch.hears("c.in"))
        music = "c.in" in self.switch.music
        thinking = self.call.bored_at is not None and self.call.bored_at - self.now <= 2.0
        assert person or music or prompt or thinking, f"silence while {self.call.phase}"
        if person:
            assert self.call.main is not None
            assert not self.call.main.held or self.call.members

    @invariant()
    def recording_is_lawful(self) -> None:
        if not hasattr(self, "call") or self.switch.recording is None:
            return
        assert not self.call.ended
        assert self.switch.recording.customer_silent or self.switch.hears("c.in") or self.call.ending
        assert self.switch.recording.customer_silent or not self.call.away or self.call.ending
        if not self.call.ending and self.call.main is not None and self.call.main.outside and not self.call.members:
            assert self.switch.recording.paused, "two outsiders are none of our business"

    @invariant()
    def one_who_is_taken_aside_is_heard_by_nobody(self) -> None:
        if not hasattr(self, "call") or not self.call.aside:
            return
        assert self.call.main is not None
        assert self.call.main.segment == self.call.aside, "whoever sent the customer has them still"
        assert not any("c.in" in self.switch.hears(leg) for leg in self.switch.legs)
        assert self.switch.recording is None or self.switch.recording.paused

    @invariant()
    def supervisors_are_heard_as_the_mode_says(self) -> None:
        if not hasattr(self, "call") or self.call.ending:
            return
        for one in self.call.supervisors:
            heard_by = {leg for leg in self.switch.bridge if one.leg in self.switch.hears(leg)}
            watched = self.call.agent(one.of) or self.call.main
            match one.mode:
                case h.Mode.LISTEN:
                    assert not heard_by
                case h.Mode.WHISPER:
                    assert heard_by <= {watched.leg if watched else ""}
            if one.notice:
                assert not self.switch.hears(one.leg), "nobody listens in before the customer was told"

    @invariant()
    def the_consulted_and_the_customer_do_not_hear_each_other(self) -> None:
        if not hasattr(self, "call") or self.call.ending or self.call.colleague is None or self.call.main is None:
            return
        assert self.call.colleague.leg not in self.switch.hears("c.in")
        assert "c.in" not in self.switch.hears(self.call.colleague.leg)

    @invariant()
    def there_is_an_owner(self) -> None:
        """A call that stands is somebody's: the flow's, the queue's, or somebody's who has the customer."""
        if not hasattr(self, "call") or not self.call.up or self.call.ending:
            return
        call = self.call
        assert call.main is not None or call.waiting or call.phase is Phase.AUTOMATED

    @invariant()
    def there_is_a_way_out(self) -> None:
        """From here the caller hangs up, the legs that we hang up go, and nothing is left."""
        if not hasattr(self, "call") or self.call.ended:
            return
        call, legs, hung = self.call, dict(self.switch.legs), set(self.switch.hung_up)
        call, out = calls.advance(call, driver.LegEnded(call.leg, Cause.NORMAL, True), self.now)
        legs.pop(call.leg, None)
        hung |= {one.leg for one in out if isinstance(one, driver.HangUp)}
        assert call.ending
        assert set(legs) <= hung, "somebody was left on the line"
        for leg in legs:
            call, _ = calls.advance(call, driver.LegEnded(leg, Cause.NORMAL, False), self.now)
        due = call.due
        if not call.ended:
            assert due is not None
            assert due - self.now <= 5.0
            call, _ = calls.advance(call, h.Tick(), due)
        assert call.ended
        assert call.phase is Phase.ENDED
        assert call.due is None

    @invariant()
    def memo_is_whole(self) -> None:
        if hasattr(self, "call"):
            assert calls.from_memo(self.call.memo()) == self.call

    def teardown(self) -> None:
        if hasattr(self, "call") and self.call.ended:
            assert self.ended_facts == 1


CallMachine.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=40,
    deadline=None,
    derandomize=EXAMPLES == 70,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestCallsUnderEverything = CallMachine.TestCase
