"""The plate of a case: what the machine read, what an officer made of it, and looking for a plate over cases.

The machine's reading is among the case's fixed facts (`plate_*`). An officer confirms, corrects or calls it unreadable;
each such step is an entry of the ledger, so that nobody's word is overwritten. The ledger is kept for ever, plates are
not: it holds a commitment to each text, and the text lies beside it (`cases.plate_words`) until the evidence goes. A
search needs a reason in words and enters the plate's keyed hash in the ledger in the same transaction that answers it;
there is no way to look that leaves no trace.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases.actor import Actor
from cases.database import read_transaction, write_transaction
from cases.faults import BadQueryError, BadReasonError, StaleError
from cases.ledger import enter
from cases.loading import load, refuse_if_held
from cases.plate_form import refuse_other_form
from cases.plate_marks import PlateMarks
from cases.plate_words import PlateWord, Said, cases_said, keep_word, words_of
from cases.records import Case, EntryKind, LedgerEntry
from cases.roles import OVERSEERS, REVIEWERS
from cases.second_look import masked, open_review
from detector.plates.alphabet import normalised
from detector.plates.grammar import fits, shown
from detector.types import CaseError, ObjectClass

LEAST = 5
LONGEST = 12
"""Characters of a plate, as on papers (`cases.notice.form`); the longest form has 11."""
REASON_LEAST = 10
REASON_KEPT = 500
"""Characters of the reason of a refused search that are kept."""
FOUND_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePlate:
    """The plate of one case.

    Attributes:
        text: as it stands now, letters and digits only; empty where it is not established.
        shown: as people write it.
        established: an officer confirmed or corrected it; a machine's reading alone never establishes a plate.
        valid: it fits a form of Vietnamese plates.
        read: the machine's facts, keys without `plate_`; empty where nothing was read.
        words: what officers said, oldest first.
    """

    text: str
    shown: str
    established: bool
    valid: bool
    read: dict[str, Any]
    words: tuple[PlateWord, ...]

    @property
    def seq(self) -> int:
        """Number of the last word, 0 where there is none: what a further word has to name."""
        return self.words[-1].seq if self.words else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateHit:
    """A case that bears the plate that was looked for."""

    case: Case
    established: bool


def plate_of(sessions: sessionmaker[Session], *, case_id: str, actor: Actor) -> CasePlate:
    """A case's plate; at a second look with one's own words only.

    Raises:
        NotFoundError, NotPermittedError: as `cases.service.get_case`.
    """
    with read_transaction(sessions) as session:
        case = load(session, case_id, actor)
        look = actor.name if open_review(session, case_id, actor) else None
        return _plate(case, words_of(session, case_id, look=look))


def written(case: Case, text: str) -> str:
    """As people write it: as the machine did where it read that, else in the form that the vehicle carries."""
    read = case.facts.get("plate_shown") if text == case.facts.get("plate_text") else None
    return str(read) if read else shown(text, vehicle=_vehicle(case))


def say_plate(
    sessions: sessionmaker[Session],
    *,
    case_id: str,
    actor: Actor,
    text: str,
    expected_seq: int,
    now: datetime,
    note: str = "",
    accepted_form: str | None = None,
) -> CasePlate:
    """Confirm or correct a case's plate; an empty `text` calls it unreadable, `accepted_form` is one told before.

    Raises:
        StaleError: another officer has said something since `expected_seq`.
        PlateFormError: it would be written in another form than it was typed in, and that one was not accepted.
        HeldError: another officer holds the case.
        BadReasonError: too long, or outside the grammar or unreadable without a note that says why.
        NotFoundError, NotPermittedError: as `cases.service.claim`.
    """
    actor.require(REVIEWERS, "saying what a plate reads")
    clean = normalised(text)
    _check(clean, text, note)
    with write_transaction(sessions) as session:
        case = load(session, case_id, actor, lock=True)
        review = open_review(session, case_id, actor)
        refuse_if_held(masked(case, review) if review else case, actor, now)
        words = words_of(session, case_id, look=actor.name if review else None)
        last = words[-1].seq if words else 0
        if last != expected_seq:
            raise StaleError(f"case {case.id}: the plate stands at entry {last}, not {expected_seq}; read it again")
        before = _plate(case, words)
        refuse_other_form(text, written(case, clean), accepted=accepted_form)
        said = _said(clean, before)
        word = keep_word(
            session,
            case.id,
            actor=actor.name,
            at=now,
            said=said,
            text=clean,
            note=note.strip(),
            look=review is not None,
        )
        return _plate(case, (*words, word))


def find_plate(
    sessions: sessionmaker[Session], marks: PlateMarks, *, actor: Actor, text: str, reason: str, now: datetime
) -> list[PlateHit]:
    """Cases in the account's wards that bear a plate now, newest first, at most `FOUND_MAX`.

    The search is logged, and one that is refused as well.

    Raises:
        BadQueryError: no plate. BadReasonError: no reason in words. NotPermittedError: only reviewers search.
    """
    try:
        actor.require(REVIEWERS, "searching for a plate")
        clean = _whole(text)
        why = reason_of(reason)
    except CaseError:
        note_refused(sessions, marks, actor=actor, text=text, reason=reason, now=now)
        raise
    with write_transaction(sessions) as session:
        hits = _hits(session, clean, actor)
        found = [hit.case.id for hit in hits]
        enter(
            session,
            kind=EntryKind.PLATE_SEARCH,
            actor=actor.name,
            at=now,
            mark=marks.of(clean),
            reason=why,
            found=found,
        )
        return hits


def note_refused(
    sessions: sessionmaker[Session], marks: PlateMarks, *, actor: Actor, now: datetime, text: str = "", reason: str = ""
) -> None:
    """Enter in the ledger that an account was refused a search; what it looked for by its mark alone."""
    mark = {"mark": marks.of(text)} if normalised(text) else {}
    why = reason.strip()[:REASON_KEPT]
    with write_transaction(sessions) as session:
        enter(session, kind=EntryKind.PLATE_SEARCH, actor=actor.name, at=now, refused=True, reason=why, **mark)


def searches_for(
    sessions: sessionmaker[Session], marks: PlateMarks, *, actor: Actor, text: str, reason: str, now: datetime
) -> list[LedgerEntry]:
    """Who looked for a plate, when and why, newest first; asking is entered in the ledger too.

    Raises:
        BadQueryError: no plate. BadReasonError: no reason in words. NotPermittedError: only overseers ask.
    """
    actor.require(OVERSEERS, "asking who looked for a plate")
    clean = _whole(text)
    why = reason_of(reason)
    mark = marks.of(clean)
    details = LedgerEntry.details
    with write_transaction(sessions) as session:
        wanted = select(LedgerEntry).where(
            LedgerEntry.kind == EntryKind.PLATE_SEARCH,
            # Entries made before plates were hashed name them in clear.
            (details["mark"].as_string() == mark) | (details["text"].as_string() == clean),
        )
        found = list(session.scalars(wanted.order_by(LedgerEntry.seq.desc())))
        enter(session, kind=EntryKind.PLATE_SEARCH, actor=actor.name, at=now, asked=mark, reason=why)
        return found


def reason_of(reason: str) -> str:
    """The reason as it is kept.

    Raises:
        BadReasonError: shorter than `REASON_LEAST`.
    """
    if len(reason.strip()) < REASON_LEAST:
        raise BadReasonError(
            f"reason {reason!r}: plates are looked for with a reason of {REASON_LEAST} characters or more",
            why="search_reason",
            allowed=[str(REASON_LEAST)],
        )
    return reason.strip()


def _whole(text: str) -> str:
    clean = normalised(text)
    if not 4 <= len(clean) <= LONGEST:
        told = f"text {text!r}: expected a whole plate of 4 to {LONGEST} letters and digits"
        raise BadQueryError(told, why="plate", typed=text, allowed=[LONGEST])
    return clean


def _check(clean: str, text: str, note: str) -> None:
    if len(clean) > LONGEST:
        told = f"text {text!r}: a plate has at most {LONGEST} letters and digits"
        raise BadReasonError(told, why="plate_long", allowed=[str(LONGEST)])
    if 0 < len(clean) < LEAST:
        raise BadReasonError(
            f"text {text!r}: a plate has {LEAST} letters and digits or more, else no paper could bear it; say "
            "unreadable (empty) with a note where fewer can be read",
            why="plate_short",
            allowed=[str(LEAST)],
        )
    if not fits(clean) and not note.strip():
        what = "fits no form of Vietnamese plates" if clean else "an unreadable plate"
        raise BadReasonError(f"note: {text!r} {what}; say in words what is seen", why="plate")


def _said(clean: str, before: CasePlate) -> Said:
    if not clean:
        return Said.UNREADABLE
    return Said.CONFIRMED if clean == before.read.get("text", "") else Said.CORRECTED


def _plate(case: Case, words: tuple[PlateWord, ...]) -> CasePlate:
    read = {key.removeprefix("plate_"): value for key, value in case.facts.items() if key.startswith("plate_")}
    text = words[-1].text if words else str(read.get("text", ""))
    established = bool(words) and bool(text)
    told = written(case, text)
    return CasePlate(text=text, shown=told, established=established, valid=bool(fits(text)), read=read, words=words)


def _vehicle(case: Case) -> ObjectClass | None:
    return ObjectClass.from_label(case.vehicle) if case.vehicle else None


def _hits(session: Session, text: str, actor: Actor) -> list[PlateHit]:
    """Cases whose plate stands at `text`, by an officer's last word or, without one, by the machine's reading."""
    wanted = select(Case).where((Case.facts["plate_text"].as_string() == text) | Case.id.in_(cases_said(text)))
    forgotten = select(LedgerEntry.case_id).where(LedgerEntry.kind == EntryKind.TOMBSTONE)
    wanted = wanted.where(Case.id.not_in(forgotten))
    if actor.wards:
        wanted = wanted.where(Case.ward.in_(actor.wards))
    hits = []
    for case in session.scalars(wanted.order_by(Case.queue_at.desc(), Case.id)):
        review = open_review(session, case.id, actor)
        plate = _plate(case, words_of(session, case.id, look=actor.name if review else None))
        if plate.text == text:
            hits.append(PlateHit(case=masked(case, review) if review else case, established=plate.established))
        if len(hits) == FOUND_MAX:
            break
    return hits
