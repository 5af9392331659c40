"""What runs out when, over all cases of the account's wards."""

import base64
import json
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query

from api.dependencies import ActorDep, ContextDep
from api.problems import responses
from api.schemas import DueCaseOut, DuePageOut, DueQuery
from cases.clock import utc_now
from cases.deadlines import DueCase, list_due
from cases.faults import BadQueryError

router = APIRouter(prefix="/deadlines", tags=["cases"])


@router.get("", responses=responses(401, 403, 422))
def due(context: ContextDep, actor: ActorDep, query: Annotated[DueQuery, Query()]) -> DuePageOut:
    """Clocks that run, earliest end first; by default only those warned of or overdue."""
    now = utc_now()
    rows = list_due(
        context.sessions,
        actor=actor,
        now=now,
        code=query.code,
        pressing_only=query.pressing,
        limit=query.limit,
        after=_read(query.cursor) if query.cursor else None,
    )
    more = len(rows) == query.limit
    return DuePageOut(
        rows=[DueCaseOut.of(row, now=now) for row in rows], next_cursor=_cursor(rows[-1]) if more else None
    )


def _cursor(row: DueCase) -> str:
    text = json.dumps([row.due.due_at.isoformat(), row.due.id])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[datetime, int]:
    try:
        due_at, number = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        place = datetime.fromisoformat(due_at), int(number)
    except (ValueError, TypeError) as error:
        raise _not_ours(cursor) from error
    if place[0].tzinfo is None or not 0 <= place[1] < 2**31:
        raise _not_ours(cursor)
    return place


def _not_ours(cursor: str) -> BadQueryError:
    told = f"cursor {cursor!r:.60}: not one of this list; start at page one"
    return BadQueryError(told, why="cursor", typed=f"{cursor:.60}")
