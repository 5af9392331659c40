"""Accounts of a single machine, their logins and the brake on guessing passwords."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cases.records.base import HASHED_WHEN_SET, Record, Utc, by_value
from cases.roles import Role


class User(Record):
    """An account; `wards` confines it, an empty list means all wards.

    `title` is the office a signer signs in (see the law table); `subject` who the account is to the OpenID provider.
    `password_hash` is empty for accounts that log in there only; `password_given_at` is when another person chose the
    password, until its owner replaces it.
    """

    __tablename__ = "users"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    display_name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[Role] = mapped_column(by_value(Role))
    wards: Mapped[list[str]] = mapped_column(JSON)
    active: Mapped[bool]
    title: Mapped[str | None] = mapped_column(String(64))
    subject: Mapped[str | None] = mapped_column(String(300), unique=True)
    created_at: Mapped[datetime] = mapped_column(Utc)
    password_given_at: Mapped[datetime | None] = mapped_column(Utc, info=HASHED_WHEN_SET)


class Login(Record):
    """A session (cookie) or a token (bearer); only the SHA-256 of its secret is kept.

    `password_due`: opened with a password that somebody else chose; good for nothing but replacing it.
    """

    __tablename__ = "logins"
    __table_args__ = (Index("ix_logins_user", "user_name"), Index("ix_logins_expires", "expires_at"))

    secret_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_name: Mapped[str] = mapped_column(ForeignKey("users.name"))
    kind: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(Utc)
    expires_at: Mapped[datetime] = mapped_column(Utc)
    password_due: Mapped[bool] = mapped_column(default=False, server_default=false())

    user: Mapped[User] = relationship(lazy="joined")


class LoginFailure(Record):
    """Wrong passwords for one name, whether such an account exists or not."""

    __tablename__ = "login_failures"

    name_sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(Utc)
    locked_until: Mapped[datetime | None] = mapped_column(Utc)
