"""Complaints of the last weeks: weighed, with the heads of departments, some answered and rated. Made by the acts that real ones make."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from cordboard.demo.draw import SEED
from cordboard.interactions.models import ContactReason
from cordboard.org.models import Unit, User
from cordboard.parties.models import Party
from cordboard.tickets import actions_complaint as complaints
from cordboard.tickets.actions import open_ticket
from cordboard.tickets.actions_scheme import keep_scheme
from cordboard.tickets.actions_task import finish_task
from cordboard.tickets.models import Complaint, Task

MEASURES = (
    ("apology", "Apology", "Excuses", "Извинение", "ขออภัย", "致歉"),
    ("voucher", "Voucher", "Tegoedbon", "Купон", "บัตรกำนัล", "代金券"),
    ("refund", "Refund", "Terugbetaling", "Возврат денег", "คืนเงิน", "退款"),
    ("repair", "Repair", "Reparatie", "Ремонт", "ซ่อม", "维修"),
    ("replacement", "Replacement", "Vervanging", "Замена", "เปลี่ยนเครื่องใหม่", "换新"),
    ("deliver-again", "Deliver again", "Opnieuw bezorgen", "Повторная доставка", "จัดส่งใหม่", "重新送货"),
    ("collect", "Collect and examine", "Ophalen en onderzoeken", "Забрать и проверить", "รับกลับมาตรวจสอบ", "取回检查"),
)
LANGUAGES = ("en", "nl", "ru", "th", "zh-hans")
TYPES = {
    "": 40,
    "product-safety": 100,
    "product-fault": 70,
    "delivery-damaged": 60,
    "delivery-late": 50,
    "return-refund": 60,
    "account-invoice": 50,
    "opinion-service": 60,
}
FAMILIES = {"": 40, "washing-machine": 80, "dishwasher": 70, "fridge": 90, "small-appliance": 30}

SAID = (
    ("en", "product-safety", "Smoke from the kettle", "There was smoke and a burning smell when I switched it on. This is dangerous and I am very angry."),
    (
        "en",
        "product-fault",
        "Washing machine flooded the kitchen",
        "It leaked again after the repair. The floor is damaged. Nobody called back as promised, terrible service.",
    ),
    ("en", "delivery-damaged", "Fridge came with a dent", "The door is scratched and does not close. I am disappointed."),
    ("en", "account-invoice", "Charged twice for one order", "I was charged twice and want my money back."),
    ("en", "opinion-service", "Waited forty minutes on the telephone", "Forty minutes, then I was cut off. Unacceptable."),
    ("nl", "product-fault", "Vaatwasser voor de derde keer kapot", "Dit is de derde keer. Waardeloos, en niemand belt terug."),
    ("nl", "delivery-late", "Bezorging weer niet gekomen", "Ik heb twee dagen vrij genomen en er kwam niemand. Heel slecht."),
    ("nl", "return-refund", "Geld nog steeds niet terug", "Zes weken geleden teruggestuurd en nog geen terugbetaling."),
    ("nl", "product-safety", "Schok van de wasmachine", "Mijn dochter kreeg een schok. Dit is gevaarlijk."),
    ("nl", "opinion-service", "Onvriendelijk te woord gestaan", "De medewerker was onbeleefd en hing op."),
    ("ru", "product-fault", "Машина протекает", "После ремонта снова протекает, залило пол. Очень плохо."),
    ("ru", "delivery-damaged", "Привезли повреждённый холодильник", "Дверь повреждена, никто не отвечает. Ужасно."),
    ("th", "delivery-late", "ของส่งช้ามาก", "รอมาสองสัปดาห์แล้ว แย่มาก"),
    ("th", "product-fault", "เครื่องซักผ้าเสีย น้ำรั่ว", "น้ำรั่วเต็มห้อง เสียหายมาก ไม่พอใจ"),
    ("zh-hans", "return-refund", "退款一直没有到", "退货一个月了，钱还没有退，非常失望。"),
    ("zh-hans", "product-safety", "水壶冒烟", "使用时冒烟，非常危险，很生气。"),
)
RESULT = {
    "en": "We are sorry. We put it right this week and bear all the cost.", "nl": "Het spijt ons. Wij lossen het deze week op en dragen alle kosten.",
    "ru": "Приносим извинения. Мы исправим это на этой неделе за свой счёт.", "th": "เราขออภัย เราจะแก้ไขภายในสัปดาห์นี้โดยไม่มีค่าใช้จ่าย", "zh-hans": "非常抱歉。我们本周内解决，费用由我们承担。",
}  # fmt: skip


def build(now: datetime | None = None) -> int:
    """Complaints of the last ten weeks, once; returns how many. The workshop has no head of its own: its complaints go up to the head of service."""
    now = now or timezone.now()
    manager = User.objects.filter(username="femke").first()
    service = Unit.objects.filter(code="service-nl").first()
    if Complaint.objects.exists() or manager is None or service is None:
        return 0
    Unit.objects.get_or_create(
        code="repairs", defaults={"name": "Repair workshop", "parent": service, "country": service.country, "timezone": service.timezone}
    )
    with transaction.atomic():
        measures = [{"code": code, "names": dict(zip(LANGUAGES, names, strict=True))} for code, *names in MEASURES]
        keep_scheme(
            manager, {"measures": measures, "reasons": TYPES, "families": FAMILIES, "survey": "complaint-satisfaction"}, note="As the year began", now=now
        )
    rng = random.Random(f"{SEED}-complaints")
    reasons = {one.code: one for one in ContactReason.objects.all()}
    by_language: dict[str, list[Party]] = {}
    for party in Party.objects.filter(root=None).select_related("account_owner__unit").order_by("pk")[10:]:
        by_language.setdefault(party.language, []).append(party)
    count = 0
    for place in range(2 * len(SAID)):
        language, reason, title, text = SAID[place % len(SAID)]
        if not by_language.get(language):
            continue
        party = rng.choice(by_language[language])
        _complaint(party, reasons[reason], title, text, now - timedelta(days=rng.uniform(0.1, 66)), now, rng)
        count += 1
    return count


def _complaint(party: Party, reason: ContactReason, title: str, text: str, at: datetime, now: datetime, rng: random.Random) -> None:
    product = party.registered_products.order_by("pk").first() if reason.code.startswith("product") else None
    ticket = open_ticket(None, title=title, text=text, kind="complaint", party=party, product=product, reason=reason, owner=party.account_owner, now=at)
    complaints.weigh_complaint(ticket.pk, now=at)
    row = complaints.hand_complaint(ticket.pk, now=at)
    user = row.head or ticket.owner
    if user is None or rng.random() < 0.15:
        return
    decided = at + timedelta(hours=rng.uniform(0.5, 3))
    complaints.decide(user, ticket.pk, now=decided)
    told = decided + timedelta(hours=rng.uniform(2, 70))
    if told > now:
        return
    complaints.answer(user, ticket.pk, RESULT.get(party.language, RESULT["en"]), way="phone", now=told)
    call = Task.objects.filter(ticket=ticket, kind=Task.Kind.CALL).select_related("owner").first()
    called = told + timedelta(hours=1)
    if call is None or call.owner is None or called > now:
        return
    finish_task(call.owner, call.pk, "", now=called)
    complaints.told(ticket.pk, call.owner, now=called)
    if rng.random() < 0.75:
        complaints.rate(ticket.pk, rng.choices((1, 2, 3, 4, 5), (1, 2, 3, 7, 6))[0], by=user, now=called)
