"""Whose work an analysis of a citizen's videos is: a lease in the database that its server renews while it lives.

In: a server's name and a report. Out: whether this server may run the analysis now. The database's own clock decides
when a lease has lapsed, so that servers whose clocks disagree agree on it; where the database is a file, that is the
machine's clock, and there is one machine.
"""

import os
import secrets
import socket
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Double, delete, insert, literal, literal_column, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from cases.citizen.scene import still_asked
from cases.database import read_transaction, write_transaction
from cases.records import AnalysisLease

_NOW_S = {
    "sqlite": "(julianday('now') - 2440587.5) * 86400.0",
    "postgresql": "extract(epoch from clock_timestamp())::double precision",
}


def _server_name() -> str:
    return f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(6)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leases:
    """The leases of one run of one server; each lasts `lease_s` unless renewed."""

    sessions: sessionmaker[Session]
    lease_s: float
    owner: str = field(default_factory=_server_name)

    def take(self, report_id: str) -> bool:
        """Whether the analysis is this server's now: it is still asked for, and nobody else's lease runs."""
        try:
            with write_transaction(self.sessions) as session:
                if not still_asked(session, report_id):
                    return False
                free = (AnalysisLease.owner == self.owner) | (AnalysisLease.until_s <= _now_s(session))
                if _changed(session, self._renewal(session, report_id).where(free)):
                    return True
                if session.get(AnalysisLease, report_id) is not None:
                    return False
                until = literal(self.lease_s) + _now_s(session)
                session.execute(insert(AnalysisLease).values(report_id=report_id, owner=self.owner, until_s=until))
                return True
        except IntegrityError:
            return False  # another server's came in between

    def renew(self, report_id: str) -> bool:
        """Whether the lease is still this server's; it lasts from now on then, even if it had lapsed unnoticed."""
        with write_transaction(self.sessions) as session:
            mine = self._renewal(session, report_id).where(AnalysisLease.owner == self.owner)
            return _changed(session, mine)

    def give_back(self, report_id: str) -> None:
        """End this server's lease, if it is still its own."""
        with write_transaction(self.sessions) as session:
            mine = (AnalysisLease.report_id == report_id, AnalysisLease.owner == self.owner)
            session.execute(delete(AnalysisLease).where(*mine))

    def revoke(self, report_id: str) -> None:
        """End whoever's lease it is: its server stops the analysis when it next renews."""
        with write_transaction(self.sessions) as session:
            session.execute(delete(AnalysisLease).where(AnalysisLease.report_id == report_id))

    def running(self, report_id: str) -> bool:
        """Whether some server analyses the report's videos now."""
        with read_transaction(self.sessions) as session:
            runs = (AnalysisLease.report_id == report_id, AnalysisLease.until_s > _now_s(session))
            return session.scalar(select(AnalysisLease.owner).where(*runs)) is not None

    def _renewal(self, session: Session, report_id: str) -> Any:
        until = literal(self.lease_s) + _now_s(session)
        return update(AnalysisLease).where(AnalysisLease.report_id == report_id).values(owner=self.owner, until_s=until)


def _now_s(session: Session) -> ColumnElement[float]:
    """The database's own time."""
    return literal_column(_NOW_S[session.get_bind().dialect.name], Double)


def _changed(session: Session, statement: Any) -> bool:
    done = session.execute(statement, execution_options={"synchronize_session": False})
    return cast(CursorResult[Any], done).rowcount > 0
