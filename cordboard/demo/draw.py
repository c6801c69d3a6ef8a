"""Plausible customers out of a seed. Pure: the same seed and day give the same people. Their telephone numbers are of ranges kept for fiction
where a country has one (Ofcom's drama numbers), else plainly invented (all of 555)."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from cordboard.demo.sources import data

SEED = 20251117


@dataclass(slots=True)
class Person:
    """A customer to be, before anything is written."""

    number: str
    given: str
    family: str
    country: str
    languages: list[str]
    timezone: str
    currency: str
    since: date
    street: str
    postcode: str
    city: str
    region: str
    phones: list[str]
    email: str = ""
    salutation: str = ""
    owner: str = ""
    """user name; by the rule when empty"""
    note: str = ""
    flags: list[str] = field(default_factory=list)
    contacts: int = 0
    """past contacts"""
    orders: int = 0
    overdue: bool = False
    story: str = ""
    """told by hand in stories.py"""

    @property
    def name(self) -> str:
        return f"{self.family}{self.given}" if self.country == "CN" else f"{self.given} {self.family}"


SPECIAL = (
    # number, given, family, country, languages, phones, mail, owner
    Person("44710938", "Noor", "de Vries", "NL", ["nl", "en"], "Europe/Amsterdam", "EUR", date(2019, 3, 4), "Keizersgracht 112", "1015 CV", "Amsterdam", "", ["+31205550123"], "noor.devries@example.org", "mrs", "joris", "", [], 0, 0, False, "noor"),
    Person("44710946", "Daan", "Jansen", "NL", ["nl"], "Europe/Amsterdam", "EUR", date(2024, 5, 2), "Lindenlaan 9", "3511 AB", "Utrecht", "", ["+31655500123"], "daan.jansen@example.org", "mr", "", "", [], 0, 1, False, "grandson"),
    Person("44712260", "Margaret", "Ashworth", "GB", ["en"], "Europe/London", "GBP", date(2016, 5, 12), "14 Larkfield Rd", "LS6 3AP", "Leeds", "", ["+447700900182"], "m.ashworth@example.org", "mrs", "anna", "Speak slowly: she asked for it.", ["vulnerable"], 0, 0, False, "margaret"),
    Person("44713377", "Иван", "Петров", "RU", ["ru"], "Europe/Moscow", "RUB", date(2021, 9, 1), "ул. Тверская, 12", "125009", "Москва", "", ["+74955550142"], "ivan.petrov@example.org", "mr", "dmitri", "", [], 3, 4, False, "ivan"),
    Person("44714455", "สมชาย", "พงษ์ไพร", "TH", ["th", "en"], "Asia/Bangkok", "THB", date(2022, 2, 14), "99 ถนนสีลม", "10500", "บางรัก", "กรุงเทพมหานคร", ["+6625550123"], "somchai@example.org", "mr", "ploy", "", [], 2, 3, False, "somchai"),
    Person("44715566", "伟", "李", "CN", ["zh-hans", "en"], "Asia/Shanghai", "CNY", date(2023, 6, 18), "长安街12号", "100010", "北京市", "北京市", ["+861055550123"], "li.wei@example.org", "mr", "chen", "", [], 2, 3, False, "wei"),
    Person("44716677", "Jan", "Mulder", "NL", ["nl"], "Europe/Amsterdam", "EUR", date(2020, 1, 20), "Prinsengracht 88", "1015 DX", "Amsterdam", "", ["+31205550188"], "jan.mulder@example.org", "mr", "", "", [], 3, 5, False, "household"),
    Person("44716685", "Mieke", "Mulder-Bos", "NL", ["nl", "en"], "Europe/Amsterdam", "EUR", date(2021, 7, 3), "Prinsengracht 88", "1015 DX", "Amsterdam", "", ["+31205550188", "+31655500188"], "mieke.mulder@example.org", "mrs", "", "", [], 2, 4, False, "household"),
    Person("44717788", "Tessa", "Kok", "NL", ["nl", "en"], "Europe/Amsterdam", "EUR", date(2022, 11, 8), "Molenweg 31", "8011 HX", "Zwolle", "", ["+31655500147"], "tessa.kok@example.org", "mrs", "", "", [], 2, 2, True, "overdue"),
    Person("44718899", "Edward", "Green", "GB", ["en"], "Europe/London", "GBP", date(2018, 10, 2), "7 The Green", "YO1 7HH", "York", "", ["+447700900147"], "edward.green@example.org", "mr", "", "Only by telephone before noon; he works nights.", [], 4, 6, False, "note"),
    Person("44719900", "Priya", "Raman", "GB", ["en"], "Europe/London", "GBP", date(2019, 8, 23), "22 High Street", "M1 4BT", "Manchester", "", ["+447700900155"], "priya.raman@example.org", "mrs", "tom", "", [], 3, 7, False, "twice-this-week"),
)  # fmt: skip


def people(today: date) -> Iterator[Person]:
    """All 300, the eleven with a story first. Each country's people are drawn by a generator of their own, so that one more in one
    country changes nobody elsewhere."""
    yield from SPECIAL
    sequence = 0
    for country, source in data("names").items():
        rng = random.Random(f"{SEED}-{country}")
        told = sum(one.country == country for one in SPECIAL)
        pairs = [(given, family) for family in source["family"] for given in source["given"]]
        rng.shuffle(pairs)
        for place in range(source["count"] - told):
            sequence += 1
            yield _person(rng, country, source, pairs[place], place, sequence, today)


def _person(rng: random.Random, country: str, source: Mapping[str, Any], name: tuple[str, str], place: int, sequence: int, today: date) -> Person:
    city, postcode, region = rng.choice(source["cities"])
    kinds = source["phone"]
    phones = [kinds[0].format(n=place)] if rng.random() < 0.7 else [kinds[1].format(n=place)]
    if rng.random() < 0.2:
        phones = [pattern.format(n=place) for pattern in kinds]
    languages = list(source["languages"]) if rng.random() < 0.5 else source["languages"][:1]
    if rng.random() < 0.06:
        languages = ["en"]
    newcomer = rng.random() < 0.08
    return Person(
        number=str(44_800_000 + sequence * 37),
        given=name[0],
        family=name[1],
        country=country,
        languages=languages,
        timezone=source["timezone"],
        currency=source["currency"],
        since=today - timedelta(days=rng.randint(5, 55) if newcomer else rng.randint(90, 3200)),
        street=rng.choice(source["streets"]).format(n=rng.randint(1, 180)),
        postcode=postcode,
        city=city,
        region=region,
        phones=phones,
        email=f"customer{sequence}@example.{rng.choice(('org', 'net', 'com'))}" if rng.random() < 0.8 else "",
        contacts=rng.choices((0, 1, 2, 3, 5, 8), (12, 28, 26, 18, 11, 5))[0],
        orders=1 if newcomer else rng.choices((1, 2, 3, 5, 8), (30, 28, 22, 14, 6))[0],
        overdue=not newcomer and rng.random() < 0.06,
        flags=["vulnerable"] if rng.random() < 0.02 else [],
    )
