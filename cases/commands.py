"""Commands for whoever runs the installation: accounts (`phatnguoi user …`) and `phatnguoi sweep`.

Passwords are asked for on a terminal or read from standard input, never taken from the command line.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cases.database import Database
    from cases.settings import Settings

users = typer.Typer(help="Tài khoản / accounts", no_args_is_help=True)
Temporary = Annotated[
    bool, typer.Option("--temporary", help="Người dùng phải đổi khi đăng nhập / its owner must replace it at the login")
]
Name = Annotated[str, typer.Argument(help="Tên đăng nhập / login name")]
DataDir = Annotated[Path | None, typer.Option("--data", help="Thư mục dữ liệu / data folder")]


@users.command("add", epilog='phatnguoi user add lan.nguyen --role officer --ward "Hoàn Kiếm"')
def add(
    name: Name,
    role: Annotated[
        str,
        typer.Option(help="Vai trò / role: operator, officer, handler, commander, signer, administrator, auditor"),
    ],
    ward: Annotated[list[str] | None, typer.Option(help="Phường / wards (repeatable; none = all)")] = None,
    display_name: Annotated[str, typer.Option(help="Họ tên / full name")] = "",
    title: Annotated[str | None, typer.Option(help="Chức danh ký / office a signer signs in")] = None,
    subject: Annotated[
        str | None, typer.Option(help="Mã ở nhà cung cấp OpenID; thay mật khẩu / OpenID subject")
    ] = None,
    temporary: Temporary = False,
    data: DataDir = None,
) -> None:
    """Tạo tài khoản, hỏi mật khẩu (hoặc đọc từ stdin). / Make an account; asks for the password, or reads stdin."""
    from cases.accounts import add_user, provider_subject

    password = None if subject else _password()
    with _opened(data) as (settings, database):
        add_user(
            database.sessions,
            name=name,
            password=password,
            role=role,
            wards=tuple(ward or ()),
            display_name=display_name,
            title=title,
            subject=provider_subject(settings.oidc_issuer, subject),
            by=_machine(),
            temporary=temporary,
        )
    typer.echo(f"{name}: đã tạo / created ({role})", err=True)


@users.command("password", epilog="phatnguoi user password lan.nguyen")
def password(name: Name, temporary: Temporary = False, data: DataDir = None) -> None:
    """Đặt mật khẩu mới, kết thúc mọi phiên. / Set a new password; all logins of the account end."""
    from cases.accounts import set_password

    new = _password()
    with _opened(data) as (_settings, database):
        set_password(database.sessions, name=name, password=new, by=_machine(), temporary=temporary)
    typer.echo(f"{name}: đã đổi mật khẩu / password changed", err=True)


@users.command("token", epilog="phatnguoi user token exporter --days 90")
def token(
    name: Name,
    days: Annotated[float, typer.Option(min=0.001, max=3660, help="Hạn dùng / days it lasts")] = 30.0,
    data: DataDir = None,
) -> None:
    """Cấp mã truy cập cho chương trình, chỉ in một lần. / Make a bearer token for a program; printed once."""
    from cases.logins import create_token

    with _opened(data) as (_settings, database):
        typer.echo(create_token(database.sessions, name=name, days=days, by=_machine()).secret)


@users.command("close", epilog="phatnguoi user close lan.nguyen")
def close(name: Name, data: DataDir = None) -> None:
    """Khóa tài khoản; việc đã làm vẫn còn trong nhật ký. / Close an account; what it did stays on record."""
    from cases.accounts import close_user

    with _opened(data) as (_settings, database):
        close_user(database.sessions, name=name, by=_machine())
    typer.echo(f"{name}: đã khóa / closed", err=True)


@users.command("list", epilog="phatnguoi user list --data data")
def list_(data: DataDir = None) -> None:
    """Liệt kê tài khoản. / List accounts: name, role, wards, title, state."""
    from cases.accounts import list_users

    with _opened(data) as (_settings, database):
        for user in list_users(database.sessions):
            wards = ", ".join(user.wards) or "mọi địa bàn / all wards"
            state = "đang dùng / active" if user.active else "đã khóa / closed"
            typer.echo(f"{user.name}\t{user.role}\t{wards}\t{user.title or '-'}\t{state}")


def run_sweep(data: Path | None, *, clock_is_right: bool = False) -> None:
    """Run deadlines, then name what presses: one line per deadline with the number of cases.

    `clock_is_right`: somebody checked it; that nobody worked for long is then no reason to doubt it.
    """
    from cases.actor import Actor
    from cases.clock import utc_now
    from cases.custody import refuse_doubtful_clock, trust_clock
    from cases.deadlines import count_pressing
    from cases.deciding import run_deadlines
    from cases.lifecycle import DEADLINES
    from cases.policy import policy_of
    from cases.roles import Role

    now = utc_now()
    with _opened(data) as (settings, database):
        if clock_is_right:
            trust_clock(database.sessions, now, by=_machine(), said=True)
        refuse_doubtful_clock(database.sessions, now)
        stuck: list[str] = []
        policy = policy_of(settings)
        moved = run_deadlines(database.sessions, now=now, policy=policy, limit=100_000, adopt=True, stuck=stuck)
        trust_clock(database.sessions, now)
        pressing = count_pressing(database.sessions, actor=Actor(name="system", role=Role.AUDITOR), now=now)
    for action, count in sorted(Counter(action for _, action in moved).items()):
        typer.echo(f"{action}\t{count}")
    if stuck:
        told = "đã hết hạn, còn chờ văn bản / clocks ran out and wait for a paper"
        typer.echo(f"{len(stuck)} {told}: {', '.join(stuck[:10])}{' …' if len(stuck) > 10 else ''}", err=True)
    for code, (overdue, soon) in pressing.items():
        words = DEADLINES[code].words
        typer.echo(f"{words.vi} / {words.en}: {overdue} quá hạn / overdue, {soon} sắp hết hạn / pressing", err=True)


def _machine() -> str:
    """Whom the ledger names for the command line: the machine's own account, which no login name can look like."""
    from getpass import getuser

    from cases.actor import SYSTEM

    return f"{SYSTEM}:{getuser()}"[:64]


def _password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Mật khẩu / password", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\n")


@contextmanager
def _opened(data: Path | None) -> Iterator[tuple["Settings", "Database"]]:
    from cases.database import open_database
    from cases.settings import load_settings

    settings = load_settings(data_dir=data)
    database = open_database(settings.database, lock_wait_s=settings.lock_wait_s)
    try:
        yield settings, database
    finally:
        database.close()
