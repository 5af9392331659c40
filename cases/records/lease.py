"""Which server analyses a citizen's videos, and until when it may be taken to live."""

from sqlalchemy import Double, String
from sqlalchemy.orm import Mapped, mapped_column

from cases.records.base import Record


class AnalysisLease(Record):
    """One analysis that runs somewhere.

    Attributes:
        report_id: the citizen's report.
        owner: one run of one server, never the same twice.
        until_s: when the lease lapses unless renewed; seconds since 1970 by the database's clock, not the server's.
    """

    __tablename__ = "analysis_leases"

    report_id: Mapped[str] = mapped_column(String(24), primary_key=True)
    owner: Mapped[str] = mapped_column(String(100))
    until_s: Mapped[float] = mapped_column(Double)
