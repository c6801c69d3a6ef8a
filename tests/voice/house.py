"""A centre with people in it, for tests of calls: real roles as processes, agents' softphones over the switch's socket (aiortc), callers over SIP."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import numpy as np
import uvloop

from cordboard.lib.testing.centre import Centre
from cordboard.telephony import softphone
from cordboard.telephony.media.protocol import Codec
from cordboard.telephony.switchlink import Speaker
from cordboard.telephony.tests.far_side import Browser
from cordboard.telephony.tests.media_house import until
from cordboard.telephony.tests.sound import strength
from cordboard.telephony.tests.switch_house import Front, Page
from tests.voice.hands import Hands
from tests.voice.telephone import Telephone

_numbers = itertools.count(1)


def in_loop(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """Run an async test. The limit is for a machine that is busy with much else; alone each test takes some seconds."""

    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(asyncio.wait_for(test(*args, **kwargs), 150))

    return run


CENTRE = """
from datetime import timedelta
from django.utils import timezone
unit = Unit.objects.get_or_create(code="service", defaults={"name": "Service", "country": "NL", "timezone": "Europe/Amsterdam"})[0]
always = {"timezone": "Europe/Amsterdam", **{day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}}
for code in ("service", "second"):
    Queue.objects.get_or_create(code=code, defaults={"name": code.title(), "unit": unit, "hours": always, "ring_seconds": 20, "wrapup_seconds": 30})
Queue.objects.get_or_create(code="closed", defaults={"name": "Closed", "unit": unit, "hours": always, "open": False})
service = Queue.objects.get(code="service")
for number, queue in (("100", "service"), ("199", "closed")):
    Line.objects.get_or_create(
        number=number, defaults={"name": number, "flow": "none", "queue": Queue.objects.get(code=queue), "country": "NL", "languages": ["en", "nl"]}
    )
for number, reason in enumerate(("no_answer", "no_media", "media_lost")):
    NotReadyReason.objects.get_or_create(code=reason, defaults={"names": {"en": reason}, "by_system": True, "order": number})
"""

AGENT = """
from datetime import timedelta
from django.utils import timezone
from cordboard.org.permissions import declared
from cordboard.org.models import Role
codes = {code: "all" for code in declared()}
user = User.objects.filter(username=name).first() or person(name, {})
# A colleague of the same name may be there from other tests of this centre, with rights of its own.
user.roles.add(Role.objects.update_or_create(code=f"agent-{name}", defaults={"name": name, "permissions": codes})[0])
for queue in Queue.objects.filter(code__in=queues):
    QueueMember.objects.get_or_create(queue=queue, agent=user)
routing.sign_in(user)
Presence.objects.update_or_create(user=user.pk, defaults={"seen_at": timezone.now() + timedelta(hours=1)})
user.pk
"""


class Softphone(Page):
    """As the desktop's: prefers the codec that the switch asks for, and only that reaches the far side unchanged."""

    async def _act(self, message: softphone.ToPage) -> None:
        if not isinstance(message, softphone.Connect):
            await super()._act(message)
            return
        if (old := self.legs.pop(message.leg, None)) is not None:
            await old.close()
        first = Codec(message.codec)
        browser = self.legs[message.leg] = Browser(self.hertz, (first, *(codec for codec in Codec if codec is not first)))
        self.say(softphone.Offer(message.leg, await browser.offer()))


class Agent:
    """Somebody at a desktop. Acts go through a Django process of their own; sound through a page."""

    def __init__(self, house: House, name: str, pk: int, hertz: float) -> None:
        self.house, self.name, self.pk, self.hertz = house, name, pk, hertz
        self.page: Page | None = None

    def act(self, what: str, *more: Any, **named: Any) -> Any:
        """`routing.<what>(me, ...)`: what came of it, as the screen gets it."""
        return self.house.hands.do(f"routing.{what}(User.objects.get(pk=me), *more, **named)", me=self.pk, more=list(more), named=named)

    def sit_down(self, tab: str = "") -> Agent:
        """Open the desktop's page: the softphone registers."""
        number = next(_numbers)
        speaker = Speaker(f"page{number}", user=str(self.pk), session="s")
        self.page = Softphone(self.house.front, speaker, tab or f"tab{number}", hertz=self.hertz).register()
        return self

    def ready(self) -> Agent:
        self.act("set_ready")
        return self

    @property
    def state(self) -> str:
        return str(self.house.hands.do("AgentState.objects.get(agent=me).state", me=self.pk))

    def offered(self) -> int:
        """The interaction that rings here, 0 for none."""
        return int(self.house.hands.do("Segment.objects.filter(agent=me, state='offered').values_list('interaction_id', flat=True).first() or 0", me=self.pk))

    async def rings(self, seconds: float = 10.0) -> int:
        return int(await self.house.eventually(self.offered, seconds))

    async def accept(self, interaction: int) -> None:
        came = await asyncio.to_thread(self.act, "accept_offer", interaction)
        assert came["done"], came

    def heard(self, seconds: float = 0.6) -> np.ndarray:
        assert self.page is not None
        parts = [browser.heard(seconds) for browser in self.page.legs.values()]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int16)

    async def hears(self, hertz: float, seconds: float = 15.0) -> None:
        await until(lambda: strength(self.heard(), hertz) > 1500, seconds)

    async def hears_not(self, hertz: float, seconds: float = 15.0) -> None:
        await until(lambda: strength(self.heard(), hertz) < 300, seconds)

    async def wrap_up(self, interaction: int) -> None:
        await asyncio.to_thread(self.act, "wrap_up", interaction)


class House:
    def __init__(self, centre: Centre, hands: Hands) -> None:
        self.centre = centre
        self.hands = hands
        self.front: Front
        self._phones: list[Telephone] = []
        self._agents: list[Agent] = []

    async def open(self) -> House:
        self.front = await Front(self.centre.run_folder / "switch.sock").connected()
        return self

    async def close(self) -> None:
        for phone in self._phones:
            await phone.close()
        await self.front.close()
        self.hands.do(
            """
from django.utils import timezone
for interaction in Interaction.objects.exclude(state="ended"):
    routing.customer_left(interaction.pk, "customer")
    for part in Segment.objects.filter(interaction=interaction, state="wrapup"):
        routing.wrap_up(part.agent, interaction.pk)
for state in AgentState.objects.exclude(state="offline"):
    Presence.objects.filter(user=state.agent_id).delete()
AgentState.objects.update(state="offline", voice_load=0, idle_since=None, pending=False, media_lost_at=None)
"""
        )

    def agent(self, name: str, hertz: float = 1000.0, queues: tuple[str, ...] = ("service",)) -> Agent:
        pk = self.hands.do(AGENT, name=name, queues=list(queues))
        made = Agent(self, name, pk, hertz)
        self._agents.append(made)
        return made

    async def phone(self, to: str = "100", from_: str = "+31205550123", hertz: float = 440.0) -> Telephone:
        made = await Telephone(self.centre.sip_port, to, from_, hertz).call()
        self._phones.append(made)
        return made

    async def eventually(self, what: Any, seconds: float = 10.0) -> Any:
        """As `until`, with a question that takes a thread."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while not (found := await asyncio.to_thread(what)):
            assert loop.time() < end, f"it never happened\n{self.centre.log[-6000:]}"
            await asyncio.sleep(0.05)
        return found

    def row(self, interaction: int, *fields: str) -> dict[str, Any]:
        return dict(self.hands.do("Interaction.objects.values(*fields).get(pk=pk)", pk=interaction, fields=list(fields)))

    async def state(self, interaction: int, wanted: str, seconds: float = 10.0) -> None:
        await self.eventually(lambda: self.row(interaction, "state")["state"] == wanted, seconds)

    def events(self, interaction: int) -> list[str]:
        return list(self.hands.do("[e.kind for e in Event.objects.order_by('id') if e.body.get('interaction') == pk]", pk=interaction))

    def newest(self) -> int:
        """The interaction that was opened last, 0 for none."""
        return int(self.hands.do("Interaction.objects.order_by('-id').values_list('pk', flat=True).first() or 0"))


@contextlib.asynccontextmanager
async def house(centre: Centre, hands: Hands) -> AsyncIterator[House]:
    made = await House(centre, hands).open()
    try:
        yield made
    finally:
        await made.close()


def furnish(hands: Hands, data: Path | None = None) -> None:
    hands.do(CENTRE)
