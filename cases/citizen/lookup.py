"""Looking up one's own case by plate and the code on the notice, and answering it.

Plate and code must both fit; the refusal does not say which did not. Every look is chained. A dispute also moves the
case back to verification where its state allows, a complaint of the decision makes it an appeal; what they say goes
along as the note, and what became of a complaint is shown. Who holds a paper that the case went on without, perhaps
against another vehicle, is told that it is void and whom to ask, what became of an objection that made it so, and no
more of the case.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases.actor import Actor
from cases.citizen.desk import await_dealing
from cases.citizen.reports import CITIZEN
from cases.database import read_transaction, write_transaction
from cases.deciding import advance_within
from cases.evidence import EvidenceStore
from cases.faults import BadReasonError, IllegalMoveError, NotFoundError
from cases.ledger import enter, seal
from cases.lifecycle import APPEALABLE, MOVES, REVIEWING, Action, State, track_of
from cases.loading import load
from cases.moving import Choice, complained
from cases.notice.form import normal_plate
from cases.notice.issue import code_sha256, new_code
from cases.notice.plate import bears_another
from cases.notice.void import superseded, voided_by
from cases.records import AnswerKind, Case, CitizenAnswer, Decision, EntryKind, Notice
from cases.redaction import redacted_stills
from cases.roles import REVIEWERS
from cases.second_look import open_review
from cases.verification import last_tombstone

MOST_ANSWERS = 10
LONGEST = 4000
DONE = frozenset({State.PAID, State.CLOSED, State.EXPIRED, State.REJECTED})
BEFORE = (AnswerKind.ACCEPT, AnswerKind.NOT_DRIVER, AnswerKind.EXPLAIN, AnswerKind.DISPUTE)
MOVING = {AnswerKind.DISPUTE: (Action.OBJECT, "dispute"), AnswerKind.COMPLAINT: (Action.APPEAL, "complaint")}
"""What an answer does to the case, where its state allows, and the reason."""
TOLD_OF_VOID = frozenset({"agency", "agency_address"})
"""Fields of a void paper that its holder is shown: whom to ask."""
VOID = (
    "thông báo này đã hết giá trị, đề nghị liên hệ đơn vị phát hiện vi phạm"
    " / this notice is void, ask the office that issued it"
)
TRY_AGAIN = "chưa ghi nhận được ý kiến, đề nghị gửi lại / your answer was not kept, please try again"
NOT_FOUND = "không tìm thấy hồ sơ với biển số và mã này / no case with this plate and code"


class Complaint(StrEnum):
    """What became of the last complaint of, or lawsuit against, the decision."""

    NONE = "none"
    PENDING = "pending"
    UPHELD = "upheld"
    ANNULLED = "annulled"


class Objection(StrEnum):
    """What became of the objection by which a paper lost its ground: the answer that its holder is owed."""

    NONE = "none"
    PENDING = "pending"
    DROPPED = "dropped"
    RENEWED = "renewed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCase:
    """What the owner of a vehicle sees of the case; `sanctioned` once a decision stands, `open_kinds` may be sent.

    Of a `void` paper only whom to ask, one's own answers and what became of one's `objection` are given; `state` is
    None.
    """

    notice: Notice
    case_id: str
    void: bool
    state: State | None
    settled: bool
    sanctioned: bool
    complaint: Complaint
    objection: Objection
    open_kinds: tuple[AnswerKind, ...]
    fields: dict[str, Any]
    evidence_location: str | None
    answers: list[CitizenAnswer]


def look_up(sessions: sessionmaker[Session], *, plate: str, code: str, now: datetime) -> Notice:
    """The notice of a plate and code; the look is chained.

    Raises:
        NotFoundError: plate and code do not fit together.
    """
    try:
        plain = normal_plate(plate)
    except ValueError as error:
        raise NotFoundError(NOT_FOUND) from error
    digest = code_sha256(code)
    with write_transaction(sessions) as session:
        rows = session.scalars(select(Notice).where(Notice.code_sha256 == digest)).all()
        row = next((row for row in rows if secrets.compare_digest(row.plate.encode(), plain.encode())), None)
        if row is None:
            raise NotFoundError(NOT_FOUND)
        enter(session, kind=EntryKind.LOOKUP, actor=CITIZEN, at=now, case_id=row.case_id, notice=row.id)
        return row


def own_case(sessions: sessionmaker[Session], *, notice_id: str) -> OwnCase:
    """What to show after a look-up."""
    with read_transaction(sessions) as session:
        notice = session.get(Notice, notice_id)
        if notice is None:
            raise NotFoundError(NOT_FOUND)
        case = session.get_one(Case, notice.case_id)
        by_order = select(Decision.action).where(Decision.case_id == case.id).order_by(Decision.seq)
        done = list(session.scalars(by_order))
        answers = session.scalars(
            select(CitizenAnswer).where(CitizenAnswer.notice_id == notice.id).order_by(CitizenAnswer.at)
        ).all()
        if _gone_on(session, case, notice):
            return _void_case(notice, list(answers), _objection(session, case, notice))
        return OwnCase(
            notice=notice,
            case_id=case.id,
            void=False,
            state=case.state,
            settled=case.state in DONE,
            sanctioned=_sanctioned(done),
            complaint=_complaint(done),
            objection=Objection.NONE,
            open_kinds=open_kinds(session, case),
            fields=dict(notice.fields),
            evidence_location=None if last_tombstone(session, case.id) else case.evidence_location,
            answers=list(answers),
        )


def _gone_on(session: Session, case: Case, notice: Notice) -> bool:
    """Whether the case went on without this paper, or, before a decision, against another plate."""
    undecided = case.state not in APPEALABLE | {State.APPEAL, State.CLOSED}
    return superseded(session, notice) or (undecided and bears_another(session, notice))


def _objection(session: Session, case: Case, notice: Notice) -> Objection:
    """What reviewers made of the objection that took the ground from a paper; NONE where another step did."""
    taken = voided_by(session, notice)
    if taken is None or taken.action is not Action.OBJECT:
        return Objection.NONE
    if bears_another(session, notice):
        return Objection.DROPPED
    if case.state in REVIEWING:
        return Objection.PENDING
    later = Decision.case_id == case.id, Decision.seq > taken.seq, Decision.to_state == State.CONFIRMED
    return Objection.RENEWED if session.scalars(select(Decision.seq).where(*later)).first() else Objection.DROPPED


def _void_case(notice: Notice, answers: list[CitizenAnswer], objection: Objection) -> OwnCase:
    return OwnCase(
        notice=notice,
        case_id=notice.case_id,
        void=True,
        state=None,
        settled=False,
        sanctioned=False,
        complaint=Complaint.NONE,
        objection=objection,
        open_kinds=(),
        fields={name: value if name in TOLD_OF_VOID else "" for name, value in notice.fields.items()},
        evidence_location=None,
        answers=answers,
    )


def own_stills(store: EvidenceStore, found: OwnCase) -> dict[str, bytes]:
    """The redacted stills of one's own case; none once the evidence was deleted."""
    return dict(redacted_stills(store, found.evidence_location)) if found.evidence_location else {}


def answer(
    sessions: sessionmaker[Session], *, notice_id: str, kind: AnswerKind, text: str, contact: str, now: datetime
) -> CitizenAnswer:
    """Keep an owner's answer; a dispute reopens the case, a complaint makes it an appeal, or neither is kept.

    It waits until an officer has dealt with it, or has judged the case it moved (`cases.citizen.desk`).

    Raises:
        BadReasonError: nothing is said, or too much. IllegalMoveError: the matter is settled, the paper void, too many
            answers, or the case could not be moved.
    """
    said = text.strip()
    if len(said) > LONGEST or len(contact) > 200 or (kind is not AnswerKind.ACCEPT and not said):
        raise BadReasonError(f"hãy ghi nội dung, tối đa {LONGEST} chữ / text: expected 1 to {LONGEST} letters")
    if "\0" in said + contact:  # PostgreSQL keeps it in no text
        raise BadReasonError("nội dung có ký tự không dùng được / text: holds a character that no text has")
    with write_transaction(sessions) as session:
        notice = session.get(Notice, notice_id)
        if notice is None:
            raise NotFoundError(NOT_FOUND)
        case = session.get_one(Case, notice.case_id, with_for_update=True)
        if _gone_on(session, case, notice):
            raise IllegalMoveError(VOID)
        earlier = session.scalars(select(CitizenAnswer.id).where(CitizenAnswer.notice_id == notice.id)).all()
        if kind not in open_kinds(session, case) or len(earlier) >= MOST_ANSWERS:
            raise IllegalMoveError(
                "vụ việc đã kết thúc, đã trả lời quá nhiều lần, hoặc lúc này không gửi được ý kiến loại này"
                " / settled, answered too often, or not the time for this kind of answer"
            )
        _move(session, case, kind, said, now)  # first: others too take the log's lock before the ledger's
        row = CitizenAnswer(
            id=f"TL-{new_code()}",
            notice_id=notice.id,
            case_id=case.id,
            kind=kind,
            text=said,
            contact=contact.strip(),
            at=now,
            reply=None,
            replied_by=None,
            replied_at=None,
        )
        seal(session, row, actor=CITIZEN, at=now, did="answered")
        await_dealing(session, row)
    return row


def _move(session: Session, case: Case, kind: AnswerKind, said: str, now: datetime) -> None:
    if kind not in MOVING:
        return
    action, reason = MOVING[kind]
    if not advance_within(session, case, Choice(action=action, reason=reason, note=said), now=now):
        raise IllegalMoveError(TRY_AGAIN)


def open_kinds(session: Session, case: Case) -> tuple[AnswerKind, ...]:
    """What an owner may send at this stage: before a decision an answer or a dispute, after it one complaint."""
    if case.state in APPEALABLE:
        complaint = () if complained(session, case) else (AnswerKind.COMPLAINT,)
        return complaint if case.state in DONE else (AnswerKind.ACCEPT, *complaint)
    if case.state is State.APPEAL:
        return (AnswerKind.EXPLAIN,)
    disputable = case.state in MOVES[Action.OBJECT].starts_in(track_of(case.source_kind))
    before = BEFORE if disputable else tuple(kind for kind in BEFORE if kind is not AnswerKind.DISPUTE)
    return () if case.state in DONE else before


def _sanctioned(done: list[Action]) -> bool:
    return Action.ISSUE in done and Action.ANNUL not in done


def _complaint(done: list[Action]) -> Complaint:
    ends = {Action.APPEAL: Complaint.PENDING, Action.UPHOLD: Complaint.UPHELD, Action.ANNUL: Complaint.ANNULLED}
    return next((ends[action] for action in reversed(done) if action in ends), Complaint.NONE)


def answer_kind(text: str) -> AnswerKind:
    """The kind of an answer by its code.

    Raises:
        BadReasonError: there is no such kind.
    """
    try:
        return AnswerKind(text)
    except ValueError as error:
        raise BadReasonError(f"kind {text[:20]!r}: expected one of {', '.join(AnswerKind)}") from error


def answers(sessions: sessionmaker[Session], *, case_id: str, actor: Actor) -> list[CitizenAnswer]:
    """What owners answered in a case, oldest first; errors as `cases.loading.load`."""
    with read_transaction(sessions) as session:
        case = load(session, case_id, actor)
        if open_review(session, case.id, actor) is not None:
            return []
        query = select(CitizenAnswer).where(CitizenAnswer.case_id == case.id).order_by(CitizenAnswer.at)
        return list(session.scalars(query))


def reply(
    sessions: sessionmaker[Session], *, case_id: str, answer_id: str, text: str, actor: Actor, now: datetime
) -> CitizenAnswer:
    """Reply to an owner, who reads it on the look-up page.

    Raises:
        NotFoundError: no such answer. BadReasonError: no words. IllegalMoveError: it was replied to.
    """
    actor.require(REVIEWERS, "replying to an owner")
    if not 1 <= len(text.strip()) <= LONGEST:
        raise BadReasonError(f"text: expected 1 to {LONGEST} letters")
    with write_transaction(sessions) as session:
        case = load(session, case_id, actor, lock=True)  # of two who reply at once, the second sees the first
        row = session.get(CitizenAnswer, answer_id)
        if row is None or row.case_id != case.id or open_review(session, case.id, actor) is not None:
            raise NotFoundError(f"answer {answer_id!r}: case {case.id} has none of this id")
        if row.replied_at is not None:
            raise IllegalMoveError(f"answer {row.id}: was replied to by {row.replied_by}")
        row.reply, row.replied_by, row.replied_at = text.strip(), actor.name, now
        seal(session, row, actor=actor.name, at=now, did="replied")
        return row
