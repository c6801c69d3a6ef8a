"""Who gets it: the matcher's picks, in small stories, and against the plain scan under everything that can happen."""

from __future__ import annotations

import json
import random

from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cordboard.routing.matching import Agent, Contact, Matcher, Settings
from cordboard.routing.relaxation import plan
from cordboard.routing.scan import Scan

ALICE, BOB, CAROL = 1, 2, 3
NL = {"skill": "nl", "kind": "language", "proficiency": 3}
WASHERS = {"skill": "washers", "kind": "product", "proficiency": 2}


def centre(*agents: Agent, settings: Settings | None = None) -> Matcher:
    matcher = Matcher(settings)
    for agent in agents:
        matcher.agent_here(agent)
    return matcher


def codes(match) -> list[str]:
    return [reason["code"].removeprefix("match.") for reason in match.reasons()]


def test_the_longest_idle_agent_who_has_the_skill_gets_the_call():
    matcher = centre(Agent(ALICE, {"nl": 4}), Agent(BOB, {"nl": 3}), Agent(CAROL, {"en": 5}), settings=Settings(choice="longest_idle"))
    for agent, since in ((CAROL, 1.0), (BOB, 2.0), (ALICE, 3.0)):
        matcher.agent_free(agent, since)
    matcher.contact_waiting(Contact(100, waiting_since=10.0, plan=plan([NL])))
    (match,) = matcher.tick(12.0)
    assert (match.contact.id, match.agent, match.candidates, match.idle_seconds, match.waited_seconds) == (100, BOB, 2, 10.0, 2.0)
    assert codes(match) == ["skills", "longest_idle"]
    assert json.loads(json.dumps(match.reasons()))[0]["values"]["needs"] == [{"skill": "nl", "least": 3, "has": 3}]
    assert matcher.waiting == 0


def test_a_freed_agent_gets_the_one_who_waited_longest():
    matcher = centre(Agent(ALICE, {"nl": 4}))
    for number, since in ((7, 20.0), (8, 10.0), (9, 15.0)):
        matcher.contact_waiting(Contact(number, waiting_since=since, plan=plan([NL])))
    assert matcher.tick(30.0) == []
    matcher.agent_free(ALICE, 31.0)
    assert [match.contact.id for match in matcher.tick(31.0)] == [8]
    matcher.agent_free(ALICE, 40.0)
    assert [match.contact.id for match in matcher.tick(40.0)] == [9]


def test_priority_goes_first_but_nobody_starves():
    matcher = centre(Agent(ALICE), settings=Settings(priority_step=60.0))
    matcher.contact_waiting(Contact(1, waiting_since=0.0, priority=9))
    matcher.contact_waiting(Contact(2, waiting_since=400.0, priority=1))
    matcher.contact_waiting(Contact(3, waiting_since=500.0, priority=1))
    matcher.tick(500.0)
    order = []
    for now in (501.0, 502.0, 503.0):
        matcher.agent_free(ALICE, now)
        order += [match.contact.id for match in matcher.tick(now)]
    assert order == [2, 1, 3]  # eight steps of a minute behind: before whoever comes more than eight minutes later


def test_who_rejected_it_is_not_asked_again_and_the_next_is_known_beforehand():
    matcher = centre(Agent(ALICE), Agent(BOB))
    matcher.agent_free(ALICE, 1.0)
    matcher.agent_free(BOB, 2.0)
    contact = Contact(5, waiting_since=3.0, excluded=frozenset({ALICE}))
    matcher.contact_waiting(contact)
    assert matcher.pick(contact, 3.0, without=[BOB]) is None
    (match,) = matcher.tick(3.0)
    assert match.agent == BOB
    assert codes(match) == ["declined", "only_candidate"]


def test_the_account_owner_is_waited_for_then_others_may():
    matcher = centre(Agent(ALICE), Agent(BOB))
    matcher.agent_busy(ALICE)
    matcher.agent_free(BOB, 0.0)
    matcher.contact_waiting(Contact(5, waiting_since=10.0, preferred=((ALICE, "owner"),), preferred_until=40.0))
    assert matcher.tick(10.0) == []
    assert matcher.next_deadline() == 40.0
    assert matcher.tick(39.9) == []
    (match,) = matcher.tick(40.0)
    assert match.agent == BOB
    assert match.reasons()[0] == {"code": "match.preferred_busy", "values": {"agent": ALICE, "role": "owner", "waited": 30}}


def test_the_account_owner_who_comes_free_in_time_gets_it():
    matcher = centre(Agent(ALICE), Agent(BOB))
    matcher.agent_busy(ALICE)
    matcher.agent_free(BOB, 0.0)
    matcher.contact_waiting(Contact(5, waiting_since=10.0, preferred=((ALICE, "owner"),), preferred_until=40.0))
    matcher.tick(10.0)
    matcher.agent_free(ALICE, 20.0)
    (match,) = matcher.tick(20.0)
    assert (match.agent, match.why, match.role) == (ALICE, "preferred", "owner")


def test_an_owner_who_is_not_at_work_is_not_waited_for_and_a_deputy_is():
    matcher = centre(Agent(ALICE), Agent(BOB), Agent(CAROL))
    matcher.agent_free(CAROL, 0.0)
    matcher.agent_gone(ALICE)
    matcher.agent_busy(BOB)
    matcher.contact_waiting(Contact(5, waiting_since=10.0, preferred=((ALICE, "owner"), (BOB, "deputy")), preferred_until=40.0))
    assert matcher.tick(10.0) == []
    matcher.agent_gone(BOB)  # the deputy signs out: nobody is left to wait for
    (match,) = matcher.tick(11.0)
    assert match.agent == CAROL
    assert codes(match) == ["preferred_away", "preferred_away", "only_candidate"]


def test_needs_give_way_as_the_wait_grows():
    steps = plan([NL, WASHERS], [{"after": 30, "lower": 1}, {"after": 90, "drop": "product"}])
    matcher = centre(Agent(ALICE, {"nl": 2, "washers": 1}), Agent(BOB, {"nl": 5}))
    matcher.agent_free(BOB, 0.0)
    matcher.contact_waiting(Contact(5, waiting_since=100.0, plan=steps))
    matcher.contact_waiting(Contact(6, waiting_since=101.0, plan=steps))
    assert matcher.tick(101.0) == []
    assert matcher.next_deadline() == 130.0
    matcher.agent_free(ALICE, 102.0)
    assert matcher.tick(102.0) == []
    (match,) = matcher.tick(130.0)
    assert (match.contact.id, match.agent) == (5, ALICE)
    assert match.reasons()[0]["values"] == {"step": 1, "after": 30.0, "lowered": [["nl", 1], ["washers", 1]], "dropped": []}
    matcher.tick(131.0)
    (match,) = matcher.tick(191.0)
    assert (match.contact.id, match.agent) == (6, BOB)
    assert match.reasons()[0]["values"]["dropped"] == ["washers"]
    assert matcher.next_deadline() is None


def test_a_transfer_to_one_agent_waits_for_that_agent():
    matcher = centre(Agent(ALICE), Agent(BOB))
    matcher.agent_free(BOB, 0.0)
    matcher.contact_waiting(Contact(5, waiting_since=1.0, only=ALICE))
    assert matcher.tick(1.0) == []
    matcher.agent_free(ALICE, 2.0)
    (match,) = matcher.tick(2.0)
    assert (match.agent, codes(match)) == (ALICE, ["only"])


def test_members_of_the_queue_only():
    matcher = centre(Agent(ALICE, queues=frozenset({30})), Agent(BOB, queues=frozenset({31})))
    matcher.agent_free(BOB, 0.0)
    matcher.agent_free(ALICE, 1.0)
    matcher.contact_waiting(Contact(5, waiting_since=2.0, queue=30))
    assert [match.agent for match in matcher.tick(2.0)] == [ALICE]


def test_chats_up_to_capacity_in_turn_and_a_call_takes_the_whole_person():
    matcher = centre(*(Agent(agent, capacity={"voice": 1, "chat": 2}) for agent in (ALICE, BOB)))
    matcher.agent_free(ALICE, 0.0)
    matcher.agent_free(BOB, 1.0)
    for number in range(4):
        matcher.contact_waiting(Contact(number, waiting_since=2.0 + number, channel="chat"))
    assert [match.agent for match in matcher.tick(6.0)] == [ALICE, BOB, ALICE, BOB]
    matcher.contact_waiting(Contact(10, waiting_since=7.0))
    matcher.contact_waiting(Contact(11, waiting_since=7.0, channel="chat"))
    assert [(match.contact.id, match.agent) for match in matcher.tick(7.0)] == [(10, ALICE)]
    matcher.agent_free(BOB, 8.0, {"chat": 1})
    assert [(match.contact.id, match.agent) for match in matcher.tick(8.0)] == [(11, BOB)]


def test_few_are_free_so_the_one_whose_other_skill_is_least_needed_takes_it():
    agents = (Agent(ALICE, {"nl": 3, "ru": 3}), Agent(BOB, {"nl": 3, "en": 3}), Agent(CAROL, {"en": 3}))
    matcher = centre(*agents)
    for agent in (ALICE, BOB, CAROL):
        matcher.agent_free(agent, float(agent))
    matcher.contact_waiting(Contact(5, waiting_since=10.0, plan=plan([NL])))
    (match,) = matcher.tick(10.0)
    assert match.agent == BOB  # Alice is the only one left with Russian
    assert match.reasons()[-1] == {
        "code": "match.least_needed",
        "values": {"candidates": 2, "idle": 8, "kept_agent": ALICE, "kept_idle": 9, "skill": "ru"},
    }


def test_the_centre_chooses_how_by_its_policys_parameters():
    assert Settings.of({"matching": {"choice": "longest_idle", "few": 3}}) == Settings(choice="longest_idle", few=3)
    assert Settings.of({"matching": {"choice": "by horoscope", "few": "many"}}) == Settings.of({"matching": 3}) == Settings.of({}) == Settings()


def test_an_agent_who_was_offered_a_call_in_vain_keeps_the_place_in_the_row():
    matcher = centre(Agent(ALICE), Agent(BOB), settings=Settings(choice="longest_idle"))
    matcher.agent_free(BOB, 50.0)
    matcher.agent_free(ALICE, 10.0)
    matcher.contact_waiting(Contact(1, waiting_since=60.0))
    assert [match.agent for match in matcher.tick(60.0)] == [ALICE]


def test_a_contact_who_hangs_up_is_offered_to_nobody():
    matcher = centre(Agent(ALICE))
    matcher.contact_waiting(Contact(1, waiting_since=1.0, preferred=((ALICE, "owner"),)))
    matcher.tick(1.0)
    matcher.contact_waiting(Contact(2, waiting_since=2.0))
    matcher.contact_gone(1)
    matcher.contact_gone(2)
    matcher.agent_free(ALICE, 3.0)
    assert matcher.tick(3.0) == []
    matcher.contact_gone(99)  # never known: nothing happens


def test_a_busy_centre_picks_as_the_scan_does():
    """Long rows on both sides at once: agents short for some needs while others stand idle."""
    rng = random.Random(5)
    settings = Settings(priority_step=3.0, demand_half_life=20.0)
    fast, plain = Matcher(settings), Scan(settings)
    for agent in range(24):
        told = Agent(agent, {skill: rng.randint(1, 5) for skill in rng.sample("abcdef", 2)}, frozenset({rng.choice((100, 101))}), {"voice": 1, "chat": 2})
        fast.agent_here(told)
        plain.agent_here(told)
    now, made, longest = 0.0, [], 0
    relax = [{"after": 6, "lower": 2}, {"after": 15, "drop": "a"}]
    for number in range(1500):
        now += rng.random()
        for _ in range(rng.randint(0, 2)):
            needs = [{"skill": skill, "proficiency": rng.randint(1, 4)} for skill in rng.sample("abcdef", rng.choice((0, 1, 1, 2)))]
            contact = Contact(
                len(made) + number * 10 + rng.randint(0, 9),
                now - rng.choice((0.0, 0.0, 5.0)),
                rng.choice((None, 100, 101)),
                rng.choice(("voice", "voice", "chat")),
                rng.randint(1, 4),
                plan(needs, relax),
                tuple((agent, "owner") for agent in rng.sample(range(24), rng.choice((0, 0, 1)))),
                now + 4.0 if rng.random() < 0.5 else None,
                frozenset(rng.sample(range(24), rng.choice((0, 0, 2)))),
            )
            fast.contact_waiting(contact)
            plain.contact_waiting(contact)
        for agent in rng.sample(range(24), rng.choice((0, 0, 1, 3))):
            told_so = rng.choice(("agent_free", "agent_free", "agent_free", "agent_busy", "agent_gone"))
            for matcher in (fast, plain):
                getattr(matcher, told_so)(*((agent, now) if told_so == "agent_free" else (agent,)))
        picks = [(match.contact.id, match.agent, match.why) for match in fast.tick(now)]
        assert picks == plain.tick(now)
        made += picks
        longest = max(longest, fast.waiting)
    assert len(made) > 800
    assert longest > 20
    assert {why for _, _, why in made} == {"longest_idle", "least_needed", "preferred"}


SKILLS = ["a", "b", "c"]
LEVELS = st.integers(1, 3)
AGENTS = st.integers(1, 6)
NEEDS = st.lists(st.tuples(st.sampled_from(SKILLS), LEVELS), max_size=2, unique_by=lambda pair: pair[0])
RELAX = st.sampled_from([[], [{"after": 3, "lower": 1}], [{"after": 2, "lower": 1}, {"after": 5, "drop": "b"}, {"after": 9, "drop": "a"}]])


class AgainstTheScan(RuleBasedStateMachine):
    """Whatever is told in whatever order, both pick the same."""

    @initialize(choice=st.sampled_from(["least_needed", "longest_idle"]), few=st.sampled_from([2, 12]))
    def begin(self, choice, few):
        settings = Settings(choice=choice, few=few, priority_step=4.0, demand_half_life=5.0)
        self.fast, self.plain = Matcher(settings), Scan(settings)
        self.now, self.number = 100.0, 0

    def both(self, call, *args):
        getattr(self.fast, call)(*args)
        getattr(self.plain, call)(*args)

    @rule(agent=AGENTS, skills=st.dictionaries(st.sampled_from(SKILLS), LEVELS), queues=st.frozensets(st.integers(8, 9)), chats=st.integers(0, 2))
    def here(self, agent, skills, queues, chats):
        self.both("agent_here", Agent(agent, skills, queues, {"voice": 1, "chat": chats}))

    @precondition(lambda self: self.plain.seats)
    @rule(data=st.data(), ago=st.sampled_from([0.0, 0.0, 1.0, 4.0]), room=st.sampled_from([None, {"chat": 1}, {"voice": 1}]))
    def free(self, data, ago, room):
        self.both("agent_free", data.draw(st.sampled_from(sorted(self.plain.seats))), self.now - ago, room)

    @rule(agent=AGENTS)
    def busy(self, agent):
        self.both("agent_busy", agent)

    @rule(agent=AGENTS)
    def gone(self, agent):
        self.both("agent_gone", agent)

    @rule(
        ago=st.sampled_from([0.0, 2.0, 6.0]),
        queue=st.sampled_from([None, 8, 9]),
        channel=st.sampled_from(["voice", "voice", "chat"]),
        priority=st.integers(1, 3),
        needs=NEEDS,
        relax=RELAX,
        preferred=st.lists(AGENTS, max_size=2, unique=True),
        patience=st.sampled_from([None, 3.0]),
        excluded=st.frozensets(AGENTS, max_size=2),
        only=st.sampled_from([None, None, None, 1]),
    )
    def waiting(self, ago, queue, channel, priority, needs, relax, preferred, patience, excluded, only):
        self.number += 1
        steps = plan([{"skill": skill, "proficiency": level} for skill, level in needs], relax)
        contact = Contact(
            self.number,
            self.now - ago,
            queue,
            channel,
            priority,
            steps,
            tuple((agent, "owner") for agent in preferred),
            None if patience is None else self.now + patience,
            excluded,
            only,
        )
        self.both("contact_waiting", contact)

    @precondition(lambda self: self.plain.contacts)
    @rule(data=st.data())
    def hangs_up(self, data):
        self.both("contact_gone", data.draw(st.sampled_from(sorted(self.plain.contacts))))

    @rule(passed=st.sampled_from([0.0, 0.5, 2.0, 5.0]))
    def tick(self, passed):
        self.now += passed
        picks = [(match.contact.id, match.agent, match.why) for match in self.fast.tick(self.now)]
        assert picks == self.plain.tick(self.now)
        assert self.fast.waiting == len(self.plain.contacts)
        deadline = self.fast.next_deadline()
        assert deadline is None or deadline > self.now

    @invariant()
    def books_balance(self):
        if hasattr(self, "fast"):
            assert set(self.fast._contacts) == set(self.plain.contacts)


TestAgainstTheScan = AgainstTheScan.TestCase
TestAgainstTheScan.settings = hypothesis_settings(max_examples=60, stateful_step_count=30, deadline=None)
