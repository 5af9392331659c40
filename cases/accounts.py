"""Accounts of the installation: made, changed, closed, each change hashed into the ledger with who made it.

There is no default account and no default password. How one logs in stands in `cases.logins`.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, sessionmaker

from cases.actor import SYSTEM, Actor
from cases.chain import lock_log
from cases.clock import utc_now
from cases.database import read_transaction, write_transaction
from cases.faults import (
    BadChangeError,
    LoginRefusedError,
    NameTakenError,
    NotFoundError,
    NotPermittedError,
    TitleNeededError,
)
from cases.law import seed_table
from cases.ledger import seal
from cases.passwords import hashed
from cases.records import LedgerEntry, Login, User
from cases.roles import Role

RESERVED = frozenset({SYSTEM, "known", "citizen"})
"""Names the logs use for what no account did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChange:
    """What is to change of an account; None stays, a title is taken away when `given` names it."""

    display_name: str | None = None
    role: str | None = None
    wards: tuple[str, ...] | None = None
    title: str | None = None
    active: bool | None = None
    given: frozenset[str] = frozenset()


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
    by: str = SYSTEM,
    temporary: bool = False,
) -> User:
    """Make an account; without a password it logs in through the OpenID provider only, as `subject`.

    `by` is the account that makes it, for the ledger; the command line is the machine itself. A `temporary` password
    opens nothing until its owner has replaced it.

    Raises:
        BadChangeError: the name, role, title or password is not acceptable, or the subject is taken.
        NameTakenError: the name is. TitleNeededError: a signer has no title.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,31}", name):
        told = f"user name {name!r}: expected 2 to 32 of a-z, 0-9, `.`, `_`, `-`"
        raise BadChangeError(told, why="user_name", typed=name)
    if password is None and subject is None:
        raise BadChangeError(f"user {name}: needs a password, or the subject of an OpenID provider", why="credential")
    now = utc_now()
    user = User(
        name=name,
        display_name=display_name or name,
        password_hash=hashed(name, password) if password is not None else "",
        role=_role(role),
        wards=_wards(wards),
        active=True,
        title=title,
        subject=subject,
        created_at=now,
        password_given_at=now if temporary and password is not None else None,
    )
    with write_transaction(sessions) as session:
        lock_log(session, LedgerEntry)  # nobody else makes an account of this name between this look and its entry
        if session.get(User, name) is not None or name in RESERVED:
            raise NameTakenError(f"user name {name!r}: is taken; choose another or set a new password for it")
        if subject is not None and session.scalar(select(User.name).where(User.subject == subject)):
            raise BadChangeError(f"subject {subject!r}: another account has it", why="subject_taken", typed=subject)
        _check_title(user)
        _seal(session, user, "made", by=by, at=user.created_at)
    return user


def provider_subject(issuer: str | None, subject: str | None) -> str | None:
    """How an account names a person of the OpenID provider: `ISSUER#SUBJECT`.

    Raises:
        BadChangeError: a subject is given but no provider is configured.
    """
    if subject is None:
        return None
    if issuer is None:
        told = "subject: no OpenID provider is configured; set oidc_issuer first, or give a password"
        raise BadChangeError(told, why="provider", typed=subject)
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
        user = load_user(session, name, lock=True)
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
        _check_title(user)
        session.execute(delete(Login).where(Login.user_name == name))
        _seal(session, user, "changed", by=actor.name, at=utc_now())
        return user


def set_password(
    sessions: sessionmaker[Session],
    *,
    name: str,
    password: str,
    by: str = SYSTEM,
    temporary: bool = False,
    replacing: str | None = None,
) -> None:
    """Give an account a new password and end all its logins; a `temporary` one its owner has to replace first.

    `replacing` is the hash of the password that was shown for it: once another has come in its place it opens nothing.

    Raises:
        NotFoundError: no such account. BadChangeError: the password is not acceptable.
        LoginRefusedError: another password than the one of `replacing` stands.
    """
    kept, now = hashed(name, password), utc_now()
    with write_transaction(sessions) as session:
        user = load_user(session, name, lock=True)
        if replacing not in (None, user.password_hash):
            raise LoginRefusedError(f"password of {name}: was changed since it was typed; log in with the new one")
        user.password_hash, user.password_given_at = kept, now if temporary else None
        session.execute(delete(Login).where(Login.user_name == name))
        _seal(session, user, "password", by=by, at=now)


def close_user(sessions: sessionmaker[Session], *, name: str, by: str = SYSTEM) -> None:
    """Close an account and end all its logins; what it did stays on record under its name."""
    with write_transaction(sessions) as session:
        user = load_user(session, name, lock=True)
        user.active = False
        session.execute(delete(Login).where(Login.user_name == name))
        _seal(session, user, "closed", by=by, at=utc_now())


def list_users(sessions: sessionmaker[Session]) -> list[User]:
    """All accounts by name."""
    with read_transaction(sessions) as session:
        return list(session.scalars(select(User).order_by(User.name)))


def load_user(session: Session, name: str, *, lock: bool = False) -> User:
    """One account; with `lock` nobody else changes it until the transaction ends.

    Raises:
        NotFoundError: there is none of this name.
    """
    user = session.get(User, name, with_for_update=lock)
    if user is None:
        raise NotFoundError(f"user {name!r}: no such account")
    return user


def _seal(session: Session, user: User, did: str, *, by: str, at: datetime) -> None:
    """What the account may do from now on stands in the ledger in words, the rest of it as its row's hash."""
    stands = {"role": user.role.value, "wards": user.wards, "title": user.title, "active": user.active}
    seal(session, user, actor=by, at=at, did=did, **stands)


def _role(role: str) -> Role:
    if role not in set(Role):
        raise BadChangeError(
            f"role {role!r}: expected one of {', '.join(Role)}", why="role", typed=role, allowed=[*Role]
        )
    return Role(role)


def _wards(wards: tuple[str, ...]) -> list[str]:
    return sorted({ward.strip() for ward in wards if ward.strip()})


def _check_title(user: User) -> None:
    known = [title.code for title in seed_table().title]
    if user.title is not None and user.title not in known:
        told = f"title {user.title!r}: expected one of {', '.join(known)}"
        raise BadChangeError(told, why="title", typed=user.title, allowed=known)
    if user.role is Role.SIGNER and user.title is None:
        raise TitleNeededError(f"user {user.name}: a signer signs in an office; give a title: {', '.join(known)}")
