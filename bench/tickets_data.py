"""A service desk of a million tickets and five million messages, made inside either database: the demo's people, and rows around them by arithmetic.

Each row is a copy of one that the program itself made, with what differs worked out from its number; so a column that the program gets later is filled as the
program fills it. Words of the search index follow from the stories that tickets tell; each ticket has its number and its customer's name besides. Each ticket has its clock
and its telling words; of closed ones the newest are in the index of what solved others (a search there reads the newest of each word, however many there are). Indexes of the
large tables are taken away while they are filled, and made again.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.tickets import Given

SEED = 5
STORIES = 60
MARK = "bench_tickets_made"
FIRST = 100_000
SOLVED = 200_000
"""Of so many of the newest tickets those that are closed are in the index of what solved others."""
MEASURES = ("Hose replaced", "Filter cleaned", "Sent a new one", "Told how to set it", "Technician came")
OPEN_ONE_IN = 25
"""A fortieth to a twentieth of all tickets is open in most desks."""

_THINGS = [
    "washer", "dryer", "fridge", "kettle", "oven", "vacuum", "dishwasher", "freezer", "microwave", "hob",
]  # fmt: skip
_SIGNS = [
    "drain", "leak", "smoke", "noise", "door", "pump", "filter", "display", "heating", "cable", "hose", "motor", "lock", "fuse", "drum", "spin",
    "button", "lamp", "tray", "wheel",
]  # fmt: skip
_MORE = [
    "since", "yesterday", "customer", "called", "again", "technician", "visited", "part", "ordered", "warranty", "invoice", "refund", "parcel",
    "delivered", "late", "broken", "replaced", "tested", "cleaned", "waiting", "supplier", "answer", "photo", "serial", "appointment", "morning",
    "afternoon", "tomorrow", "confirmed", "cancelled", "address", "changed", "missing", "brush", "glass", "shelf", "second", "third", "manual",
]  # fmt: skip
_TEXTS = "INSERT INTO bench_story (k, j, body) VALUES (%s, %s, %s)"


def stories() -> list[list[str]]:
    """Title, text and messages of each, the same in every run."""
    rng = random.Random(SEED)
    made = []
    for number in range(STORIES):
        thing, sign, other = _THINGS[number % len(_THINGS)], _SIGNS[number % len(_SIGNS)], rng.choice(_SIGNS)
        title = f"{thing.title()}: {sign} and {other}"
        texts = [" ".join([thing, sign, *rng.choices(_MORE, k=rng.randint(12, 40))]).capitalize() + "." for _ in range(6)]
        made.append([title, *texts])
    return made


def prepare(tickets: int, messages: int, say: Callable[[str], None]) -> Given:
    """Bring the database to the version of the program, fill it where that is not done, and sign somebody in."""
    from django.core.management import call_command
    from django.db import connection

    from bench.tickets import Given

    begun = time.monotonic()
    call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
    say(f"migrated in {time.monotonic() - begun:.0f} s")
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        there = None
        if MARK in tables:
            cursor.execute(f"SELECT tickets, messages FROM {MARK}")
            there = cursor.fetchone()
        if there is None:
            _Maker(cursor, tickets, messages, say).all()
        elif tuple(there) != (tickets, messages):
            raise SystemExit(f"this folder has {there[0]:,} tickets and {there[1]:,} messages: give another, or take it away")
        else:  # changes say that they have seen the first version
            cursor.execute("UPDATE tickets_ticket SET version = 1 WHERE version > 1")
    return _signed_in(tickets, Given)


def _signed_in(tickets: int, given: type[Given]) -> Given:
    from django.contrib.sessions.backends.db import SessionStore
    from django.utils import timezone

    from cordboard.org.actions_tokens import make_token
    from cordboard.org.models import User
    from cordboard.tickets.filter_facts import BUILT_IN

    emma = User.objects.get(username="emma")
    store = SessionStore()
    store["_auth_user_id"] = str(emma.pk)
    store["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
    store["_auth_user_hash"] = emma.get_session_auth_hash()
    store.create()
    emma.api_tokens.filter(name__startswith="bench ").delete()  # those of earlier runs on kept data
    _row, token = make_token(emma, f"bench {timezone.now():%H:%M:%S.%f}", ["tickets.view", "tickets.change"])
    rng = random.Random(SEED + 1)
    told = stories()
    words = [" ".join(rng.sample(told[rng.randrange(STORIES)][1].lower().strip(".").split(), k=rng.randint(1, 2))) for _ in range(60)]
    words += [str(FIRST + rng.randrange(tickets)) for _ in range(20)] + [f"customer k{rng.randrange(1, max(2, tickets // 5))}x" for _ in range(20)]
    return given(str(store.session_key), token, [one.code for one in BUILT_IN], [word.replace(" ", "+") for word in words], tickets, FIRST)


class _Maker:
    """Statements that either database takes; what differs is said here."""

    def __init__(self, cursor: Any, tickets: int, messages: int, say: Callable[[str], None]) -> None:
        from django.db import connection

        self.cursor, self.tickets, self.messages, self.say = cursor, tickets, messages, say
        self.lite = connection.vendor == "sqlite"
        self.parties = max(1, tickets // 5)
        self.open = f"(n.i % {OPEN_ONE_IN} = 0)"
        self.age = f"({tickets} - n.i) * {720 * 86_400 // max(1, tickets)} + 600"
        self.all_tickets = f"(SELECT i FROM bench_n WHERE i <= {tickets}) n"
        self.open_tickets = f"(SELECT i FROM bench_n WHERE i <= {tickets} AND i % {OPEN_ONE_IN} = 0) n"

    def all(self) -> None:
        from cordboard.demo import centre

        self.run("people", None, centre.build)
        if self.lite:
            for pragma in ("synchronous=OFF", "cache_size=-400000", "temp_store=MEMORY", "foreign_keys=OFF"):
                self.cursor.execute(f"PRAGMA {pragma}")
        else:
            for setting in ("synchronous_commit = off", "session_replication_role = replica", "work_mem = '256MB'", "maintenance_work_mem = '512MB'"):
                self.cursor.execute(f"SET {setting}")
        owners, units = self._people()
        self._numbers()
        indexes = self._without_indexes(
            "parties_party", "tickets_ticket", "tickets_message", "tickets_clock", "tickets_words", "tickets_solved", "tickets_solved_term"
        )
        self._customers()
        self._tickets(owners, units)
        self._messages(owners)
        self._clocks()
        self._solved()
        self._words()
        for index in indexes:
            self.run(index.split(" ON ")[0].lower(), index)
        begun = time.monotonic()
        if not self.lite:
            self.cursor.execute("SET session_replication_role = origin")
            for table in (
                "parties_party",
                "tickets_ticket",
                "tickets_message",
                "tickets_search_word",
                "tickets_clock",
                "tickets_clock_change",
                "tickets_escalation_step",
            ):
                self.cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        self.cursor.execute("ANALYZE")
        if not self.lite:
            self.cursor.execute("VACUUM")  # index-only scans need to know which pages all can see
        self.cursor.execute(f"CREATE TABLE {MARK} (tickets bigint, messages bigint)")
        self.cursor.execute(f"INSERT INTO {MARK} VALUES ({self.tickets}, {self.messages})")
        for table in ("bench_n", "bench_story", "bench_telling", "bench_term"):
            self.cursor.execute(f"DROP TABLE {table}")
        self.say(f"statistics: {time.monotonic() - begun:.0f} s")

    def run(self, label: str, statement: str | None, act: Callable[[], object] | None = None, parameters: Sequence[Any] | None = None) -> None:
        begun = time.monotonic()
        if act is not None:
            act()
        if statement is not None:
            self.cursor.execute(statement, parameters)
        self.say(f"{label}: {time.monotonic() - begun:.1f} s")

    def _without_indexes(self, *tables: str) -> list[str]:
        """Take the indexes of tables away, but for those of constraints. Gives the statements that make them again."""
        among = ", ".join(f"'{table}'" for table in tables)
        if self.lite:
            self.cursor.execute(
                f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND sql NOT LIKE 'CREATE UNIQUE%' AND tbl_name IN ({among})"
            )
        else:
            self.cursor.execute(
                f"SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexdef NOT LIKE 'CREATE UNIQUE%' AND tablename IN ({among})"
            )
        found = self.cursor.fetchall()
        for name, _sql in found:
            self.cursor.execute(f'DROP INDEX "{name}"')
        return [sql for _name, sql in found]

    def copies(self, label: str, model: Any, template: int, values: dict[str, str], source: str) -> None:
        """Rows like the one with the id `template`; `values`: SQL for what differs, over `source` (with n.i)."""
        table = model._meta.db_table
        columns = [field.column for field in model._meta.local_concrete_fields]
        chosen = ", ".join(values.get(column, f't."{column}"') for column in columns)
        quoted = ", ".join(f'"{column}"' for column in columns)
        self.run(
            label,
            f"INSERT INTO {table} ({quoted}) SELECT {chosen} FROM {source} CROSS JOIN {table} t WHERE t.{model._meta.pk.column} = {template} ORDER BY n.i",
        )

    def before(self, seconds: str) -> str:
        """The moment so many seconds ago."""
        if self.lite:
            return f"strftime('%%Y-%%m-%%d %%H:%%M:%%S', 'now', '-' || ({seconds}) || ' seconds')".replace("%%", "%")
        return f"now() - make_interval(secs => ({seconds}))"

    def _people(self) -> tuple[str, str]:
        from cordboard.org.models import Unit, User

        users = list(User.objects.filter(is_active=True).order_by("pk").values_list("pk", flat=True))
        units = list(Unit.objects.order_by("pk").values_list("pk", flat=True))
        owners = f"CASE WHEN n.i % 9 = 0 THEN NULL ELSE {self._one_of(users, 'n.i')} END"
        return owners, self._one_of(units, "n.i / 3")

    @staticmethod
    def _one_of(values: Sequence[int], by: str) -> str:
        return f"(CASE ({by}) % {len(values)} " + " ".join(f"WHEN {place} THEN {value}" for place, value in enumerate(values)) + " END)"

    def _numbers(self) -> None:
        most = max(self.tickets, self.messages)
        self.cursor.execute("CREATE TABLE bench_n (i bigint PRIMARY KEY)" if not self.lite else "CREATE TABLE bench_n (i integer PRIMARY KEY)")
        if self.lite:
            self.run("numbers", f"INSERT INTO bench_n WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {most}) SELECT i FROM c")
        else:
            self.run("numbers", f"INSERT INTO bench_n SELECT generate_series(1, {most})")
        self.cursor.execute("CREATE TABLE bench_story (k integer, j integer, body text, PRIMARY KEY (k, j))")
        for k, story in enumerate(stories()):
            for j, body in enumerate(story):
                self.cursor.execute(_TEXTS, [k, j, body])

    def _customers(self) -> None:
        from cordboard.parties import actions
        from cordboard.parties.models import Party

        one = actions.create(None, name="Template", languages=["en"], country="NL")
        self.customer = one.pk
        values = {
            "id": f"{one.pk} + n.i", "name": "'Customer K' || n.i || 'x'", "name_key": "'customer k' || n.i || 'x'", "customer_number": "CAST(60000000 + n.i AS varchar(20))",
            "value_segment": "CASE n.i % 20 WHEN 0 THEN 'gold' WHEN 1 THEN 'silver' WHEN 2 THEN 'silver' ELSE 'bronze' END",
        }  # fmt: skip
        self.copies(f"{self.parties:,} customers", Party, one.pk, values, f"(SELECT i FROM bench_n WHERE i <= {self.parties}) n")

    def _tickets(self, owners: str, units: str) -> None:
        from django.utils import timezone

        from cordboard.org.models import User
        from cordboard.tickets import actions
        from cordboard.tickets.models import Ticket

        emma = User.objects.get(username="emma")
        row = actions.open_ticket(emma, title="Template", now=timezone.now() - timedelta(days=1))
        Ticket.objects.filter(pk=row.pk).update(number=1)
        self.ticket = row.pk
        is_open, age = self.open, self.age
        due = self.before("(n.i % 400000) - 300000")
        values = {
            "id": f"{row.pk} + n.i", "number": f"{FIRST - 1} + n.i", "title": "s.body", "text": "x.body", "party_id": f"{self.customer} + 1 + n.i % {self.parties}",
            "kind": "CASE n.i % 6 WHEN 0 THEN 'complaint' WHEN 1 THEN 'question' WHEN 2 THEN 'request' ELSE 'incident' END",
            "state": f"CASE WHEN {is_open} THEN CASE n.i / {OPEN_ONE_IN} % 3 WHEN 0 THEN 'new' WHEN 1 THEN 'open' ELSE 'waiting' END WHEN n.i % 4 = 0 THEN 'resolved' ELSE 'closed' END",
            "priority": "2 + n.i % 7", "owner_id": owners, "unit_id": units, "opened_at": self.before(age), "due_at": f"CASE WHEN {is_open} THEN {due} ELSE {self.before(age)} END",
            "resolved_at": f"CASE WHEN {is_open} THEN NULL ELSE {self.before(age)} END", "version": "1",
        }  # fmt: skip
        source = self.all_tickets
        for name, place in (("s", 0), ("x", 1)):
            source += f" JOIN bench_story {name} ON {name}.k = n.i % {STORIES} AND {name}.j = {place}"
        self.copies(f"{self.tickets:,} tickets", Ticket, row.pk, values, source)

    def _messages(self, owners: str) -> None:
        from cordboard.org.models import User
        from cordboard.tickets import actions
        from cordboard.tickets.models_message import TicketMessage

        note = actions.add_note(User.objects.get(username="emma"), self.ticket, "Template")
        each = max(1, self.messages // self.tickets)
        ticket = f"(1 + (n.i - 1) / {each})"
        values = {
            "id": f"{note.pk} + n.i", "ticket_id": f"{self.ticket} + {ticket}", "text": "x.body", "author_id": owners,
            "kind": "CASE n.i % 5 WHEN 0 THEN 'reply' WHEN 1 THEN 'note' ELSE 'note' END",
            "at": self.before(f"({self.tickets} - {ticket}) * {720 * 86_400 // max(1, self.tickets)} + 500 - n.i % {each} * 60"),
        }  # fmt: skip
        source = f"(SELECT i FROM bench_n WHERE i <= {each * self.tickets}) n JOIN bench_story x ON x.k = {ticket} % {STORIES} AND x.j = 2 + n.i % 5"
        self.copies(f"{each * self.tickets:,} messages", TicketMessage, note.pk, values, source)

    def _clocks(self) -> None:
        """Each ticket's promise to be resolved, met where it is closed; all promises of the open ones, with their steps and why they are what they are."""
        from cordboard.tickets.models_sla import ClockChange, EscalationStep, TicketClock

        ended = f"CASE WHEN {self.open} THEN NULL ELSE {self.before(self.age)} END"
        for place, clock in enumerate(TicketClock.objects.filter(ticket=self.ticket).order_by("-kind")):
            whole = clock.kind == TicketClock.Kind.RESOLUTION
            own = f"{(place + 1) * 10 * self.tickets} + n.i"
            of = {"ticket_id": f"{self.ticket} + n.i"}
            values = {"id": own, **of, "started_at": self.before(self.age), "due_at": self.before(f"({self.age}) - 28800"), "met_at": ended, "ended_at": ended}
            self.copies(f"clocks: {clock.kind}", TicketClock, clock.pk, values, self.all_tickets if whole else self.open_tickets)
            for model in (ClockChange, EscalationStep):
                for number, row in enumerate(model._default_manager.filter(clock=clock)):
                    more = {"id": f"{(place * 20 + number + 1) * 10 * self.tickets} + n.i", **of, "clock_id": own}
                    self.copies(f"{model.__name__} {number}", model, row.pk, more, self.open_tickets)

    def _solved(self) -> None:
        """The telling words of each ticket; what closed the newest, and the words by which they are found."""
        from cordboard.knowledge.words import analyse
        from cordboard.tickets import similar
        from cordboard.tickets.actions_similar import read_words
        from cordboard.tickets.models_similar import ClosingCount, RequestCount, SolvedTerm, SolvedTicket, TermCount, TicketWords

        self.cursor.execute("CREATE TABLE bench_telling (k integer PRIMARY KEY, body text)")
        self.cursor.execute("CREATE TABLE bench_term (k integer, word text, PRIMARY KEY (k, word))")
        each = [similar.telling(analyse(story[0], "en"), analyse(story[1], "en")) for story in stories()]
        solved = min(SOLVED, self.tickets) * (OPEN_ONE_IN - 1) // OPEN_ONE_IN
        counts: dict[str, int] = {}
        for words in each:
            for word in words:
                counts[word] = counts.get(word, 0) + solved // STORIES
        for k, words in enumerate(each):
            self.cursor.execute("INSERT INTO bench_telling (k, body) VALUES (%s, %s)", [k, json.dumps(words)])
            for word in similar.rarest(words, counts, solved, similar.INDEXED):
                self.cursor.execute("INSERT INTO bench_term (k, word) VALUES (%s, %s)", [k, word])
        read_words(self.ticket)
        body = "w.body" if self.lite else "CAST(w.body AS jsonb)"
        told = f"{self.all_tickets} JOIN bench_telling w ON w.k = n.i % {STORIES}"
        self.copies("telling words", TicketWords, self.ticket, {"ticket_id": f"{self.ticket} + n.i", "words": body, "at": self.before(self.age)}, told)
        request = RequestCount.objects.create(rank=1, key="1//", count=solved)
        closings = [
            ClosingCount.objects.create(request=request, measure=one, key=similar.closing_key(None, one), count=solved // len(MEASURES)) for one in MEASURES
        ]
        template = SolvedTicket.objects.create(ticket_id=self.ticket, rank=1, request=request, message="This is what we did.", at=self._now())
        values = {
            "ticket_id": f"{self.ticket} + n.i", "at": self.before(self.age), "closing_id": self._one_of([one.pk for one in closings], "n.i / 7"),
            "measure": f"(CASE (n.i / 7) % {len(MEASURES)} " + " ".join(f"WHEN {place} THEN '{one}'" for place, one in enumerate(MEASURES)) + " END)",
        }  # fmt: skip
        newest = f"(SELECT i FROM bench_n WHERE i <= {self.tickets} AND i > {self.tickets - SOLVED} AND i % {OPEN_ONE_IN} <> 0) n"
        self.copies(f"{solved:,} solved", SolvedTicket, template.pk, values, newest)
        SolvedTicket.objects.filter(pk=template.pk).delete()
        TicketWords.objects.filter(pk=self.ticket).delete()
        found = f"SELECT w.word, {self.ticket} + n.i FROM {newest} JOIN bench_term w ON w.k = n.i % {STORIES} ORDER BY 1, 2 DESC"
        self.run("words of the solved", f"INSERT INTO {SolvedTerm._meta.db_table} (word, solved_id) {found}")
        TermCount.objects.all().delete()
        TermCount.objects.bulk_create(TermCount(word=word, count=count) for word, count in {"": solved, **counts}.items())

    @staticmethod
    def _now() -> Any:
        from django.utils import timezone

        return timezone.now()

    def _words(self) -> None:
        """The index as the program would make it: the words of each story, the ticket's number, the customer's name."""
        from cordboard.tickets.models_view import SearchPosting, SearchWord
        from cordboard.tickets.search_words import of_ticket

        begun = time.monotonic()
        in_stories: dict[str, set[int]] = {}
        for k, story in enumerate(stories()):
            for word in of_ticket(story, "", "en"):
                in_stories.setdefault(word, set()).add(k)
        in_stories.setdefault("customer", set()).update(range(STORIES))
        posting, word_table = SearchPosting._meta.db_table, SearchWord._meta.db_table
        for word, found in sorted(in_stories.items()):
            row, _made = SearchWord.objects.update_or_create(word=word, defaults={"tickets": self.tickets * len(found) // STORIES})
            ks = ", ".join(str(k) for k in sorted(found))
            self.cursor.execute(
                f"INSERT INTO {posting} (word_id, ticket_id) SELECT {row.pk}, {self.ticket} + i FROM bench_n WHERE i <= {self.tickets} AND i % {STORIES} IN ({ks}) ORDER BY i"
            )
        self.say(f"{len(in_stories)} words of stories: {time.monotonic() - begun:.1f} s")
        self.cursor.execute(f"SELECT max(id) FROM {word_table}")
        numbers = int(self.cursor.fetchone()[0])
        names = numbers + self.tickets
        few, some = f"(SELECT i FROM bench_n WHERE i <= {self.parties}) n", f"(SELECT i FROM bench_n WHERE i <= {self.tickets}) n"
        text = "CAST({} AS varchar(40))"
        self.run("words: numbers", f"INSERT INTO {word_table} (id, word, tickets) SELECT {numbers} + n.i, {text.format(f'{FIRST - 1} + n.i')}, 1 FROM {some}")
        self.run("index: numbers", f"INSERT INTO {posting} (word_id, ticket_id) SELECT {numbers} + n.i, {self.ticket} + n.i FROM {some} ORDER BY n.i")
        self.run("words: names", f"INSERT INTO {word_table} (id, word, tickets) SELECT {names} + n.i, 'k' || n.i || 'x', 5 FROM {few}")
        of = f"1 + n.i % {self.parties}"
        self.run("index: names", f"INSERT INTO {posting} (word_id, ticket_id) SELECT {names} + {of}, {self.ticket} + n.i FROM {some} ORDER BY 1, 2")
