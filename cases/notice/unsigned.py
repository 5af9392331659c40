"""Cases with a paper that awaits the signature of who has the power: notices, and decisions whose case is signed.

Out: a query of their ids, for the queue of those who sign. A paper that is void, was signed in ink, or has a newer one
beside it awaits nothing; drafts of records are signed by other people, on another day.
"""

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select
from sqlalchemy.orm import aliased

from cases.lifecycle import State
from cases.notice.ground import noted_by_hand
from cases.notice.void import takes_ground
from cases.records import Case, Decision, DocumentKind, Notice

S = State
SENT_FROM = frozenset({S.CONFIRMED, S.OWNER, S.NOTICED, S.NORESP, S.MOVED})
"""States in which a notice may still go out."""
SIGNED_CASE = frozenset({S.SIGNED, S.DECIDED, S.SERVED, S.FORCE})
"""States in which a decision's paper is still to be signed, its case being signed."""


def unsigned_cases() -> Select[str]:
    """Ids of the cases in which a notice or decision stands unsigned."""
    due = or_(
        and_(Notice.kind == DocumentKind.NOTICE, Case.state.in_(SENT_FROM)),
        and_(Notice.kind == DocumentKind.DECISION, Case.state.in_(SIGNED_CASE)),
    )
    ids = select(Notice.case_id).join(Case, Case.id == Notice.case_id)
    return ids.where(Notice.signed_at.is_(None), due, ~_void(), ~_newer(), ~_in_ink())


def _void() -> ColumnElement[bool]:
    """As `cases.notice.void.voided_by` has it, by the case's version, which no clock changes."""
    version, issued = Decision.details["version"].as_integer(), Notice.fields["case_version"].as_integer()
    later = or_(version > issued, and_(issued.is_(None), Decision.at > Notice.issued_at))
    kinds = DocumentKind.NOTICE, DocumentKind.DECISION
    takes = or_(*(and_(Notice.kind == kind, takes_ground(kind)) for kind in kinds))
    return exists().where(Decision.case_id == Notice.case_id, takes, later)


def _newer() -> ColumnElement[bool]:
    """Whether another of the kind was issued since, which takes this one's place."""
    other = aliased(Notice)
    later = and_(other.issued_at == Notice.issued_at, other.number > Notice.number)
    return exists().where(
        other.case_id == Notice.case_id, other.kind == Notice.kind, or_(other.issued_at > Notice.issued_at, later)
    )


def _in_ink() -> ColumnElement[bool]:
    """Whether a move of the log names the paper as one that was signed in ink."""
    named = Decision.details["paper"].as_string() == Notice.id
    return exists().where(Decision.case_id == Notice.case_id, named, noted_by_hand())
