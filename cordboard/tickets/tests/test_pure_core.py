"""The rules of tickets that know no database: states, own fields, edits, ties, merges, plain text, kinds of files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cordboard.tickets import filetypes, kinds, merging, plain, states
from cordboard.tickets.editing import Clash, put_together
from cordboard.tickets.linking import circle
from cordboard.tickets.states import Finding, Machine, State

REPAIR = Machine(
    (
        State("asked", "new", ("bench", "refused")),
        State("bench", "open", ("part", "done")),
        State("part", "waiting", ("bench",)),
        State("done", "resolved", ("bench",)),
        State("refused", "closed", ()),
    )
)


def test_the_five_states_and_a_kinds_own_are_sound() -> None:
    assert states.findings(states.USUAL) == []
    assert states.findings(REPAIR) == []
    assert states.machine([]) is states.USUAL


def test_a_wish_for_one_of_the_five_finds_the_kinds_own() -> None:
    assert REPAIR.towards("bench", "resolved") == REPAIR.get("done")
    assert REPAIR.towards("asked", "bench") == REPAIR.get("bench")
    assert REPAIR.towards("asked", "nothing") is None
    assert [one.code for one in REPAIR.following("bench")] == ["part", "done"]
    assert [one.code for one in REPAIR.following("a state of long ago")] == ["asked", "bench", "part", "done", "refused"]


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        (Machine((State("a", "new", ("b",)),)), [Finding("unknown", "a", "b"), Finding("no_end")]),
        (Machine((State("a", "closed", ()),)), [Finding("start", "a")]),
        (Machine(()), [Finding("start")]),
        (Machine((State("a", "new", ("z",)), State("z", "closed", ()), State("lost", "open", ("z",)))), [Finding("unreached", "lost")]),
        (Machine((State("a", "new", ("z", "pit")), State("pit", "open", ()), State("z", "closed", ()))), [Finding("stuck", "pit")]),
        (Machine((State("a", "new", ("w", "z")), State("w", "waiting", ("z",)), State("z", "closed", ()))), [Finding("waits", "w")]),
        (Machine((State("a", "new", ("a",)), State("a", "closed", ()))), [Finding("twice", "a")]),
        (Machine((State("a", "new", ("z",)), State("z", "gone", ()))), [Finding("like", "z", "gone"), Finding("no_end")]),
    ],
)
def test_what_is_wrong_with_states_is_named(wrong: Machine, found: list[Finding]) -> None:
    assert states.findings(wrong)[: len(found)] == found


CODES = st.sampled_from("abcdef")


@given(st.lists(st.builds(State, CODES, st.sampled_from(states.STATES), st.lists(CODES, max_size=4).map(tuple)), max_size=6, unique_by=lambda one: one.code))
def test_states_without_findings_can_all_be_reached_and_finished(rows: list[State]) -> None:
    made = Machine(tuple(rows))
    if states.findings(made):
        return
    ends = {one.code for one in rows if one.like in states.DONE}
    walked, edge = {rows[0].code}, [rows[0].code]
    while edge:
        edge = [next_.code for code in edge for next_ in made.following(code) if next_.code not in walked]
        walked |= set(edge)
    assert walked == {one.code for one in rows}
    assert all(states.reach(made, one.code) & ends for one in rows)


FIELDS = kinds.fields(
    [
        {"code": "visits", "type": "number", "names": {"en": "Visits"}, "required": ["resolved"]},
        {"code": "since", "type": "date", "names": {"en": "Since"}},
        {"code": "room", "type": "choice", "choices": [{"code": "bath", "names": {"en": "Bath"}}]},
        {"code": "again", "type": "yes_no", "required": ["resolved"]},
        {"code": "words", "type": "text"},
    ]
)


def test_own_fields_are_read_and_faults_named() -> None:
    kept, wrong = kinds.read(FIELDS, {"visits": " 3,5 ", "since": "2026-11-17", "room": "bath", "again": "no", "words": "", "else": "passed over"})
    assert (kept, wrong) == ({"visits": "3.5", "since": "2026-11-17", "room": "bath", "again": False}, [])
    kept, wrong = kinds.read(FIELDS, {"visits": "many", "since": "17 Nov", "room": "cellar", "words": "x" * 2001})
    assert (kept, [(one.field, one.code) for one in wrong]) == ({}, [("visits", "number"), ("since", "date"), ("room", "choice"), ("words", "long")])


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e99", "--1", "٣x"])
def test_what_is_no_number_is_none(number: str) -> None:
    assert kinds.read(FIELDS, {"visits": number})[1] == [kinds.Wrong("visits", "number")]


def test_no_is_an_answer_and_nothing_is_none() -> None:
    assert [one.field for one in kinds.missing(FIELDS, {"visits": "0"}, "done", "resolved")] == ["again"]
    assert kinds.missing(FIELDS, {"visits": "0", "again": False}, "done", "resolved") == []
    assert kinds.missing(FIELDS, {}, "open", "open") == []


def test_edits_that_differ_are_put_together_and_the_same_field_clashes() -> None:
    seen = {"title": "E18", "text": "", "priority": 5}
    now = {"title": "E18, third time", "text": "", "priority": 5}
    assert put_together(seen, now, {"title": "E18", "text": "Leaks", "priority": 4}) == ({"text": "Leaks", "priority": 4}, [])
    assert put_together(seen, now, {"title": "Drain"}) == ({}, [Clash("title", "E18", "E18, third time", "Drain")])
    assert put_together(seen, now, {"title": "E18, third time"}) == ({}, []), "both wrote the same"


VALUES = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.integers(0, 2), min_size=3, max_size=3)


@given(VALUES, VALUES, VALUES)
def test_nothing_that_anybody_wrote_is_lost_without_a_word(seen: dict[str, int], now: dict[str, int], mine: dict[str, int]) -> None:
    write, clashes = put_together(seen, now, mine)
    after = {**now, **write}
    for field in mine:
        clashed = field in {one.field for one in clashes}
        if now[field] != seen[field]:
            assert after[field] == now[field], "theirs stands until somebody decides"
        if mine[field] != seen[field] and not clashed:
            assert after[field] == mine[field]
        assert clashed == (
            len({seen[field], now[field], mine[field]}) == 3 or (mine[field] != seen[field] and now[field] != seen[field] and mine[field] != now[field])
        )


def test_ties_do_not_go_round() -> None:
    above = {1: [2], 2: [3]}
    assert circle(above, 3, 1) == [3, 1, 2, 3]
    assert circle(above, 1, 1) == [1, 1]
    assert circle(above, 1, 3) == []
    assert circle(above, 4, 1) == []


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=30))
def test_ties_made_one_by_one_never_close_a_circle(wanted: list[tuple[int, int]]) -> None:
    above: dict[int, list[int]] = {}
    for below, up in wanted:
        if not circle(above, below, up):
            above.setdefault(below, []).append(up)

    def height(one: int, seen: tuple[int, ...] = ()) -> int:
        assert one not in seen
        return 1 + max((height(up, (*seen, one)) for up in above.get(one, ())), default=0)

    for one in range(8):
        height(one)


# -- merging ---------------------------------------------------------------------------------------------------------------

World = dict[int, tuple[int, object]]
KEYS: st.SearchStrategy[object] = st.one_of(st.none(), st.integers(0, 3))


def held(world: World, ticket: int) -> dict[int, object]:
    return {row: key for row, (where, key) in world.items() if where == ticket}


def once(world: World) -> bool:
    pairs = [(where, key) for where, key in world.values() if key is not None]
    return len(pairs) == len(set(pairs))


def sound(rows: list[tuple[int, object]]) -> World:
    world: World = {}
    for number, one in enumerate(rows):
        if one[1] is None or one not in world.values():
            world[number] = one
    return world


@given(st.lists(st.tuples(st.integers(1, 2), KEYS), max_size=14).map(sound), st.lists(st.tuples(st.just(2), KEYS), max_size=5), st.booleans())
def test_a_merge_loses_nothing_and_its_undo_restores_exactly(world: World, later: list[tuple[int, object]], on: bool) -> None:
    before = dict(world)
    moved = merging.to_move({"row": held(world, 1)}, {"row": held(world, 2)})
    for row in moved.get("row", []):
        world[row] = (2, world[row][1])
    assert world.keys() == before.keys()
    assert once(world)
    assert all(key in held(world, 2).values() for key in held(before, 1).values() if key is not None), "the survivor has all"
    added = [len(before) + 100 + at for at, _one in enumerate(later)]
    for row, one in zip(added, later, strict=True):
        if one[1] is None or one not in world.values():
            world[row] = one
    if on:  # the survivor is merged itself, into 3
        second = merging.to_move({"row": held(world, 2)}, {"row": held(world, 3)})
        for row in second.get("row", []):
            world[row] = (3, world[row][1])
    back = merging.to_return(moved, {"row": world}, 1, [2, 3])
    for row in back.get("row", []):
        world[row] = (1, world[row][1])
    assert once(world)
    assert held(world, 1) == held(before, 1)
    assert {row for row in world if row in added} == {row for row in added if row in world}, "what came later stays where work went on"
    if on:
        for row in merging.to_return(second, {"row": world}, 2, [3]).get("row", []):
            world[row] = (2, world[row][1])
    assert {row: one for row, one in world.items() if row in before} == before


def test_what_was_taken_elsewhere_since_is_left_there() -> None:
    assert merging.to_return({"row": [1, 2, 3]}, {"row": {1: (2, None), 2: (9, None)}}, 1, [2]) == {"row": [1]}


def test_since_when_the_customer_waits() -> None:
    assert merging.unanswered([("received", 1), ("note", 2), ("received", 3)]) == 1
    assert merging.unanswered([("received", 1), ("reply", 2), ("received", 3)]) == 3
    assert merging.unanswered([("received", 1), ("reply", 2)]) is None


# -- text and files --------------------------------------------------------------------------------------------------------


def test_html_of_others_is_taken_down_to_its_words() -> None:
    html = (
        "<html><head><title>x</title><style>p{}</style></head><body onload=alert(1)><p>Dear&nbsp;all,</p><script>alert('x')</script>"
        '<p>it <b>smokes</b>.<br>See <a href="https://example.com/a">the picture</a> or <a href="javascript:alert(1)">this</a></p>'
        "<ul><li>one</li><li>two</li></ul><iframe src=//evil>frame</iframe><svg onload=alert(1)><text>no</text></svg></body></html>"
    )
    assert plain.of_html(html) == "Dear all,\n\nit smokes.\nSee the picture (https://example.com/a) or this\n\n- one\n\n- two"


@given(st.text(alphabet="<>/ab\"'= scriptSVG&;#\n", max_size=80))
def test_whatever_is_written_as_html_ends_as_text(html: str) -> None:
    assert plain.of_html(html) == plain.clean(plain.of_html(html))


def test_nothing_unseen_stays_in_a_text() -> None:
    assert plain.clean(" a\x00b\r\nc\u202edexe.\u202c ") == "ab\ncdexe."


def test_colleagues_are_named_by_an_at() -> None:
    assert plain.mentions("@Bob and (@carol.s), not mail@example.org nor https://x/@dave; @bob again.") == ["bob", "carol.s"]


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n....", "a.txt", "image/png"),
        (b"MZ\x90\x00", "invoice.pdf", "application/x-msdownload"),
        (b"%PDF-1.7\n", "x", "application/pdf"),
        (b"<!DOCTYPE html><script>", "note.txt", "text/html"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><svg onload="x">', "a.png", "image/svg+xml"),
        (b"PK\x03\x04....", "a.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (b"PK\x03\x04....", "a.jar", "application/zip"),
        (b"RIFF....WAVEfmt ", "a.png", "audio/wav"),
        (b"RIFF....WEBPVP8 ", "a", "image/webp"),
        ("één, twee\n".encode(), "list.csv", "text/csv"),
        ("Привет".encode()[:5], "a.txt", "text/plain"),
        (b"#!/bin/sh\nrm", "a.txt", "text/x-script"),
        (b"\x00\x01\x02", "a.png", "application/octet-stream"),
    ],
)
def test_a_file_is_what_its_content_says(head: bytes, name: str, kind: str) -> None:
    assert filetypes.kind_of(head, name) == kind


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ('C:\\x\\"a\r\n.png', "a.png"),
        ("", "file"),
        ("..", "file"),
        ("ф" * 200 + ".pdf", "ф" * 107 + ".pdf"),
        ("gpj.\u202eexe", "gpj.exe"),
    ],
)
def test_names_of_files_are_made_safe(given_name: str, kept: str) -> None:
    assert filetypes.safe_name(given_name) == kept
