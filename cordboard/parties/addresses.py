"""How a postal address is written in its country. Pure."""

from __future__ import annotations

from typing import Protocol


class Postal(Protocol):
    street: str
    postcode: str
    city: str
    region: str
    country: str


def lines(address: Postal) -> list[str]:
    """The lines of the address as they stand on an envelope, without the country; empty parts leave no gaps."""
    street, postcode, city, region = address.street, address.postcode, address.city, address.region
    match address.country:
        case "GB":
            made = [street, f"{city} {postcode}"]
        case "RU":
            made = [street, city, region, postcode]
        case "TH":
            made = [street, city, f"{region} {postcode}"]
        case "CN":
            made = [f"{region if region != city else ''}{city}{street}", postcode]
        case "US":
            made = [street, f"{city}, {region} {postcode}"]
        case _:
            made = [street, f"{postcode} {city}", region]
    return [text for text in (" ".join(line.split()).strip(", ") for line in made) if text]


def short(address: Postal) -> str:
    """One line for lists and the account bar: street and place, without the postcode where the country reads well without."""
    match address.country:
        case "GB":
            parts = [address.street, f"{address.city} {address.postcode}".strip()]
        case "CN":
            return f"{address.city}{address.street}"
        case _:
            parts = [address.street, address.city]
    return ", ".join(part for part in parts if part)
