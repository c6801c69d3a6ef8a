"""The only writers of cases."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.org.models import User
from cordboard.org.permissions import require
from cordboard.parties.models import Party
from cordboard.parties.queries import root_id
from cordboard.tickets import case_documents, queries_case
from cordboard.tickets.actions_attachment import path_of, store
from cordboard.tickets.filetypes import safe_name
from cordboard.tickets.models_case import Case, CaseDocument, CaseEntry, CaseFile, CasePerson
from cordboard.tickets.numbers import save_numbered
from cordboard.tickets.permissions_service import CASES

FIRST_NUMBER = 2_001
MOST_FILES = 100
What = CaseEntry.What


class CaseChanged(Exception):
    """Somebody else changed the case since it was read. Nothing was saved; `case` is how it stands."""

    def __init__(self, case: Case) -> None:
        super().__init__(f"case {case.number} has version {case.version}")
        self.case = case


def open_case(
    user: User,
    *,
    title: str,
    text: str = "",
    party: int | None = None,
    access: str = Case.Access.ALL,
    documents: Iterable[tuple[str, int]] = (),
    now: datetime | None = None,
) -> Case:
    """A new case, its owner whoever opens it, with these documents in it. Raises ValidationError by field, PermissionDenied."""
    require(user, CASES)
    now = now or timezone.now()
    title = " ".join(title.split())[:200]
    if not title:
        raise ValidationError({"title": _("Say in a few words what it is about.")})
    if access not in Case.Access.values:
        raise ValidationError({"access": _("Choose who may see it.")})
    case = Case(
        title=title, text=text.strip(), party_id=root_id(party) if party is not None else None, access=access, owner=user, unit=user.unit, opened_by=user,
        opened_at=now,
    )  # fmt: skip
    with transaction.atomic():
        save_numbered(case, FIRST_NUMBER)
        _enter(case, What.OPENED, user, now)
        for kind, document in documents:
            _put_in(user, case, kind, document, now)
        log.record("tickets.case_opened", actor=f"user:{user.pk}", case=case.pk, party=case.party_id, owner=user.pk)
    return case


def add_document(user: User, case_id: int, kind: str, document: int, *, now: datetime | None = None) -> bool:
    """Put a document in. False when it was in before. Raises ValidationError for one that is none or that the user may not see, or when the case is full."""
    with transaction.atomic():
        case = _may_change(user, case_id)
        if not _put_in(user, case, kind, document, now or timezone.now()):
            return False
        _changed(case, user, What.ADDED)
    return True


def add_file(user: User, case_id: int, name: str, chunks: Iterable[bytes], *, now: datetime | None = None) -> CaseFile:
    """A file that stands in the folder itself; kinds and size are limited as on tickets. Raises ValidationError ("file") and keeps nothing then."""
    name, file, now = safe_name(name), secrets.token_hex(24), now or timezone.now()
    kind, size = store(path_of(file), name, chunks)
    try:
        with transaction.atomic():
            case = _may_change(user, case_id)
            if case.files.count() >= MOST_FILES:
                raise ValidationError({"file": _("A case has at most %(n)d files.") % {"n": MOST_FILES}})
            row = CaseFile.objects.create(case=case, name=name, type=kind, size=size, file=file, by=user, at=now)
            _enter(case, What.ADDED, user, now, name)
            _changed(case, user, What.ADDED)
    except BaseException:
        path_of(file).unlink(missing_ok=True)
        raise
    return row


def remove_document(user: User, case_id: int, kind: str, document: int, *, now: datetime | None = None) -> bool:
    """Take a document out; the log of the case keeps that it was in. False when it was not. The document itself stays as it is."""
    with transaction.atomic():
        case = _may_change(user, case_id)
        named = _named(user, kind, document)
        gone, _kinds = CaseDocument.objects.filter(case=case, kind=kind, document=document).delete()
        if not gone:
            return False
        _enter(case, What.REMOVED, user, now or timezone.now(), named or f"{kind} {document}")
        _changed(case, user, What.REMOVED)
    return True


def add_note(user: User, case_id: int, text: str, *, now: datetime | None = None) -> CaseEntry:
    if not text.strip():
        raise ValidationError({"text": _("Write a note first.")})
    with transaction.atomic():
        case = _may_change(user, case_id)
        entry = _enter(case, What.NOTE, user, now or timezone.now(), text.strip())
        _changed(case, user, What.NOTE)
    return entry


def give_part(user: User, case_id: int, *, party: int | None = None, colleague: int | None = None, part: str = "", now: datetime | None = None) -> CasePerson:
    """A customer or a colleague has a part in it; given again, the part is called otherwise. Raises ValidationError, Party.DoesNotExist, User.DoesNotExist."""
    who: dict[str, Party | User]
    if (party is None) == (colleague is None):
        raise ValidationError({"person": _("Choose a customer or a colleague.")})
    part = " ".join(part.split())[:60]
    now = now or timezone.now()
    with transaction.atomic():
        case = _may_change(user, case_id)
        if party is not None:
            who = {"party": Party.objects.get(pk=root_id(party))}
        else:
            who = {"user": User.objects.get(pk=colleague or 0, is_active=True)}
        person, made = CasePerson.objects.get_or_create(case=case, **who, defaults={"part": part, "at": now})
        if not made and person.part == part:
            return person
        person.part = part
        person.save(update_fields=["part"])
        name = str(next(iter(who.values())))
        _enter(case, What.JOINED, user, now, f"{name} ({part})" if part else name)
        _changed(case, user, What.JOINED)
    return person


def take_part(user: User, case_id: int, person_id: int, *, now: datetime | None = None) -> None:
    """Somebody has no part any more. Gone already: nothing changes."""
    with transaction.atomic():
        case = _may_change(user, case_id)
        person = CasePerson.objects.select_related("party", "user").filter(case=case, pk=person_id).first()
        if person is None:
            return
        person.delete()
        _enter(case, What.LEFT, user, now or timezone.now(), str(person.party or person.user))
        _changed(case, user, What.LEFT)


def give_case(user: User, case_id: int, owner: User, *, version: int | None = None, now: datetime | None = None) -> Case:
    """Another owner. The unit goes along. Raises CaseChanged."""
    with transaction.atomic():
        case = _may_change(user, case_id, version)
        if case.owner_id == owner.pk:
            return case
        case.owner, case.unit = owner, owner.unit or case.unit
        _enter(case, What.OWNER, user, now or timezone.now(), str(owner))
        _changed(case, user, What.OWNER, "owner", "unit")
    return case


def set_access(user: User, case_id: int, access: str, *, now: datetime | None = None) -> Case:
    """Who may see it. Nobody locks out themselves: who is neither owner nor of the unit gets a part first. Raises ValidationError."""
    if access not in Case.Access.values:
        raise ValidationError({"access": _("Choose who may see it.")})
    now = now or timezone.now()
    with transaction.atomic():
        case = _may_change(user, case_id)
        if case.access == access:
            return case
        case.access = access
        _enter(case, What.ACCESS, user, now, access)
        _changed(case, user, What.ACCESS, "access")
        if not queries_case.visible(user).filter(pk=case.pk).exists():
            raise ValidationError({"access": _("You would not see this case any more. Take a part in it first.")})
    return case


def close_case(user: User, case_id: int, summary: str, *, version: int | None = None, now: datetime | None = None) -> Case:
    """With a summary: what it was and how it ended, for whoever finds it in a year. Raises ValidationError without one, CaseChanged."""
    summary = summary.strip()
    if not summary:
        raise ValidationError({"summary": _("Say how it ended.")})
    now = now or timezone.now()
    with transaction.atomic():
        case = _may_change(user, case_id, version)
        case.state, case.summary, case.closed_by, case.closed_at = Case.State.CLOSED, summary, user, now
        case.version += 1
        case.save(update_fields=["state", "summary", "closed_by", "closed_at", "version"])
        _enter(case, What.CLOSED, user, now, summary)
        log.record("tickets.case_closed", actor=f"user:{user.pk}", case=case.pk, party=case.party_id, owner=case.owner_id)
    return case


def reopen_case(user: User, case_id: int, why: str, *, now: datetime | None = None) -> Case:
    """Taken up again; the summary stays in the log."""
    with transaction.atomic():
        case = _locked(user, case_id)
        if case.state == Case.State.OPEN:
            return case
        case.state, case.closed_by, case.closed_at = Case.State.OPEN, None, None
        _enter(case, What.REOPENED, user, now or timezone.now(), why.strip())
        _changed(case, user, What.REOPENED, "state", "closed_by", "closed_at")
    return case


def _put_in(user: User, case: Case, kind: str, document: int, now: datetime) -> bool:
    named = _named(user, kind, document)
    if named is None:
        raise ValidationError({"document": _("There is no such document, or you may not see it.")})
    if CaseDocument.objects.filter(case=case).count() >= queries_case.MOST_DOCUMENTS:
        raise ValidationError({"document": _("This case is full: %(n)d documents. Open another one.") % {"n": queries_case.MOST_DOCUMENTS}})
    _row, made = CaseDocument.objects.get_or_create(case=case, kind=kind, document=document, defaults={"by": user, "at": now})
    if made:
        _enter(case, What.ADDED, user, now, named)
    return made


def _named(user: User, kind: str, document: int) -> str | None:
    """What the log says of a document; None when there is none that the user may see."""
    entry = case_documents.read(user, [(kind, document)], "en").get((kind, document))
    if entry is None:
        return None
    return f"{entry.data['number']} {entry.title}" if kind == "ticket" else entry.title


def _enter(case: Case, what: str, by: User, now: datetime, text: str = "") -> CaseEntry:
    return CaseEntry.objects.create(case=case, what=what, text=text, by=by, at=now)


def _changed(case: Case, user: User, what: str, *fields: str) -> None:
    case.version += 1
    case.save(update_fields=[*fields, "version"])
    log.record("tickets.case_changed", actor=f"user:{user.pk}", case=case.pk, party=case.party_id, owner=case.owner_id, what=what)


def _locked(user: User, case_id: int) -> Case:
    require(user, CASES)
    case = Case.objects.select_for_update().get(pk=case_id)
    if not queries_case.visible(user).filter(pk=case.pk).exists():
        raise PermissionDenied(_("This case is not yours to see."))
    return case


def _may_change(user: User, case_id: int, version: int | None = None) -> Case:
    case = _locked(user, case_id)
    if case.state == Case.State.CLOSED:
        raise ValidationError({"state": _("This case is closed. Take it up again first.")})
    if version is not None and case.version != version:
        raise CaseChanged(case)
    return case
