"""A flow on the telephone: the engine says what to do, here it is done (said, asked, looked up, put into a queue), one thing after another.

The run's state and what it has still to do are remembered with the call, so that another switch goes on in the middle of a sentence.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cordboard.channels.voice import actions, actions_after, actions_recording, actions_run, lookups, runs, wording
from cordboard.channels.voice.entering import Entering
from cordboard.channels.voice.executor import DatabaseAway
from cordboard.flows import effects as fx
from cordboard.flows import engine, errands, services
from cordboard.flows.steps import About
from cordboard.interactions import actions as interactions
from cordboard.telephony.calls import happenings as h
from cordboard.telephony.driver import Cause, Prompt

if TYPE_CHECKING:
    from cordboard.channels.voice.clerk import Clerk

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Waited:
    """A wait of the flow is over."""

    turn: int


class Ivr:
    def __init__(self, clerk: Clerk) -> None:
        self.clerk = clerk
        self.ends: tuple[Cause, str] | None = None
        """How the call ends when what is said now is over."""
        self._flow: engine.Flow | None = None
        self._run = 0
        self._flow_id = 0
        self._state: dict[str, Any] = {}
        self._pending: list[fx.Effect] = []
        self._values: dict[str, Any] = {}
        self._zone = "UTC"
        self._began = False
        self.entering = Entering(clerk)
        self._telling = False
        """The flow tells of the recording now."""
        self._typed = ""
        """A key pressed while something was told that is not cut short: it answers the choice that follows."""
        self._spoken = 0
        """How many of what is pending are said now."""

    # -- life ---------------------------------------------------------------------------------------------------------

    async def prepare(self) -> None:
        """Find the flow while it still rings. Without one the caller goes to the line's queue."""
        flow = self.clerk.attendant.desk.flow
        try:
            begun = await self.clerk.db.run(actions.begin_run, self.clerk.interaction, flow)
            if begun is not None:
                self._flow = runs.compiled(begun.flow, begun.version, begun.graph)
                self._run, self._flow_id, self._values, self._zone = begun.run, begun.flow, begun.values, begun.timezone
                self._state = engine.begin(self._flow)
        except DatabaseAway:
            logger.warning("call %s goes without its flow: the records are away", self.clerk.attendant.name)
        except Exception:
            logger.exception("the flow %s cannot be run", flow)

    async def begin(self) -> None:
        """The caller is connected."""
        if self._began:
            return
        self._began = True
        if not await self.clerk.speaking.warn():
            await self._first()

    async def _first(self) -> None:
        if self._flow is None:
            await self.entering.to_person()
            return
        desk = self.clerk.attendant.desk
        recorded = await self.entering.recording(desk.queue, keep=False)
        self.clerk.attendant.note(waiting=dict(self._flow.queue))
        await self._step(fx.Started({**self._values, "call.recorded": recorded.record}, desk.language, self._zone))

    async def go_on(self) -> None:
        """Taken over from another switch: what the run waits for is done again. A flow that had not begun begins."""
        desk = self.clerk.attendant.desk
        if not desk.run and not desk.emergency:
            await self.prepare()
            await self.begin()
        elif not desk.run:
            await self._warned()
        elif await self._recall():
            await self._perform()
        else:
            await self.entering.to_person()

    async def _warned(self) -> None:
        """The emergency was told, perhaps by the switch before us: the flow begins."""
        self._began = True
        self.clerk.attendant.note(warning=False)
        if self._flow is None:
            await self.prepare()
        await self._first()

    async def _recall(self) -> bool:
        """The run as it was remembered with the call."""
        self._began = True
        kept = self.clerk.attendant.desk.run
        if not kept:
            return False
        try:
            graph, version = await self.clerk.db.run(actions.graph_of, int(kept["flow"]))
            self._flow = runs.compiled(int(kept["flow"]), version, graph)
            self._run, self._flow_id, self._state = int(kept["run"]), int(kept["flow"]), dict(kept["state"])
            self._pending = [runs.decode(one) for one in kept["pending"]]
        except (DatabaseAway, KeyError, TypeError, ValueError) as problem:
            logger.warning("call %s: its flow cannot go on: %s", self.clerk.attendant.name, problem)
            return False
        return True

    async def close(self, by: str) -> None:
        if self._run and self._flow is not None and not self._state.get("ended"):
            self._state, _ = engine.step(self._flow, self._state, fx.HungUp(), datetime.now(UTC))
            await self._written("hung_up")

    async def follow_up(self, code: str) -> None:
        """The talk is over and the caller stayed: this flow has the word, and the call ends with it."""
        begin = functools.partial(actions_after.begin, self.clerk.interaction, code, self.clerk.attendant.desk.language)
        if not await self._other(code, begin):
            self.clerk.attendant.put(h.EndCall(Cause.NORMAL, "flow"))

    async def divert(self, code: str) -> bool:
        """A rule gives the word to this flow, before a queue. Returns whether it has it."""
        return await self._other(code, functools.partial(actions_run.begin_next, self.clerk.interaction, code))

    async def _other(self, code: str, begin: Callable[[], actions_run.Begun | None]) -> bool:
        """Another flow has the word from its beginning. False when it cannot be run."""
        try:
            begun = await self.clerk.db.run(begin)
            flow = runs.compiled(begun.flow, begun.version, begun.graph) if begun is not None else None
        except DatabaseAway:
            logger.warning("call %s goes on without the flow %s: the records are away", self.clerk.attendant.name, code)
            return False
        except Exception:
            logger.exception("the flow %s cannot be run", code)
            return False
        if begun is None or flow is None:
            return False
        self._began, self._flow = True, flow
        self._run, self._flow_id, self._values, self._zone = begun.run, begun.flow, begun.values, begun.timezone
        self._state, self._pending, self._typed, self._spoken = engine.begin(flow), [], "", 0
        await self._step(fx.Started(self._values, self.clerk.attendant.desk.language, self._zone))
        return True

    async def _written(self, ended_by: str) -> None:
        """How far the run is, in the records."""
        keep = actions_after.keep if self.clerk.attendant.call.after else actions.keep_run
        await self.clerk.surely(keep, self._run, self._state, ended_by=ended_by)

    # -- inputs ---------------------------------------------------------------------------------------------------------

    async def said(self, fact: h.Said) -> None:
        if self.ends is not None:
            cause, by = self.ends
            if self.clerk.attendant.call.main is None:
                self.clerk.attendant.put(h.EndCall(cause, by))
            return
        if self.clerk.attendant.desk.warning:
            await self._warned()
            return
        if self._telling:
            self._telling = False
            if not fact.error:
                self.clerk.attendant.note(announced=True)
        if await self.entering.said():
            return
        if not self._automated() or not await self._here():
            return
        for key in fact.key:  # the way out to a person first, whatever else was pressed before it
            if await self._step(fx.Key(key), keep=True):
                return
        self._typed = fact.key[:1]
        del self._pending[: self._spoken]
        self._spoken = 0
        await self._perform()

    async def keys(self, fact: h.KeysEntered) -> None:
        if fact.ended_by == "replaced" or not self._automated() or not await self._here():
            return
        if self._pending and isinstance(asked := self._pending[0], fx.AskSecret):
            await self._secret(asked, fact.keys)
            return
        await self._step(fx.NoAnswer() if fact.ended_by == "timeout" and not fact.keys else fx.Answered(fact.keys))

    async def message(self, seconds: float) -> None:
        """The caller has left a message, or said nothing."""
        if self._automated() and await self._here():
            await self._step(fx.MessageLeft(seconds))

    async def waited(self, fact: Waited) -> None:
        if self._automated() and self._state.get("turn") == fact.turn:
            await self._step(fx.Done())

    def _automated(self) -> bool:
        return self.clerk.attendant.call.phase.value == "automated"

    async def _here(self) -> bool:
        """Whether there is a flow; a call that was taken over gets its own back."""
        if self._flow is None and not (self.clerk.attendant.desk.run and await self._recall()):
            if self._began:
                await self.entering.to_person()
            return False
        return True

    async def _step(self, given: fx.Input, *, keep: bool = False) -> bool:
        """Give the engine an input and do what it says. `keep`: an input that means nothing leaves what is still to do; returns whether it meant something."""
        assert self._flow is not None
        self._state, effects = engine.step(self._flow, self._state, given, datetime.now(UTC))
        if keep and not effects:
            return False
        self._pending = list(effects)
        self._keep()
        await self._written(str(self._state.get("ended") or ""))
        await self._perform()
        return True

    def _keep(self) -> None:
        self.clerk.attendant.note(run={"run": self._run, "flow": self._flow_id, "state": self._state, "pending": [runs.encode(one) for one in self._pending]})

    # -- effects --------------------------------------------------------------------------------------------------------

    async def _perform(self) -> None:
        """Do what is to be done until something must be waited for."""
        while self._pending and not self.clerk.over:
            effect = self._pending[0]
            match effect:
                case fx.Say():
                    if not self._speak():
                        continue
                    return
                case fx.Ask():
                    typed, self._typed = self._typed, ""
                    if typed and effect.max == 1:
                        await self._step(fx.Answered(typed))
                    else:
                        self._ask((), effect)
                    return
                case fx.LookUp():
                    self._pending.pop(0)
                    await self._step(await self._look_up(effect))
                    return
                case fx.Perform() | fx.CallService():
                    self._pending.pop(0)
                    await self._step(await self._run_errand(effect))
                    return
                case fx.SetContext():
                    await self.clerk.surely(interactions.set_context, self.clerk.interaction, {effect.name: effect.value}, by=effect.by)
                case fx.SetLanguage():
                    language = wording.known(effect.language)
                    self.clerk.attendant.note(language=language)
                    await self.clerk.surely(interactions.set_language, self.clerk.interaction, language)
                case fx.Wait():
                    self._pending.pop(0)
                    turn = int(self._state.get("turn", 0))
                    asyncio.get_running_loop().call_later(effect.seconds, self.clerk.later, Waited(turn))
                    self._keep()
                    return
                case fx.AskSecret():
                    await self._ask_secret(effect)
                    return
                case fx.TakeMessage():
                    await self._take_message(effect)
                    return
                case fx.Enqueue() | fx.HandOver() | fx.Transfer() if self.clerk.attendant.call.after:  # the talk is over: nobody waits for a person any more
                    self._pending = [fx.End("over")]
                    continue
                case fx.Enqueue():
                    self._pending.clear()
                    self.clerk.hold.wanted = effect.callback
                    await self.entering.to_person(effect.queue, effect.context)
                    return
                case fx.HandOver():
                    self._pending.clear()
                    await self.entering.to_person(effect.queue, {**effect.context, "handed_over": effect.reason})
                    return
                case fx.Transfer():
                    logger.warning("call %s: a flow sends it to an address outside; it goes to a person", self.clerk.attendant.name)
                    self._pending.clear()
                    await self.entering.to_person()
                    return
                case fx.End():
                    self._pending.clear()
                    self.clerk.attendant.put(h.EndCall(Cause.NORMAL, "flow"))
                    return
            self._pending.pop(0)
            self._keep()

    def _speak(self) -> bool:
        """Everything that is to be said in a row is said in one go; a question that follows takes it as its beginning, so that who knows the answer
        need not listen to the end. That the call is recorded is said to its end. False when there is nothing to say."""
        said: list[fx.Say] = []
        telling = False
        for one in self._pending:
            if not isinstance(one, fx.Say) or telling:
                break
            said.append(one)
            telling = one.text in self._notices()
        following = self._pending[len(said)] if len(said) < len(self._pending) else None
        if isinstance(following, fx.Ask) and not telling:
            self._ask(tuple(said), following)
            return True
        prompts = self._prompts(tuple(said))
        if not prompts:
            del self._pending[: len(said)]
            return False
        self._spoken, self._telling = len(said), telling
        self._keep()
        self.clerk.attendant.put(h.Say(prompts, stop_on_key=not telling))
        return True

    async def _ask_secret(self, wanted: fx.AskSecret) -> None:
        """Nothing of the call is recorded from here on, and only then the question is put."""
        self._keep()
        attendant = self.clerk.attendant
        attendant.put(h.Private(True))
        await self.clerk.surely(actions_recording.keep_private, None, self.clerk.interaction, on=True)
        prompts = self._prompts(wanted.prompt)
        attendant.put(h.Ask(prompts, max(1, wanted.max), wanted.end_key, wanted.first_timeout, wanted.gap_timeout, secret=True, clear_key=wanted.clear_key))

    async def _secret(self, asked: fx.AskSecret, keys: str) -> None:
        """To the look-up and nowhere else: what goes into the run is its answer."""
        given: fx.Input = fx.NoAnswer()
        if asked.min <= len(keys) <= asked.max:
            given = await self._look_up(fx.LookUp(asked.step, asked.use, {"keys": keys}))
        await self.clerk.surely(actions_recording.keep_private, None, self.clerk.interaction, on=False)
        self.clerk.attendant.put(h.Private(False))
        await self._step(given)

    async def _take_message(self, wanted: fx.TakeMessage) -> None:
        """Say it, with a tone behind, and record. For whom it is stands with the call: who hangs up after speaking has left it all the same."""
        attendant = self.clerk.attendant
        self._keep()
        reference = f"{attendant.name}.v{self._state.get('turn', 0)}"
        loop = asyncio.get_running_loop()
        path = await loop.run_in_executor(None, self.clerk.announcements.recording_path, reference, datetime.now(UTC).timestamp())
        tone = await loop.run_in_executor(None, self.clerk.announcements.tone)
        attendant.note(message={"queue": wanted.queue or attendant.desk.queue, "agent": wanted.agent})
        attendant.put(h.TakeMessage(reference, path, (*self._prompts(wanted.prompt), tone), wanted.seconds))

    def _notices(self) -> set[str]:
        """The texts by which the flow tells that calls are recorded: those of its step `announce_recording`."""
        texts = self._flow.steps.get(runs.NOTICE, {}).get("texts", {}) if self._flow is not None else {}
        return {str(one.get("text", "")) if isinstance(one, dict) else str(one) for one in texts.values()}

    def _ask(self, before: tuple[fx.Say, ...], ask: fx.Ask) -> None:
        self._keep()
        self.clerk.attendant.put(h.Ask(self._prompts((*before, *ask.prompt)), max(1, ask.max), ask.end_key, ask.first_timeout, ask.gap_timeout, ask.at_once))

    def _prompts(self, said: tuple[fx.Say, ...]) -> tuple[Prompt, ...]:
        known = self.clerk.announcements
        codes = runs.announcement_codes(self._flow.code, self._flow.steps) if self._flow is not None else {}
        return tuple(known.prompt(one.text, wording.known(one.language), one.file or codes.get(one.text, "")) for one in said if one.text.strip() or one.file)

    async def _run_errand(self, wanted: fx.Perform | fx.CallService) -> fx.LookedUp:
        """An act in the records, or a web service: that one is asked beside the records, so that a slow one holds nobody else up."""
        try:
            if isinstance(wanted, fx.Perform):
                return await self.clerk.db.run(errands.run, wanted, self._about())
            plan = await self.clerk.db.run(services.plan, wanted.service)
        except DatabaseAway:
            return fx.LookedUp(failed="timeout")
        return await asyncio.get_running_loop().run_in_executor(None, services.fetch, plan, wanted.path, wanted.body, wanted.timeout)

    def _about(self) -> About:
        return About(f"interaction:{self.clerk.interaction}", "ivr", str(self._state.get("language", "")), run=self._run)

    async def _look_up(self, wanted: fx.LookUp) -> fx.LookedUp:
        try:
            if wanted.name not in lookups.READERS:
                return await self.clerk.db.run(errands.run, wanted, self._about())
            return fx.LookedUp(await self.clerk.db.run(lookups.READERS[wanted.name], self.clerk.interaction, wanted.args))
        except DatabaseAway:
            return fx.LookedUp(failed="timeout")
        except Exception as problem:
            logger.exception("the look-up %s failed", wanted.name)
            return fx.LookedUp(failed=type(problem).__name__)
