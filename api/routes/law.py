"""The law table: read by everybody, changed by two administrators."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.context import Context
from api.dependencies import ActorDep, ContextDep
from api.problems import responses
from api.schemas import ChangeDecisionIn, ChangeIn, ChangeOut, LawOut, OffenceOut
from cases.clock import utc_now
from cases.database import read_transaction
from cases.law import current_table
from cases.law.changes import decide_change, list_changes, propose_change, replaced
from cases.law.consequences import consequences
from cases.records import LawChange
from detector.types import ViolationKind

router = APIRouter(prefix="/law", tags=["law"])
On = Annotated[date | None, Query(description="only rows in force on this day")]
ChangeId = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("", responses=responses(401, 403, 422))
def read(context: ContextDep, on: On = None, kind: ViolationKind | None = None) -> LawOut:
    """The table in force with all approved changes; amounts in đồng, certainty of each row marked."""
    with read_transaction(context.sessions) as session:
        table = current_table(session)
    rows = [
        OffenceOut.of(table, row)
        for row in table.offence
        if (on is None or row.in_force(on)) and (kind is None or kind in row.kinds)
    ]
    titles = [title.model_dump() for title in table.title]
    remedies = {code: remedy.model_dump() for code, remedy in table.remedies.items()}
    return LawOut.model_validate({"version": table.version, "offences": rows, "titles": titles, "remedies": remedies})


@router.get("/changes", responses=responses(401, 403))
def changes(context: ContextDep) -> list[ChangeOut]:
    """Proposed, approved and refused changes, newest first."""
    found = list_changes(context.sessions)
    before = replaced(found)
    with read_transaction(context.sessions) as session:
        brings = consequences(session, found, before, now=utc_now())
    return [ChangeOut.of(change, before=before[change.id], brings=brings[change.id]) for change in found]


@router.post("/changes", status_code=201, responses=responses(401, 403, 422))
def propose(body: ChangeIn, context: ContextDep, actor: ActorDep) -> ChangeOut:
    """Propose a row: a new one, or one that takes the place of the row with its id."""
    change = propose_change(context.sessions, actor=actor, content=body.offence, source=body.source, now=utc_now())
    return _told(context, change)


@router.post("/changes/{change_id}/decision", responses=responses(401, 403, 404, 409, 422))
def decide(change_id: ChangeId, body: ChangeDecisionIn, context: ContextDep, actor: ActorDep) -> ChangeOut:
    """Approve another administrator's change, or refuse one; cases stamped before keep their stamp."""
    change = decide_change(context.sessions, actor=actor, change_id=change_id, now=utc_now(), **body.model_dump())
    return _told(context, change)


def _told(context: Context, change: LawChange) -> ChangeOut:
    with read_transaction(context.sessions) as session:
        before = replaced(list_changes(context.sessions))
        brings = consequences(session, [change], before, now=utc_now())
    return ChangeOut.of(change, before=before.get(change.id), brings=brings[change.id])
