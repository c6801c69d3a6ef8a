"""What a demo customer ordered, was invoiced for, owns, and what broke."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from datetime import timezone as zones
from decimal import Decimal
from typing import Any

from cordboard.catalogue.models import Fault, Part, Product, RegisteredProduct
from cordboard.catalogue.warranty import add_months
from cordboard.demo.draw import Person
from cordboard.demo.sources import data
from cordboard.parties.models import Party
from cordboard.sales.models import Invoice, Order, OrderLine

CARRIERS = {"NL": "PostNL", "GB": "Royal Mail", "RU": "Почта России", "TH": "ไปรษณีย์ไทย", "CN": "顺丰速运"}


def moment(day: date, rng: random.Random) -> datetime:
    """A time of that day when shops are open, to the second, in UTC."""
    return datetime.combine(day, time(rng.randint(8, 17), rng.randint(0, 59), rng.randint(0, 59)), tzinfo=zones.utc)  # noqa: UP017


def products() -> dict[str, Product]:
    """The catalogue, made where it is missing."""
    for row in data("products")["products"]:
        Product.objects.get_or_create(
            code=row["code"],
            defaults={
                "names": row["names"],
                "family": row["family"],
                "icon": row["icon"],
                "price": Decimal(str(row["price"])),
                "warranty_months": row["warranty"],
                "serial_format": f"{row['code'].upper()}-####-######" if row["warranty"] >= 24 else "",
            },
        )
    for row in data("products")["parts"]:
        Part.objects.get_or_create(code=row["code"], defaults={"names": row["names"], "family": row["family"], "price": Decimal(str(row["price"]))})
    return {product.code: product for product in Product.objects.all()}


def price_in(product: Product, currency: str) -> Decimal:
    return (product.price * Decimal(str(data("products")["rates"][currency]))).quantize(Decimal("0.01"))


@dataclass(slots=True)
class Trade:
    orders: list[Order] = field(default_factory=list)
    lines: list[OrderLine] = field(default_factory=list)
    invoices: list[Invoice] = field(default_factory=list)
    registered: list[RegisteredProduct] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def order(
        self, party: Party, person: Person, items: list[tuple[Product, int]], day: date, today: date, rng: random.Random, *, number: str, paid: bool = True
    ) -> Order:
        """One order with its lines and invoice, as it would stand today: on its way when young, else delivered."""
        total = sum((price_in(product, person.currency) * quantity for product, quantity in items), Decimal(0))
        age = (today - day).days
        state = Order.State.OPEN if age < 1 else Order.State.SHIPPED if age < 3 else Order.State.DELIVERED
        order = Order(
            number=number, party=party, state=state, ordered_at=moment(day, rng), total=total, currency=person.currency, expected_on=day + timedelta(days=3),
            delivered_on=day + timedelta(days=2) if state == Order.State.DELIVERED else None, carrier=CARRIERS[person.country] if age >= 1 else "",
            tracking=f"LK{number}{person.country}" if age >= 1 else "",
        )  # fmt: skip
        self.orders.append(order)
        self.lines += [OrderLine(order=order, product=product, quantity=quantity, price=price_in(product, person.currency)) for product, quantity in items]
        self.invoices.append(
            Invoice(
                number=f"F{number}",
                party=party,
                order=order,
                amount=total,
                currency=person.currency,
                issued_on=day,
                due_on=day + timedelta(days=30),
                paid_on=min(today, day + timedelta(days=rng.randint(1, 25))) if paid else None,
            )
        )
        return order

    def register(self, party: Party, product: Product, bought: date, serial: str) -> RegisteredProduct:
        owned = RegisteredProduct(party=party, product=product, serial=serial, bought_on=bought, warranty_until=add_months(bought, product.warranty_months))
        self.registered.append(owned)
        return owned

    def fault(self, owned: RegisteredProduct, code: str, text: str, remedy: str, day: date, rng: random.Random) -> None:
        self.faults.append(Fault(product=owned, code=code, text=text, remedy=remedy, at=moment(day, rng)))


def trade(party: Party, person: Person, catalogue: dict[str, Product], sequence: int, today: date, rng: random.Random) -> Trade:
    """A customer's orders over the years, newest last; big appliances are registered, and some of them break."""
    made = Trade()
    big = [product for product in catalogue.values() if product.warranty_months >= 24]
    small = [product for product in catalogue.values() if product.warranty_months < 24]
    days = sorted(rng.randint(0, min(900, max(1, (today - person.since).days))) for _place in range(person.orders))[::-1]
    for place, age in enumerate(days):
        day = today - timedelta(days=age)
        items = [(rng.choice(big), 1)] if place == 0 or rng.random() < 0.45 else []
        items += [(product, rng.randint(1, 3)) for product in rng.sample(small, rng.randint(0 if items else 1, 2))]
        late = person.overdue and place == len(days) - 1
        if person.story == "overdue" and late:
            items = [(catalogue["w6"], 1)]
        made.order(
            party,
            person,
            items,
            day if not late else today - timedelta(days=75),
            today,
            rng,
            number=str(100_000 + sequence * 10 + place),
            paid=not late and (age > 20 or rng.random() < 0.6),
        )
        for product, _quantity in items:
            if product.warranty_months >= 24 and age >= 2:
                owned = made.register(party, product, day, f"{product.code.upper()}-{day:%y%m}-{100_000 + sequence * 10 + place}")
                _break(made, owned, product, age, today, rng)
    return made


def _break(made: Trade, owned: RegisteredProduct, product: Product, age: int, today: date, rng: random.Random) -> None:
    kinds: list[Any] = data("products")["faults"].get(product.family, [])
    for _time in range(rng.choices((0, 1, 2), (62, 28, 10))[0] if kinds and age > 30 else 0):
        code, text, remedies = rng.choice(kinds)
        made.fault(owned, code, text, rng.choice(remedies), today - timedelta(days=rng.randint(1, age - 1)), rng)
