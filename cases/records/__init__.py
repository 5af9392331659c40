"""The tables, as typed SQLAlchemy records; made and changed only by the migrations beside them."""

from cases.records.account import Login, LoginFailure, User
from cases.records.base import Record, Utc
from cases.records.campaign import Campaign
from cases.records.case import CHANGING, LAW_COLUMNS, Case
from cases.records.citizen import AnswerKind, AnswerTask, CitizenAnswer, CitizenReport, Dealing, ReportState
from cases.records.due import Due
from cases.records.law import LawChange
from cases.records.lease import AnalysisLease
from cases.records.ledger import EntryKind, LedgerEntry
from cases.records.log import Access, ChainHead, Decision
from cases.records.notice import DocumentKind, Notice
from cases.records.outbox import OutboxEvent
from cases.records.plate import PlateText
from cases.records.review import BlindReview, KnownAnswer
from cases.records.scene import SceneVersion

__all__ = [
    "CHANGING",
    "LAW_COLUMNS",
    "Access",
    "AnalysisLease",
    "AnswerKind",
    "AnswerTask",
    "BlindReview",
    "Campaign",
    "Case",
    "ChainHead",
    "CitizenAnswer",
    "CitizenReport",
    "Dealing",
    "Decision",
    "DocumentKind",
    "Due",
    "EntryKind",
    "KnownAnswer",
    "LawChange",
    "LedgerEntry",
    "Login",
    "LoginFailure",
    "Notice",
    "OutboxEvent",
    "PlateText",
    "Record",
    "ReportState",
    "SceneVersion",
    "User",
    "Utc",
]
