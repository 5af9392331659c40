"""The logs over all cases of the account's wards, and whether they hang together."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from api.dependencies import ActorDep, ContextDep
from api.problems import responses
from api.schemas import ChainOut, LedgerOut, LedgerRowOut, LogFileQuery, LogOut, LogQuery, LogRowOut
from cases.audit import LogFilter, log_file, read_log
from cases.chain import LOGS, chain_faults
from cases.clock import utc_now
from cases.database import read_transaction
from cases.records import Access, Decision, LedgerEntry

router = APIRouter(prefix="/audit", tags=["audit"])
Rows = Annotated[LogQuery, Query()]
FILES: dict[str, Any] = {"decisions": Decision, "accesses": Access, "ledger": LedgerEntry}
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}, "description": "UTF-8, newest row first"}}


@router.get("/decisions", responses=responses(401, 403, 422))
def decisions(context: ContextDep, actor: ActorDep, query: Rows) -> LogOut:
    """Who decided what, newest first."""
    rows = read_log(context.sessions, Decision, actor=actor, where=_filter(query), limit=query.limit)
    return _page([LogRowOut.of(row) for row in rows], query)


@router.get("/accesses", responses=responses(401, 403, 422))
def accesses(context: ContextDep, actor: ActorDep, query: Rows) -> LogOut:
    """Who read which evidence, newest first."""
    rows = read_log(context.sessions, Access, actor=actor, where=_filter(query), limit=query.limit)
    return _page([LogRowOut.of(row) for row in rows], query)


@router.get("/ledger", responses=responses(401, 403, 422))
def ledger(context: ContextDep, actor: ActorDep, query: Rows) -> LedgerOut:
    """What else was done, newest first: exports, holds, papers, accounts, law table, scenes, anchors."""
    found = read_log(context.sessions, LedgerEntry, actor=actor, where=_filter(query), limit=query.limit)
    rows = [LedgerRowOut.of(row) for row in found]
    return LedgerOut(rows=rows, next_before=rows[-1].seq if len(rows) == query.limit else None)


@router.get("/file", response_class=Response, responses={**_CSV, **responses(401, 403, 422)})
def file(context: ContextDep, actor: ActorDep, query: Annotated[LogFileQuery, Query()]) -> Response:
    """All rows that fit, as CSV with their hashes, noted as an export; 422 when there are too many for one file."""
    data = log_file(context.sessions, FILES[query.log], actor=actor, where=_filter(query), now=utc_now())
    said = {"Content-Disposition": f'attachment; filename="nhat-ky-{query.log}.csv"'}
    return StreamingResponse(data, media_type="text/csv; charset=utf-8", headers=said)


@router.get("/chain", responses=responses(401, 403))
def chain(context: ContextDep) -> ChainOut:
    """Check every row of every chained log; takes a second for some ten thousand rows."""
    with read_transaction(context.sessions) as session:
        faults = [fault for log in LOGS for fault in chain_faults(session, log)]
    return ChainOut(intact=not faults, faults=faults[:1000])


def _filter(query: LogQuery) -> LogFilter:
    told = {name: getattr(query, name) for name in ("actor", "case_id", "action", "before")}
    return LogFilter(**told, from_at=query.from_, to_at=query.to)


def _page(rows: list[LogRowOut], query: LogQuery) -> LogOut:
    return LogOut(rows=rows, next_before=rows[-1].seq if len(rows) == query.limit else None)
