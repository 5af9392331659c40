"""Local accounts of a single machine: made by name, checked with argon2, logged in by cookie or token.

There is no default account and no default password. Secrets are random, and only their SHA-256 is stored.
Wrong passwords are counted per name before the password is looked at, so guessing in parallel gains nothing.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import bindparam, delete, select, text
from sqlalchemy.orm import Session, sessionmaker

from cases.actor import Actor
from cases.clock import utc_now
from cases.database import read_transaction, write_transaction
from cases.faults import BadChangeError, LockedOutError, LoginRefusedError, NotFoundError, NotPermittedError
from cases.law import current_table
from cases.records import Login, LoginFailure, User, Utc
from cases.roles import Role

MIN_PASSWORD = 10
RESERVED = frozenset({"system", "known"})
"""Names the logs use for what no account did."""
FREE_FAILURES = 5
"""Wrong passwords before an account's name is locked for a while."""
FIRST_LOCK_S, LONGEST_LOCK_S = 60, 900
FORGET_FAILURES = timedelta(days=1)

_FIRST_FAILURE = text(
    "INSERT INTO login_failures (name_sha256, count, last_at) VALUES (:key, 0, :at) ON CONFLICT DO NOTHING"
).bindparams(bindparam("at", type_=Utc))
_HASHER = PasswordHasher()
_NOBODY = _HASHER.hash(secrets.token_hex(16))
"""Checked for names without an account, so that an answer takes as long as for one with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A fresh login: the secret to hand out once, and until when it opens the door."""

    secret: str
    actor: Actor
    display_name: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChange:
    """What is to change of an account; None stays, a title is taken away when `given` names it."""

    display_name: str | None = None
    role: str | None = None
    wards: tuple[str, ...] | None = None
    title: str | None = None
    active: bool | None = None
    given: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who a secret belongs to and how it arrived."""

    actor: Actor
    display_name: str
    kind: Literal["cookie", "bearer"]
    expires_at: datetime


def add_user(
    sessions: sessionmaker[Session],
    *,
    name: str,
    password: str | None,
    role: str,
    wards: tuple[str, ...] = (),
    display_name: str = "",
    title: str | None = None,
    subject: str | None = None,
) -> User:
    """Make an account; without a password it logs in through the OpenID provider only, as `subject`.

    Raises:
        BadChangeError: the name, role, title or password is not acceptable, or the name or subject is taken.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,31}", name):
        raise BadChangeError(f"user name {name!r}: expected 2 to 32 of a-z, 0-9, `.`, `_`, `-`")
    if password is None and subject is None:
        raise BadChangeError(f"user {name}: needs a password, or the subject of an OpenID provider")
    user = User(
        name=name,
        display_name=display_name or name,
        password_hash=_hash(name, password) if password is not None else "",
        role=_role(role),
        wards=_wards(wards),
        active=True,
        title=title,
        subject=subject,
        created_at=utc_now(),
    )
    with write_transaction(sessions) as session:
        if session.get(User, name) is not None or name in RESERVED:
            raise BadChangeError(f"user name {name!r}: is taken; choose another or set a new password for it")
        if subject is not None and session.scalar(select(User.name).where(User.subject == subject)):
            raise BadChangeError(f"subject {subject!r}: another account has it")
        _check_title(session, user)
        session.add(user)
    return user


def provider_subject(issuer: str | None, subject: str | None) -> str | None:
    """How an account names a person of the OpenID provider: `ISSUER#SUBJECT`.

    Raises:
        BadChangeError: a subject is given but no provider is configured.
    """
    if subject is None:
        return None
    if issuer is None:
        raise BadChangeError("subject: no OpenID provider is configured; set oidc_issuer first, or give a password")
    return f"{issuer.rstrip('/')}#{subject}"


def change_user(sessions: sessionmaker[Session], *, actor: Actor, name: str, change: UserChange) -> User:
    """Change an account, close it or open it again, and end all its logins.

    Raises:
        NotFoundError: no such account. NotPermittedError: it is one's own.
        BadChangeError: the role or title is not acceptable.
    """
    if name == actor.name:
        raise NotPermittedError(f"user {name}: nobody changes the rights of their own account")
    with write_transaction(sessions) as session:
        user = _user(session, name)
        if change.role is not None:
            user.role = _role(change.role)
        if change.wards is not None:
            user.wards = _wards(change.wards)
        if change.display_name is not None:
            user.display_name = change.display_name
        if change.active is not None:
            user.active = change.active
        if "title" in change.given:
            user.title = change.title
        _check_title(session, user)
        session.execute(delete(Login).where(Login.user_name == name))
        return user


def change_own_password(sessions: sessionmaker[Session], *, name: str, old: str, new: str, now: datetime) -> None:
    """Change one's own password by the old one and end all logins of the account.

    Raises:
        LoginRefusedError, LockedOutError: the old password is wrong, or was too often. BadChangeError: the new one.
    """
    _count_attempt(sessions, name, now)
    with read_transaction(sessions) as session:
        user = _user(session, name)
    try:
        _HASHER.verify(user.password_hash, old)
    except (VerificationError, InvalidHashError) as error:
        raise LoginRefusedError("the old password is wrong") from error
    set_password(sessions, name=name, password=new)
    with write_transaction(sessions) as session:
        session.execute(delete(LoginFailure).where(LoginFailure.name_sha256 == _sha256(name)))


def set_password(sessions: sessionmaker[Session], *, name: str, password: str) -> None:
    """Give an account a new password and end all its logins.

    Raises:
        NotFoundError: no such account. BadChangeError: the password is not acceptable.
    """
    hashed = _hash(name, password)
    with write_transaction(sessions) as session:
        _user(session, name).password_hash = hashed
        session.execute(delete(Login).where(Login.user_name == name))


def close_user(sessions: sessionmaker[Session], *, name: str) -> None:
    """Close an account and end all its logins; what it did stays on record under its name."""
    with write_transaction(sessions) as session:
        _user(session, name).active = False
        session.execute(delete(Login).where(Login.user_name == name))


def list_users(sessions: sessionmaker[Session]) -> list[User]:
    """All accounts by name."""
    with read_transaction(sessions) as session:
        return list(session.scalars(select(User).order_by(User.name)))


def log_in(sessions: sessionmaker[Session], *, name: str, password: str, now: datetime, session_s: float) -> Credential:
    """Check a password and start a session.

    Raises:
        LockedOutError: too many wrong passwords for this name; says how long to wait.
        LoginRefusedError: wrong name or password, or the account is closed; does not say which.
    """
    name = name.strip().lower()
    _count_attempt(sessions, name, now)
    with read_transaction(sessions) as session:
        user = session.get(User, name)
    try:
        _HASHER.verify(user.password_hash if user else _NOBODY, password)
    except (VerificationError, InvalidHashError) as error:
        raise LoginRefusedError("the name or the password is wrong") from error
    if user is None or not user.active:
        raise LoginRefusedError("the name or the password is wrong")
    return _issue(sessions, user, kind="cookie", now=now, lasting=timedelta(seconds=session_s))


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


def create_token(sessions: sessionmaker[Session], *, name: str, days: float) -> Credential:
    """A bearer token for programs that act as an account.

    Raises:
        NotFoundError: no such account, or it is closed.
    """
    with read_transaction(sessions) as session:
        user = _user(session, name)
    if not user.active:
        raise NotFoundError(f"user {name!r}: the account is closed")
    return _issue(sessions, user, kind="bearer", now=utc_now(), lasting=timedelta(days=days))


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
        )


def log_out(sessions: sessionmaker[Session], *, secret: str) -> None:
    """End one login."""
    with write_transaction(sessions) as session:
        session.execute(delete(Login).where(Login.secret_sha256 == _sha256(secret)))


def csrf_token(secret: str) -> str:
    """What a page must send along with every change; only who holds the session can know it."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()


def _count_attempt(sessions: sessionmaker[Session], name: str, now: datetime) -> None:
    with write_transaction(sessions) as session:
        session.execute(delete(LoginFailure).where(LoginFailure.last_at < now - FORGET_FAILURES))
        key = _sha256(name)
        session.execute(_FIRST_FAILURE, {"key": key, "at": now})
        failure = session.get_one(LoginFailure, key, with_for_update=True)
        if failure.locked_until and failure.locked_until > now:
            retry_s = int((failure.locked_until - now).total_seconds()) + 1
            raise LockedOutError(f"too many wrong passwords; try again in {retry_s} s", retry_s=retry_s)
        failure.count, failure.last_at = failure.count + 1, now
        if failure.count >= FREE_FAILURES:
            lock_s = min(FIRST_LOCK_S * 2 ** min(failure.count - FREE_FAILURES, 10), LONGEST_LOCK_S)
            failure.locked_until = now + timedelta(seconds=lock_s)


def _issue(
    sessions: sessionmaker[Session], user: User, *, kind: Literal["cookie", "bearer"], now: datetime, lasting: timedelta
) -> Credential:
    secret = secrets.token_urlsafe(32)
    expires_at = now + lasting
    with write_transaction(sessions) as session:
        session.execute(delete(Login).where(Login.expires_at <= now))
        session.execute(delete(LoginFailure).where(LoginFailure.name_sha256 == _sha256(user.name)))
        session.add(
            Login(secret_sha256=_sha256(secret), user_name=user.name, kind=kind, created_at=now, expires_at=expires_at)
        )
    return Credential(secret=secret, actor=_actor(user), display_name=user.display_name, expires_at=expires_at)


def _actor(user: User) -> Actor:
    return Actor(name=user.name, role=user.role, wards=tuple(user.wards), title=user.title)


def _role(role: str) -> Role:
    if role not in set(Role):
        raise BadChangeError(f"role {role!r}: expected one of {', '.join(Role)}")
    return Role(role)


def _wards(wards: tuple[str, ...]) -> list[str]:
    return sorted({ward.strip() for ward in wards if ward.strip()})


def _check_title(session: Session, user: User) -> None:
    known = [title.code for title in current_table(session).title]
    if user.title is not None and user.title not in known:
        raise BadChangeError(f"title {user.title!r}: expected one of {', '.join(known)}")
    if user.role is Role.SIGNER and user.title is None:
        raise BadChangeError(f"user {user.name}: a signer signs in an office; give a title: {', '.join(known)}")


def _user(session: Session, name: str) -> User:
    user = session.get(User, name)
    if user is None:
        raise NotFoundError(f"user {name!r}: no such account")
    return user


def _hash(name: str, password: str) -> str:
    if len(password) < MIN_PASSWORD or name in password.lower() or len(set(password)) < 5:
        raise BadChangeError(
            f"password of {name}: expected at least {MIN_PASSWORD} characters, 5 of them different, without the name"
        )
    return _HASHER.hash(password)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
