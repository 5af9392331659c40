"""Accounts, as an administrator keeps them; no password or secret ever leaves."""

from datetime import datetime
from typing import Self

from pydantic import ConfigDict, Field

from api.schemas.base import In, Out
from cases.records import User
from cases.roles import Role


class UserOut(Out):
    """An account; empty `wards` means all, `title` is the office a signer signs in.

    `password_due`: its password was given by an administrator and not replaced by its owner yet.
    """

    model_config = ConfigDict(
        from_attributes=True,
        json_schema_extra={
            "examples": [
                {
                    "name": "lan.nguyen",
                    "display_name": "Nguyễn Thị Lan",
                    "role": "officer",
                    "wards": ["Hoàn Kiếm"],
                    "title": None,
                    "active": True,
                    "local": True,
                    "password_due": False,
                    "subject": None,
                    "created_at": "2026-11-22T03:00:00Z",
                }
            ]
        },
    )

    name: str
    display_name: str
    role: Role
    wards: list[str]
    title: str | None
    active: bool
    local: bool
    password_due: bool
    subject: str | None
    created_at: datetime

    @classmethod
    def of(cls, user: User) -> Self:
        """From a record."""
        made = {"local": bool(user.password_hash), "password_due": user.password_given_at is not None}
        columns = {name: getattr(user, name) for name in cls.model_fields if name not in made}
        return cls.model_validate({**columns, **made})


class UserIn(In):
    """A new account; without a password it can only log in through the OpenID provider, as `subject`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"name": "lan.nguyen", "role": "officer", "wards": ["Hoàn Kiếm"], "password": "…"}]
        }
    )

    name: str = Field(min_length=2, max_length=32)
    display_name: str = Field("", max_length=200)
    role: Role
    wards: tuple[str, ...] = Field((), max_length=200)
    title: str | None = Field(None, max_length=64)
    password: str | None = Field(None, max_length=1024)
    subject: str | None = Field(None, max_length=300)


class UserChangeIn(In):
    """What is to change; fields left out stay. Its logins end, so that the change holds at once."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"wards": ["Hoàn Kiếm", "Cửa Nam"]}, {"active": False}]})

    display_name: str | None = Field(None, min_length=1, max_length=200)
    role: Role | None = None
    wards: tuple[str, ...] | None = Field(None, max_length=200)
    title: str | None = Field(None, max_length=64)
    active: bool | None = None


class NewPasswordIn(In):
    """A new password for an account; all its logins end."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"password": "…"}]})

    password: str = Field(min_length=1, max_length=1024)
