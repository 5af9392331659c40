"""The tables, as typed SQLAlchemy records; made and changed only by the migrations beside them."""

from cases.records.account import Login, LoginFailure, User
from cases.records.base import Record, Utc
from cases.records.case import CHANGING, Case
from cases.records.log import Access, ChainHead, Decision
from cases.records.outbox import OutboxEvent

__all__ = [
    "CHANGING",
    "Access",
    "Case",
    "ChainHead",
    "Decision",
    "Login",
    "LoginFailure",
    "OutboxEvent",
    "Record",
    "User",
    "Utc",
]
