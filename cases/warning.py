"""Whether a warning of a case stands at the registries (inspection, registration), by the decision log.

It stands from its placing until it was lifted, whatever became of the case meanwhile: the notice it rests on withdrawn,
the case amended, verified again, paid or ended. The log's row of the lifting names its letter (`cases.lifecycle`).
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from cases.records import Decision
from cases.states import Action


def warned(session: Session, case_id: str) -> bool:
    """Whether the last that was said of a warning is that it was placed."""
    told = Decision.case_id == case_id, Decision.action.in_((Action.PLACE_WARNING, Action.LIFT_WARNING))
    last = select(Decision.action).where(*told).order_by(Decision.seq.desc()).limit(1)
    return session.scalar(last) is Action.PLACE_WARNING
