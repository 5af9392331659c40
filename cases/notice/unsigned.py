"""Cases with a paper that awaits the signature of who has the power: notices, and decisions whose case is signed.

Out: a query of their ids, for the queue of those who sign. A paper that is void awaits nothing; drafts of records are
signed by other people, on another day.
"""

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from cases.lifecycle import Action, State
from cases.notice.void import VOIDING
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
    return ids.where(Notice.signed_at.is_(None), due, ~_void())


def _void() -> ColumnElement[bool]:
    """As `cases.notice.void.voided_by` has it, by the case's version, which no clock changes."""
    version, issued = Decision.details["version"].as_integer(), Notice.fields["case_version"].as_integer()
    later = or_(version > issued, and_(issued.is_(None), Decision.at > Notice.issued_at))
    undone = and_(Decision.action == Action.UNDO, Decision.from_state == State.CONFIRMED)
    takes = or_(Decision.action.in_(VOIDING), undone)
    return exists().where(Decision.case_id == Notice.case_id, takes, later)
