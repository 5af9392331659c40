"""The tables, as typed SQLAlchemy records; made and changed only by the migrations beside them."""

from cases.records.account import Login, LoginFailure, User
from cases.records.base import Record, Utc
from cases.records.campaign import Campaign
from cases.records.case import CHANGING, Case
from cases.records.citizen import AnswerKind, CitizenAnswer, CitizenReport, ReportState
from cases.records.ledger import EntryKind, LedgerEntry
from cases.records.log import Access, ChainHead, Decision
from cases.records.notice import DocumentKind, Notice
from cases.records.outbox import OutboxEvent

__all__ = [
    "CHANGING",
    "Access",
    "AnswerKind",
    "Campaign",
    "Case",
    "ChainHead",
    "CitizenAnswer",
    "CitizenReport",
    "Decision",
    "DocumentKind",
    "EntryKind",
    "LedgerEntry",
    "Login",
    "LoginFailure",
    "Notice",
    "OutboxEvent",
    "Record",
    "ReportState",
    "User",
    "Utc",
]
