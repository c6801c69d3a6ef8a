"""Figures in the database: they are those of the contacts, however they are asked for, and stay so when contacts are corrected."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from cordboard.analytics import actions, queries
from cordboard.analytics.intervals import laid
from cordboard.analytics.models import Cell, Part
from cordboard.analytics.queries import KINDS, Asked
from cordboard.analytics.sums import MEASURES, Sums, total
from cordboard.analytics.tests.day import draw
from cordboard.interactions import actions as interactions
from cordboard.interactions.models import Interaction, InteractionReason, Segment
from cordboard.routing import actions as routing
from cordboard.routing import board, reduce
from cordboard.routing.models import Entry
from cordboard.routing.models_outbound import Callback, Outgoing
from cordboard.routing.tests.centre import START, Centre
from cordboard.routing.tests.test_histories import Dice, World

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
DAY = date(2026, 10, 25)
"""The clock goes back: 25 hours."""
BEGIN = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)


def asked(day: date = DAY, **more: Any) -> Asked:
    return Asked(**({"first": day, "last": day, "zone": AMSTERDAM} | more))


def of_all(numbers: list[int]) -> Sums:
    """Counted from the contacts' own parts, without the cells."""
    return total(Sums.of(row) for row in Part.objects.filter(interaction__in=numbers).values())


def test_a_days_intervals_add_up_to_its_contacts(centre: Centre) -> None:
    numbers = draw(centre, BEGIN, hours=25)
    whole = of_all(numbers)
    assert whole.offered == len(numbers) == Entry.objects.count()
    assert whole.answered + whole.abandoned + whole.elsewhere == whole.offered
    for step in ("15", "30", "60", "day", ""):
        rows = queries.figures(asked(step=step))
        assert total(row.sums for row in rows) == whole, step
        if step:
            assert {row.begin for row in rows} <= {one.key for one in laid(DAY, DAY, AMSTERDAM, step)}
    halves = {row.begin: row.sums for row in queries.figures(asked(step="30"))}
    quarters: dict[int, Sums] = {}
    for row in queries.figures(asked(step="15")):
        assert row.begin is not None
        half = row.begin // 1800 * 1800
        quarters[half] = quarters.get(half, Sums()) + row.sums
    assert quarters == halves


def test_queues_agents_and_channels_each_add_up_to_the_same(centre: Centre) -> None:
    whole = of_all(draw(centre, BEGIN, hours=25))
    for by in ("queue", "agent", "channel"):
        assert total(row.sums for row in queries.figures(asked(by=by))) == whole, by
        assert total(row.sums for row in queries.figures(asked(by=by, step="30"))) == whole, by
    # a contact may have two reasons and two skills: it counts for each, and once for the group of its reasons
    given = InteractionReason.objects.values("interaction").distinct().count()
    group = InteractionReason.objects.select_related("reason").all()[0].reason.parent_id
    by_reason = {row.key: row.sums for row in queries.figures(asked(by="reason"))}
    assert by_reason[group].offered == given
    assert total(by_reason.values()).offered > given


def test_cells_and_parts_give_the_same_answers(centre: Centre) -> None:
    """What is looked at in two ways is summed from the parts, in one way from the cells."""
    draw(centre, BEGIN, hours=25)
    for by in KINDS:
        rows = queries.figures(asked(by=by, step="60"))
        assert rows
        for queue in (centre.support.pk, centre.sales.pk):
            if by != "queue":
                own = queries.figures(asked(by=by, step="60", only={"queue": queue}))
                assert own
        split = [row for queue in (centre.support.pk, centre.sales.pk, 0) for row in queries.figures(asked(by=by, step="60", only={"queue": queue}))]
        rejoined: dict[tuple[int | None, int | None], Sums] = {}
        for row in split:
            rejoined[row.begin, row.key] = rejoined.get((row.begin, row.key), Sums()) + row.sums
        assert rejoined == {(row.begin, row.key): row.sums for row in rows}, by


def test_every_figure_opens_exactly_its_contacts(centre: Centre) -> None:
    """For each cell of a generated day: as many contacts as the figure says, and their times add up to the last millisecond."""
    draw(centre, BEGIN, contacts=40, hours=25)
    looked = 0
    for by in ("", *KINDS):
        for row in queries.figures(asked(by=by, step="30")):
            only = {by: row.key} if by and row.key is not None else {}
            assert row.begin is not None
            for measure in MEASURES:
                figure = getattr(row.sums, measure)
                if figure:
                    behind = queries.contacts(asked(only=only), measure, begin=row.begin, end=row.begin + 1800)
                    values = list(behind.values_list(measure, flat=True))
                    assert sum(values) == figure, (by, row.key, measure)
                    if not measure.endswith("_ms"):
                        assert len(values) == figure, (by, row.key, measure)
                    looked += 1
    assert looked > 500


def test_counting_twice_changes_nothing_and_a_rebuilding_comes_to_the_same(centre: Centre) -> None:
    numbers = draw(centre, BEGIN, contacts=30)
    before = queries.figures(asked(by="agent", step="15"))
    actions.recount(numbers)
    actions.recount(numbers[:5])
    assert queries.figures(asked(by="agent", step="15")) == before
    Cell.objects.all().delete()
    Part.objects.all().delete()
    assert queries.figures(asked(by="agent", step="15")) == []
    assert actions.rebuild() == len(numbers)
    assert queries.figures(asked(by="agent", step="15")) == before


def test_what_is_corrected_later_comes_out_right(centre: Centre) -> None:
    """Whatever of a contact is changed, the figures are those of a centre that never had the mistake."""
    numbers = draw(centre, BEGIN, contacts=30)
    rng = random.Random(3)
    for number in rng.sample(numbers, 10):
        Entry.objects.filter(interaction_id=number).update(queue=centre.sales, entered_at=BEGIN + timedelta(hours=rng.randint(0, 23)))
        Segment.objects.filter(interaction_id=number).update(agent=centre.bob, held_seconds=3)
        InteractionReason.objects.filter(interaction_id=number).delete()
        actions.recount([number])
    corrected = {by: queries.figures(asked(by=by, step="15")) for by in KINDS}
    Cell.objects.all().delete()
    Part.objects.all().delete()
    actions.rebuild()
    assert {by: queries.figures(asked(by=by, step="15")) for by in KINDS} == corrected


def test_a_contact_that_was_erased_stays_in_the_figures(centre: Centre) -> None:
    numbers = draw(centre, BEGIN, contacts=10)
    before = queries.figures(asked(by="queue"))
    Entry.objects.all().delete()
    Segment.objects.all().delete()
    Interaction.objects.filter(pk__in=numbers).delete()
    actions.recount(numbers)
    actions.rebuild()
    assert queries.figures(asked(by="queue")) == before


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.django_db
def test_they_agree_with_the_live_board_whatever_happened(seed: int) -> None:
    """Random days of real acts: transfers, consults, lost lines, rings without answer."""
    world = World()
    dice = Dice(random.Random(seed).randbytes(400))
    while dice:
        world.step(dice)
    actions.recount([call.pk for call in world.calls])
    shown = board.snapshot(START)
    day = START.date()
    for queue in world.queues:
        counts = reduce.today(shown["queues"][str(queue.pk)])
        rows = queries.figures(Asked(day, day, ZoneInfo("UTC"), only={"queue": queue.pk}))
        mine = total(row.sums for row in rows).counts()
        assert (mine.offered, mine.answered, mine.answered_within, mine.abandoned, mine.short_abandoned, mine.left) == (
            counts.offered, counts.answered, counts.answered_within, counts.abandoned, counts.short_abandoned, counts.left,
        )  # fmt: skip
    agents = {row.key: row.sums for row in queries.figures(Asked(day, day, ZoneInfo("UTC"), by="agent"))}
    for user in world.people:
        mine_ = agents.get(user.pk, Sums())
        offers = Segment.objects.filter(agent=user)
        assert mine_.offers == offers.count()
        assert mine_.rona == offers.filter(end_cause="no_answer").count()
        assert mine_.handled + mine_.consults == offers.exclude(accepted_at=None).count()


@pytest.mark.django_db(transaction=True)
def test_the_figures_follow_the_log() -> None:
    from cordboard.analytics.tests.conftest import make_centre

    centre = make_centre()
    day = {"first": START.date(), "last": START.date(), "zone": ZoneInfo("UTC")}
    assert actions.collect() == 0
    centre.ready(centre.alice)
    call = centre.call()
    actions.collect()
    assert queries.figures(Asked(**day))[0].sums == Sums(offered=1)
    centre.offer(call, centre.alice)
    routing.accept_offer(centre.alice, call.pk, now=centre.later(6))
    routing.customer_left(call.pk, now=centre.later(60))
    routing.wrap_up(centre.alice, call.pk, now=centre.later(12))
    actions.collect()
    talked = Sums(offered=1, answered=1, answered_within=1, wait_answered_ms=6_000, offers=1, handled=1, talk_ms=60_000, acw_ms=12_000)
    assert queries.figures(Asked(**day))[0].sums == talked
    interactions.add_reason(centre.alice, call.pk, "noise", now=centre.now)
    assert actions.collect() == 1
    assert [row.sums for row in queries.figures(Asked(**day, by="reason"))] == [talked, talked], "the reason and its group"
    interactions.remove_reason(centre.alice, call.pk, "noise")
    actions.collect()
    assert queries.figures(Asked(**day, by="reason")) == []
    assert actions.collect() == 0


@pytest.mark.django_db(transaction=True)
def test_contacts_from_before_the_figures_are_counted_the_first_time() -> None:
    from cordboard.analytics.tests.conftest import make_centre

    numbers = draw(make_centre(), BEGIN, contacts=5)
    Cell.objects.all().delete()
    Part.objects.all().delete()
    assert actions.collect() == 5
    assert total(row.sums for row in queries.figures(asked())).offered == len(numbers)


def test_a_callback_that_was_asked_for_on_the_web(centre: Centre) -> None:
    made = Callback.objects.create(
        origin="web", number="+31205550123", queue=centre.support, created_at=START, not_before=START, not_after=START + timedelta(days=1)
    )
    actions.recount((), [made.pk])
    actions.recount((), [made.pk])
    rows = queries.figures(Asked(START.date(), START.date(), AMSTERDAM, by="queue"))
    assert [(row.key, row.sums) for row in rows] == [(centre.support.pk, Sums(callbacks=1))]


def test_a_call_of_ours_counts_for_the_queue_on_whose_behalf_it_was_made(centre: Centre) -> None:
    for answered in (START + timedelta(seconds=8), None):
        call = Interaction.objects.create(channel="voice", direction="outbound", state="ended", started_at=START)
        Outgoing.objects.create(interaction=call, number="+31205550123", queue=centre.sales, answered_at=answered)
        Segment.objects.create(
            interaction=call, agent=centre.alice, kind="outbound", state="ended", offered_at=START, accepted_at=START, ended_at=START + timedelta(seconds=38)
        )
        actions.recount([call.pk])
    rows = queries.figures(Asked(START.date(), START.date(), AMSTERDAM, by="queue"))
    assert [(row.key, row.sums) for row in rows] == [(centre.sales.pk, Sums(outbound=2, handled=1, talk_ms=30_000))]


def test_one_question_is_one_query(centre: Centre, django_assert_num_queries: Any) -> None:
    for contacts in (3, 30):
        draw(centre, BEGIN, contacts=contacts, seed=contacts)
        for by in ("", *KINDS):
            with django_assert_num_queries(1):
                queries.figures(asked(by=by, step="30"))
            with django_assert_num_queries(1):
                queries.figures(asked(by=by, step="30", only={"channel": 1}))


def test_counting_is_as_many_queries_for_many_contacts_as_for_few(centre: Centre, django_assert_max_num_queries: Any) -> None:
    numbers = draw(centre, BEGIN, contacts=45)
    for some in (numbers[:3], numbers):
        with django_assert_max_num_queries(22):
            actions.recount(some)
