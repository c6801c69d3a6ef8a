"""Addresses that are worked out once are those that Django gives."""

from __future__ import annotations

import pytest
from django.urls import NoReverseMatch
from django.urls import reverse as django_reverse

from cordboard.lib.addresses import reverse


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("desktop:ticket", [10042]),
        ("desktop:ticket", [0]),
        ("desktop:ticket", ["10042"]),
        ("desktop:tickets", []),
        ("desktop:ticket_act", [7, "watch"]),
        ("desktop:customer", [3]),
        ("desktop:ticket", [8_310_475_000]),
    ],
)
def test_they_are_the_same(name: str, args: list[int | str]) -> None:
    for _again in range(2):
        assert reverse(name, args=args) == django_reverse(name, args=args)


@pytest.mark.parametrize(("name", "args"), [("desktop:ticket", [-1]), ("desktop:ticket", []), ("desktop:nowhere", [1]), ("desktop:ticket", [1, 2])])
def test_there_is_none_where_django_has_none(name: str, args: list[int]) -> None:
    for _again in range(2):
        with pytest.raises(NoReverseMatch):
            reverse(name, args=args)
