"""Logging in: by password, through the OpenID provider or with a token; and whose secret comes with a request.

Secrets are random, handed out once, and only their SHA-256 is kept.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from cases.accounts import load_user, set_password
from cases.actor import SYSTEM, Actor
from cases.canonical import utc_text
from cases.clock import utc_now
from cases.database import read_transaction, write_transaction
from cases.faults import LoginRefusedError, NotFoundError, SamePasswordError
from cases.ledger import enter
from cases.passwords import count_attempt, forget_attempts, matches
from cases.records import EntryKind, Login, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A fresh login: the secret to hand out once, and until when it opens the door.

    `local`: the account has a password here; `password_due`: somebody else chose it, and it must be replaced first.
    """

    secret: str
    actor: Actor
    display_name: str
    expires_at: datetime
    local: bool
    password_due: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a secret belongs to and how it arrived; `local` and `password_due` as of a `Credential`."""

    actor: Actor
    display_name: str
    kind: Literal["cookie", "bearer"]
    expires_at: datetime
    local: bool
    password_due: bool


def log_in(sessions: sessionmaker[Session], *, name: str, password: str, now: datetime, session_s: float) -> Credential:
    """Check a password and start a session.

    Raises:
        LockedOutError: too many wrong passwords for this name; says how long to wait.
        LoginRefusedError: wrong name or password, or the account is closed; does not say which.
    """
    name = name.strip().lower()
    count_attempt(sessions, name, now)
    with read_transaction(sessions) as session:
        user = session.get(User, name)
    right = matches(user.password_hash if user else None, password)
    if user is None or not right or not user.active:
        raise LoginRefusedError("the name or the password is wrong")
    lasting, shown = timedelta(seconds=session_s), user.password_hash
    return _issue(sessions, user, kind="cookie", now=now, lasting=lasting, shown=shown)


def log_in_subject(sessions: sessionmaker[Session], *, subject: str, now: datetime, session_s: float) -> Credential:
    """Start a session for whom the OpenID provider vouches for.

    Raises:
        LoginRefusedError: nobody here has an account for this subject, or it is closed.
    """
    with read_transaction(sessions) as session:
        user = session.scalar(select(User).where(User.subject == subject))
    if user is None or not user.active:
        raise LoginRefusedError(f"nobody here has an open account for {subject}; ask an administrator")
    return _issue(sessions, user, kind="cookie", now=now, lasting=timedelta(seconds=session_s))


def create_token(sessions: sessionmaker[Session], *, name: str, days: float, by: str = SYSTEM) -> Credential:
    """A bearer token for programs that act as an account; that it was made is entered in the ledger.

    Raises:
        NotFoundError: no such account, or it is closed.
    """
    with read_transaction(sessions) as session:
        user = load_user(session, name)
    if not user.active:
        raise NotFoundError(f"user {name!r}: the account is closed")
    return _issue(sessions, user, kind="bearer", now=utc_now(), lasting=timedelta(days=days), by=by)


def change_own_password(sessions: sessionmaker[Session], *, name: str, old: str, new: str, now: datetime) -> None:
    """Change one's own password by the old one and end all logins of the account.

    Raises:
        LoginRefusedError, LockedOutError: the old password is wrong, or was too often.
        BadPasswordError: the new one is too weak. SamePasswordError: it is the old one.
    """
    count_attempt(sessions, name, now)
    with read_transaction(sessions) as session:
        user = load_user(session, name)
    if not matches(user.password_hash, old):
        raise LoginRefusedError("the old password is wrong")
    with write_transaction(sessions) as session:
        forget_attempts(session, name)
    if matches(user.password_hash, new):
        raise SamePasswordError(f"password of {name}: is the old one; choose another")
    set_password(sessions, name=name, password=new, by=name, replacing=user.password_hash)


def identify(sessions: sessionmaker[Session], *, secret: str, kind: str, now: datetime) -> Identity | None:
    """Whose secret it is; None when it is unknown, expired, of the other kind or of a closed account."""
    with read_transaction(sessions) as session:
        login = session.get(Login, _sha256(secret))
        if login is None or login.kind != kind or login.expires_at <= now or not login.user.active:
            return None
        return Identity(
            actor=_actor(login.user),
            display_name=login.user.display_name,
            kind="bearer" if kind == "bearer" else "cookie",
            expires_at=login.expires_at,
            local=bool(login.user.password_hash),
            password_due=login.password_due,
        )


def log_out(sessions: sessionmaker[Session], *, secret: str) -> None:
    """End one login."""
    with write_transaction(sessions) as session:
        session.execute(delete(Login).where(Login.secret_sha256 == _sha256(secret)))


def csrf_token(secret: str) -> str:
    """What a page must send along with every change; only who holds the session can know it."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()


def _issue(
    sessions: sessionmaker[Session],
    user: User,
    *,
    kind: Literal["cookie", "bearer"],
    now: datetime,
    lasting: timedelta,
    by: str = SYSTEM,
    shown: str | None = None,
) -> Credential:
    """`shown`: the hash that a password was found to match; refused once it is the account's no more."""
    secret = secrets.token_urlsafe(32)
    until = now + lasting
    with write_transaction(sessions) as session:
        user = load_user(session, user.name, lock=True)
        if not user.active or shown not in (None, user.password_hash):
            raise LoginRefusedError("the name or the password is wrong")
        password_due = shown is not None and user.password_given_at is not None
        session.execute(delete(Login).where(Login.expires_at <= now))
        forget_attempts(session, user.name)
        login = Login(secret_sha256=_sha256(secret), user_name=user.name, kind=kind, created_at=now, expires_at=until)
        login.password_due = password_due
        session.add(login)
        if kind == "bearer":
            enter(session, kind=EntryKind.TOKEN, actor=by, at=now, user=user.name, expires_at=utc_text(until))
    return Credential(
        secret=secret,
        actor=_actor(user),
        display_name=user.display_name,
        expires_at=until,
        local=bool(user.password_hash),
        password_due=password_due,
    )


def _actor(user: User) -> Actor:
    return Actor(name=user.name, role=user.role, wards=tuple(user.wards), title=user.title)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
