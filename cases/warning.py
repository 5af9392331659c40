"""Whether a warning of a case stands at the registries (inspection, registration), and whether it should, by the log.

It stands from its placing until it was lifted, whatever became of the case meanwhile: the notice it rests on withdrawn,
the case amended, verified again, paid or ended. The log's row of the lifting names its letter (`cases.lifecycle`).
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.lifecycle import WARNING_STANDS
from cases.notice.void import voided_by
from cases.records import Decision, Notice
from cases.states import Action, State


def warned(session: Session, case_id: str) -> bool:
    """Whether the last that was said of a warning is that it was placed."""
    return _placing(session, case_id) is not None


def to_be_lifted(session: Session, case_id: str, stands: State) -> bool:
    """Whether a warning stands that should not: the case does not stand where one may, or the notice of it is void.

    Earlier software named no notice; then the state alone is asked.
    """
    placing = _placing(session, case_id)
    if placing is None or stands not in WARNING_STANDS:
        return placing is not None
    named = placing.details.get("paper")
    notice = session.get(Notice, named) if named else None
    return notice is not None and voided_by(session, notice) is not None


def _placing(session: Session, case_id: str) -> Decision | None:
    told = Decision.case_id == case_id, Decision.action.in_((Action.PLACE_WARNING, Action.LIFT_WARNING))
    last = session.scalar(select(Decision).where(*told).order_by(Decision.seq.desc()).limit(1))
    return last if last is not None and last.action is Action.PLACE_WARNING else None
