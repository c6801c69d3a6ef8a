"""Support levels of the demo: who serves which, what they ask for, when tickets look like one incident, and what closed the tickets of the past."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from cordboard.org.models import Unit, User
from cordboard.routing.models import Queue
from cordboard.tickets import states
from cordboard.tickets.actions_similar import keep, read_words
from cordboard.tickets.models import LevelItem, SupportLevel, Ticket
from cordboard.tickets.models_incident import IncidentRule
from cordboard.tickets.models_similar import TicketSolution, TicketWords

FIRST = ("service-nl", "service-uk", "service-international")
ITEMS = (
    (2, "", "product", True, {"en": "The customer's product", "nl": "Het product van de klant", "ru": "Изделие клиента", "th": "สินค้าของลูกค้า", "zh-hans": "客户的产品"}),
    (2, "washing-machine", "text", True, {"en": "The code on the display", "nl": "De code op het display", "ru": "Код на дисплее", "th": "รหัสบนหน้าจอ", "zh-hans": "显示屏上的代码"}),
    (2, "", "check", True, {"en": "Switched off and on again", "nl": "Uit- en weer aangezet", "ru": "Выключали и включали снова", "th": "ปิดแล้วเปิดใหม่แล้ว", "zh-hans": "已关机并重新开机"}),
    (2, "", "text", False, {"en": "What the customer has tried", "nl": "Wat de klant heeft geprobeerd", "ru": "Что клиент уже пробовал", "th": "สิ่งที่ลูกค้าลองแล้ว", "zh-hans": "客户已尝试过什么"}),
    (4, "", "text", True, {"en": "When somebody is at home", "nl": "Wanneer er iemand thuis is", "ru": "Когда кто-то дома", "th": "เวลาที่มีคนอยู่บ้าน", "zh-hans": "何时有人在家"}),
    (4, "", "check", True, {"en": "The address was read back", "nl": "Het adres is herhaald", "ru": "Адрес повторён вслух", "th": "ทวนที่อยู่แล้ว", "zh-hans": "已复述地址"}),
)  # fmt: skip
MEASURES = ("Explained by telephone", "Replacement part sent", "Technician repaired it", "Refunded", "Delivery arranged anew")
READ = 400
"""So many tickets of the past at most are read for the index."""


def build(now: datetime | None = None) -> int:
    """Once; returns how many closed tickets were read."""
    now = now or timezone.now()
    service = Unit.objects.filter(code="service-nl").first()
    if service is None or SupportLevel.objects.exists():
        return 0
    desk, _made = Unit.objects.get_or_create(
        code="technical-desk",
        defaults={
            "name": "Technical desk",
            "parent": service,
            "country": service.country,
            "timezone": service.timezone,
            "head": User.objects.filter(username="sanne").first(),
        },
    )
    for unit in Unit.objects.filter(code__in=FIRST):
        SupportLevel.objects.create(rank=SupportLevel.Rank.FIRST, unit=unit)
    SupportLevel.objects.create(rank=SupportLevel.Rank.SECOND, unit=desk, queue=Queue.objects.filter(code="service").first())
    workshop = Unit.objects.filter(code="repairs").first()
    if workshop is not None:
        SupportLevel.objects.create(rank=SupportLevel.Rank.TECHNICIAN, unit=workshop)
    for order, (rank, family, asks, required, names) in enumerate(ITEMS):
        LevelItem.objects.create(rank=rank, family=family, asks=asks, required=required, names=names, order=10 * order)
    IncidentRule.objects.create(least=5, minutes=60, likeness=35)
    count = 0
    for ticket in Ticket.objects.order_by("-opened_at")[:READ]:
        if ticket.state not in states.DONE:
            if not TicketWords.objects.filter(pk=ticket.pk).exists():
                read_words(ticket.pk)
            continue
        if not TicketSolution.objects.filter(pk=ticket.pk).exists():
            TicketSolution.objects.create(
                ticket=ticket, measure=MEASURES[(ticket.reason_id or ticket.pk) % len(MEASURES)], by=ticket.owner, at=ticket.resolved_at or now
            )
        keep(ticket.pk)
        count += 1
    return count
