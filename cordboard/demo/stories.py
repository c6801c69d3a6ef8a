"""The customers of the pictures, told by hand: each shows something that the desktop does."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from cordboard.catalogue.models import Product, RegisteredProduct
from cordboard.demo.contacts import Contacts, World
from cordboard.demo.draw import Person
from cordboard.demo.trade import Trade, moment
from cordboard.interactions.models import Interaction
from cordboard.org.models import User
from cordboard.parties.models import Party


def noor(party: Party, person: Person, catalogue: dict[str, Product], world: World, now: datetime, rng: random.Random) -> tuple[Trade, Contacts]:
    """Gold, five products, a washing machine that shows E18 again, a brush that has not come."""
    today = now.date()
    made, told = Trade(), Contacts()

    def day(ago: int) -> datetime:
        return moment(today - timedelta(days=ago), rng)

    def owned(code: str, ago: int, serial: str) -> RegisteredProduct:
        bought = today - timedelta(days=ago)
        made.order(party, person, [(catalogue[code], 1)], bought, today, rng, number=str(60_000 + ago))
        return made.register(party, catalogue[code], bought, serial)

    machine = owned("w8", 615, "W8-2403-118842")  # the warranty ends in four months
    owned("d14", 560, "D14-2405-110045")
    vacuum = owned("d3", 150, "D3-2506-114410")
    owned("c5", 320, "C5-2412-110921")
    owned("k2", 1100, "K2-2210-117733")
    made.order(party, person, [(catalogue["limescale-remover"], 3), (catalogue["water-filter"], 1)], today - timedelta(days=15), today, rng, number="88214")
    made.fault(machine, "E05", "Door lock", "Lock replaced at home", today - timedelta(days=258), rng)
    made.fault(machine, "E18", "Does not drain", "Filter cleaned by telephone", today - timedelta(days=88), rng)

    joris, anna, emma = world.named("joris"), world.named("anna"), world.named("emma")

    def call(ago: int, reason: str, outcome: str, headline: str, note: str, agent: User, minutes: float, channel: str = "voice") -> Interaction:
        return told.contact(
            world, party, person, day(ago), reason=reason, outcome=outcome, headline=headline, note=note, agent=agent, minutes=minutes, wait=14,
            channel=channel, language="en",
        )  # fmt: skip

    call(278, "delivery-change", "solved", "Delivery moved to Saturday", "Confirmed by her.", emma, 3)
    call(258, "product-fault", "technician", "E05, door does not lock", "Lock clicks but the machine does not start. Technician booked.", anna, 7)
    cleaned = call(
        88,
        "product-fault",
        "solved",
        "E18, filter cleaned",
        "Filter was full of fluff. Machine drained afterwards. Told her to call again if it comes back.",
        joris,
        12,
    )
    told.solved(world, cleaned, "e18-drain-filter")
    call(86, "opinion-complaint", "information", "“Third time I have to write”", "Unhappy with waiting for the mechanic.", joris, 9, "email")
    call(16, "product-use", "solved", "How to descale the W8", "Sent the page on descaling.", emma, 4, "chat")
    brush = call(8, "delivery-damaged", "ticket", "Vacuum D3: brush missing", "Box came without the small brush.", emma, 5)
    told.ticket(
        world, party, brush, title="Vacuum D3: brush missing", text="The box came without the small brush. Send one.", reason="delivery-damaged", owner=joris,
        at=day(8), state="waiting", product=vacuum, days=12, note="Brush ordered from the supplier; arrives on Thursday.", kind="request", now=now,
    )  # fmt: skip
    return made, told


def margaret(party: Party, person: Person, catalogue: dict[str, Product], world: World, now: datetime, rng: random.Random) -> tuple[Trade, Contacts]:
    """Gold, a dishwasher out of warranty that leaves everything wet, and a reply that was promised for today."""
    today = now.date()
    made, told = Trade(), Contacts()
    anna, joris = world.named("anna"), world.named("lisa")
    for code, ago, serial in (("d14", 897, "D14-2406-112260"), ("f20", 400, "F20-2510-113141"), ("c5", 90, "C5-2608-110007")):
        made.order(party, person, [(catalogue[code], 1)], today - timedelta(days=ago), today, rng, number=str(61_000 + ago))
        made.register(party, catalogue[code], today - timedelta(days=ago), serial)
    made.order(party, person, [(catalogue["dishwasher-tablets"], 3)], today - timedelta(days=20), today, rng, number="88019")
    dishwasher = made.registered[0]
    made.fault(dishwasher, "F4", "Dishes stay wet", "Filter cleaned", today - timedelta(days=8), rng)

    def call(ago: int, reason: str, outcome: str, headline: str, note: str, minutes: float, channel: str = "voice") -> Interaction:
        return told.contact(
            world, party, person, moment(today - timedelta(days=ago), rng), reason=reason, outcome=outcome, headline=headline, note=note,
            agent=anna if channel == "voice" else joris, minutes=minutes, wait=9, channel=channel, language="en",
        )  # fmt: skip

    call(151, "product-use", "information", "Which salt for hard water", "Any dishwasher salt; setting 4 for Leeds.", 3, "chat")
    call(107, "purchase-parts", "solved", "Asked for a longer hose", "Sent free of charge. Asked us to speak slowly.", 5)
    call(8, "product-fault", "not-solved", "“Still wet, and now F4”", "Disappointed, asks for a visit.", 6, "email")
    wet = call(8, "product-fault", "ticket", "F4 after the first cycle", "Filter cleaned on the telephone, no help. Promised a reply.", 9)
    told.ticket(
        world, party, wet, title="F4 after the first cycle", text="Everything stays wet, F4 after each cycle. Filter is clean. Goodwill repair?",
        reason="product-fault", owner=anna, at=moment(today - timedelta(days=8), rng), state="open", product=dishwasher, days=8.2, note="Reply promised for today.", now=now,
    )  # fmt: skip
    return made, told


def twice_this_week(told: Contacts, party: Party, person: Person, world: World, now: datetime) -> None:
    """Two calls in the last days: the next is the third."""
    tom = world.named("tom")
    for ago, headline, note in (
        (4.1, "Kettle switches off too early", "Descaling advised."),
        (2.2, "Kettle still switches off", "Descaled, no better. Will look at the base."),
    ):
        told.contact(
            world,
            party,
            person,
            now - timedelta(days=ago),
            reason="product-fault",
            outcome="not-solved",
            headline=headline,
            note=note,
            agent=tom,
            minutes=5,
            wait=11,
        )
