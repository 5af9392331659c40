"""The paper a move rests on (`cases.lifecycle.Ground`): which it is, and refusing the move where none holds.

In: a case locked by the caller, a move and its reason. Out: the paper, whose id the move's row of the log names. The
same question tells which moves are open to an account, and what the others wait for.
"""

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from cases.faults import (
    NoPaperError,
    PaperError,
    PlateDiffersError,
    UnsentPaperError,
    UnsignedPaperError,
    VoidPaperError,
)
from cases.lifecycle import MOVES, Action, Ground, Move
from cases.notice.plate import bears_another, refuse_unconfirmed
from cases.notice.void import refuse_void, voided_by
from cases.records import Case, Decision, DocumentKind, Notice


def paper_behind(session: Session, case: Case, move: Move, reason: str) -> Notice | None:
    """The newest paper that holds a move up; None where it needs none.

    Raises:
        PaperError: there is none, or it is void, not signed, not the one that was sent, or bears another plate; a
            decision, too, when the record it names is not the one that holds now.
    """
    ground = move.rests_on
    if ground is None or (ground.stands and _decided_without(session, case)):
        return None
    rows = _newest(session, case, move, ground)
    fit = [one for one in rows if _signed(session, one, ground, reason)]
    if not fit:
        raise UnsignedPaperError(
            f"case {case.id}: {move.action} for the reason {reason!r} needs the {ground.paper} signed; {rows[0].id} is "
            f"not{_unless(ground)}",
            paper=ground.paper,
        )
    if fit[0].kind is DocumentKind.DECISION and not ground.stands:
        _refuse_other_record(session, case, fit[0])
    return fit[0]


def missing_behind(session: Session, case: Case, action: Action) -> PaperError | None:
    """What an action waits for whatever its reason; None when it waits for no paper."""
    move, fault = MOVES[action], None
    for reason in move.reasons if move.rests_on is not None else ():
        try:
            paper_behind(session, case, move, reason)
        except PaperError as error:
            fault = error
        else:
            return None
    return fault


def record_number(session: Session, case: Case) -> str:
    """The number of the record that a decision may rest on now: the newest not void whose plate stands.

    Raises:
        PaperError: there is none; says why of the newest that is not void.
    """
    mine = Notice.case_id == case.id, Notice.kind == DocumentKind.RECORD
    rows = session.scalars(select(Notice).where(*mine).order_by(Notice.issued_at.desc(), Notice.number.desc()))
    fault: PaperError | None = None
    for row in rows.all():
        if voided_by(session, row) is not None:
            continue
        try:
            refuse_unconfirmed(session, case, row.plate, kind=row.kind)
        except PaperError as error:
            fault = fault or error
        else:
            return row.number
    raise fault or NoPaperError(
        f"case {case.id}: a decision rests on a record that is not void; issue the record first (send the case back "
        "where it is with the signer)",
        paper=DocumentKind.RECORD.value,
    )


def _refuse_other_record(session: Session, case: Case, row: Notice) -> None:
    """Go on only when a decision names the record that holds now; papers of software that named none are let be."""
    named = row.fields.get("record_number")
    if named and named != (holds := record_number(session, case)):
        raise VoidPaperError(
            f"document {row.id}: rests on the record {named}, and {holds} holds now; issue the decision anew",
            paper=row.kind.value,
        )


def _newest(session: Session, case: Case, move: Move, ground: Ground) -> list[Notice]:
    """Papers of the kind that hold, newest first; at least one."""
    wanted = Notice.case_id == case.id, Notice.kind == DocumentKind(ground.paper)
    papers = session.scalars(
        select(Notice).where(*wanted).order_by(Notice.issued_at.desc(), Notice.number.desc())
    ).all()
    if not papers:
        raise NoPaperError(
            f"case {case.id}: {move.action} rests on a {ground.paper}; issue it first", paper=ground.paper
        )
    rows = [row for row in papers if voided_by(session, row) is None]
    if not rows:
        refuse_void(session, papers[0])
    if ground.sent:
        rows = [row for row in rows if _was_sent(session, row)]
        if not rows:
            raise UnsentPaperError(
                f"case {case.id}: {move.action} rests on the {ground.paper} that was sent; send the newest first",
                paper=ground.paper,
            )
    if ground.sent:
        _refuse_contradicted(session, rows[0])
    elif not ground.stands:
        refuse_unconfirmed(session, case, rows[0].plate, kind=rows[0].kind)
    return [row for row in rows if row.plate == rows[0].plate]


def _refuse_contradicted(session: Session, row: Notice) -> None:
    """Of a paper already sent it is asked only that no officer has named another plate since."""
    if bears_another(session, row):
        raise PlateDiffersError(
            f"document {row.id}: was sent for the plate {row.plate}, and officers have said another since; correct the "
            "plate of the case, or issue the paper anew and send it",
            paper=row.kind.value,
        )


def _was_sent(session: Session, row: Notice) -> bool:
    """Whether a notice is the one that was sent last; earlier software named none, there it was one of those then."""
    where = Decision.case_id == row.case_id, Decision.action == Action.SEND_NOTICE
    last = session.scalar(select(Decision).where(*where).order_by(Decision.seq.desc()).limit(1))
    if last is None:
        return False
    if "paper" in last.details:
        return bool(last.details["paper"] == row.id)
    version = row.fields.get("case_version")
    return row.issued_at <= last.at if version is None else version < int(last.details.get("version", 0))


def _signed(session: Session, row: Notice, ground: Ground, reason: str) -> bool:
    if not ground.signed or reason in ground.by_hand or _by_hand_before(session, row):
        return True
    if row.kind is DocumentKind.DECISION:
        return row.signed_by is not None and row.signed_by == signer_of(session, row.case_id)
    return row.signed_at is not None


def _by_hand_before(session: Session, row: Notice) -> bool:
    """Whether an earlier move named this very record as signed in ink; it need not be said again."""
    if row.kind is not DocumentKind.RECORD:
        return False
    where = Decision.case_id == row.case_id, Decision.details["paper"].as_string() == row.id, noted_by_hand()
    return session.scalar(select(Decision.seq).where(*where).limit(1)) is not None


def noted_by_hand() -> ColumnElement[bool]:
    """Rows of the log whose reason says that the paper they name was signed in ink."""
    moves = [move for move in MOVES.values() if move.rests_on is not None]
    return or_(
        *(and_(Decision.action == move.action, Decision.reason.in_(move.rests_on.by_hand)) for move in moves)  # type: ignore[union-attr]
    )


def signer_of(session: Session, case_id: str) -> str | None:
    """Who signed a case last, within the power of the title."""
    where = Decision.case_id == case_id, Decision.action == Action.SIGN
    return session.scalar(select(Decision.actor).where(*where).order_by(Decision.seq.desc()).limit(1))


def _decided_without(session: Session, case: Case) -> bool:
    """Whether the decision was issued by earlier software, which asked for no paper and named none."""
    where = Decision.case_id == case.id, Decision.action == Action.ISSUE
    last = session.scalar(select(Decision).where(*where).order_by(Decision.seq.desc()).limit(1))
    return last is not None and "paper" not in last.details


def _unless(ground: Ground) -> str:
    return f", unless it was signed in ink ({', '.join(ground.by_hand)})" if ground.by_hand else ""
