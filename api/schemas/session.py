"""Logging in: with a local account's name and password."""

from datetime import datetime
from typing import Self

from pydantic import ConfigDict, Field

from api.schemas.base import In, Out
from cases.logins import Credential, Identity
from cases.roles import Role


class LoginIn(In):
    """Name and password of a local account."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "lan", "password": "…"}]})

    name: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=1024)


class SessionOut(Out):
    """Who is logged in; `csrf_token` goes with every change as X-CSRF-Token (null for bearer tokens).

    `local`: the account has a password here; `password_due`: all else answers 403 until its owner has replaced it.
    """

    name: str
    display_name: str
    role: Role
    wards: tuple[str, ...]
    expires_at: datetime
    csrf_token: str | None
    local: bool
    password_due: bool

    @classmethod
    def of(cls, login: Credential | Identity, *, csrf: str | None) -> Self:
        """From a login."""
        actor = login.actor
        return cls(
            name=actor.name,
            display_name=login.display_name,
            role=actor.role,
            wards=actor.wards,
            expires_at=login.expires_at,
            csrf_token=csrf,
            local=login.local,
            password_due=login.password_due,
        )


class PasswordIn(In):
    """One's own password, old and new."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"old": "…", "new": "…"}]})

    old: str = Field(min_length=1, max_length=1024)
    new: str = Field(min_length=1, max_length=1024)


class LoginWaysOut(Out):
    """How one may log in here."""

    local: bool
    oidc: str | None
