"""One box: whatever the caller says leads to the customer."""

from __future__ import annotations

import pytest

from cordboard.org.models import User
from cordboard.parties import actions
from cordboard.parties.models import Party
from cordboard.parties.search import search


@pytest.fixture
def customers(alice: User) -> dict[str, Party]:
    def made(name: str, phone: str, country: str, city: str, postcode: str, email: str = "") -> Party:
        address = {"street": "1", "city": city, "postcode": postcode}
        return actions.create(None, name=name, phone=phone, country=country, languages=["en"], email=email, address=address)

    return {
        "noor": made("Noor de Vries", "+31205550123", "NL", "Amsterdam", "1015 AA", "noor.devries@example.org"),
        "jan": made("Jan de Vries", "+31205550124", "NL", "Den Haag", "2511 BT"),
        "obrien": made("Siobhán O’Brien-Çelik", "+441134960001", "GB", "Leeds", "LS6 3AP"),
        "ivan": made("Фёдор Петров", "+74955550142", "RU", "Москва", "101000"),
        "wei": made("李伟", "+861055550123", "CN", "北京", "100000"),
        "ploy": made("พลอย ศรีสุข", "+6625550123", "TH", "กรุงเทพ", "10500"),
    }


@pytest.mark.parametrize(
    ("typed", "wanted", "why"),
    [
        ("Noor de Vries", ["noor"], "name"),
        ("vries noor", ["noor"], "name"),
        ("VRI noo", ["noor"], "name"),
        ("vries den haag", ["jan"], "name"),
        ("vries amsterdam", ["noor"], "name"),
        ("leeds", ["obrien"], "place"),
        ("obrien", ["obrien"], "name"),
        ("O'Brien", ["obrien"], "name"),
        ("celik siobhan", ["obrien"], "name"),
        ("федор", ["ivan"], "name"),
        ("李伟", ["wei"], "name"),
        ("伟", ["wei"], "name"),
        ("พลอย", ["ploy"], "name"),
        ("020 555 0123", ["noor"], "phone"),
        ("+44 113 496 0001", ["obrien"], "phone"),
        ("+3120555", ["jan", "noor"], "phone"),
        ("noor.devries@example.org", ["noor"], "email"),
        ("Noor.deVries@exa", ["noor"], "email"),
        ("1015aa", ["noor"], "postcode"),
        ("LS6 3AP", ["obrien"], "postcode"),
        ("nobody at all", [], ""),
        ("x", [], ""),
        ("", [], ""),
        ("%_'\";--", [], ""),
    ],
)
def test_it_is_found_by(typed: str, wanted: list[str], why: str, customers: dict[str, Party], alice: User) -> None:
    hits = search(alice, typed)
    assert [hit.party for hit in hits] == [customers[name] for name in wanted]
    assert {hit.why for hit in hits} <= {why}


def test_the_customer_number_beats_all(customers: dict[str, Party], alice: User) -> None:
    number = customers["jan"].customer_number or ""
    hits = search(alice, f"{number[:4]} {number[4:]}")
    assert hits[0].party == customers["jan"]
    assert hits[0].why == "customer_number"
    alike = {party.pk for party in customers.values() if (party.customer_number or "").startswith(number[:6])}
    assert {hit.party.pk for hit in search(alice, number[:6])} == alike, "while it is typed, all that begin so"


def test_the_whole_name_stands_before_parts_of_others(customers: dict[str, Party], alice: User) -> None:
    actions.create(None, name="Vries Noordhof", languages=["en"])
    exact = actions.create(None, name="De Vries", languages=["en"])
    assert search(alice, "de vries")[0].party == exact
