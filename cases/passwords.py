"""Passwords of local accounts: what is acceptable, whether one matches, and the brake on guessing them.

Attempts are counted per name before the password is looked at, whether there is such an account or not, so guessing in
parallel gains nothing and an answer says nothing about which names exist.
"""

import hashlib
import secrets
import unicodedata
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import bindparam, delete, text
from sqlalchemy.orm import Session, sessionmaker

from cases.database import write_transaction
from cases.faults import BadPasswordError, LockedOutError
from cases.records import LoginFailure, Utc

MIN_PASSWORD = 10
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


def hashed(name: str, password: str) -> str:
    """The hash that is kept of a new password.

    Raises:
        BadPasswordError: too short, too uniform, or it holds the account's name.
    """
    password = _one_spelling(password)
    if len(password) < MIN_PASSWORD or name in password.lower() or len(set(password)) < 5:
        raise BadPasswordError(
            f"password of {name}: expected at least {MIN_PASSWORD} characters, 5 of them different, without the name"
        )
    return _HASHER.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Whether a password is the one that was kept; None, for no such account, takes as long to answer.

    Earlier software kept passwords as they were typed, letters with their marks apart where a keyboard gives them so.
    """
    spelt = _one_spelling(password)
    return _verified(kept, spelt) or (spelt != password and _verified(kept, password))


def _one_spelling(password: str) -> str:
    """Vietnamese keyboards give a letter and its marks as one character or as several (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFC", password)


def _verified(kept: str | None, password: str) -> bool:
    try:
        return _HASHER.verify(kept if kept is not None else _NOBODY, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def count_attempt(sessions: sessionmaker[Session], name: str, now: datetime) -> None:
    """Count one attempt for a name; to be called before its password is looked at.

    Raises:
        LockedOutError: there were too many; says how long to wait.
    """
    with write_transaction(sessions) as session:
        session.execute(delete(LoginFailure).where(LoginFailure.last_at < now - FORGET_FAILURES))
        key = _key(name)
        session.execute(_FIRST_FAILURE, {"key": key, "at": now})
        failure = session.get_one(LoginFailure, key, with_for_update=True)
        if failure.locked_until and failure.locked_until > now:
            retry_s = int((failure.locked_until - now).total_seconds()) + 1
            raise LockedOutError(f"too many wrong passwords; try again in {retry_s} s", retry_s=retry_s)
        failure.count, failure.last_at = failure.count + 1, now
        if failure.count >= FREE_FAILURES:
            lock_s = min(FIRST_LOCK_S * 2 ** min(failure.count - FREE_FAILURES, 10), LONGEST_LOCK_S)
            failure.locked_until = now + timedelta(seconds=lock_s)


def forget_attempts(session: Session, name: str) -> None:
    """Count anew from nothing: the right password was given."""
    session.execute(delete(LoginFailure).where(LoginFailure.name_sha256 == _key(name)))


def _key(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
