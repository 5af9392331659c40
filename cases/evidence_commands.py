"""The commands `phatnguoi evidence …`: anchor, hold, retention, key; `pipelines.export_command` adds export.

They act in the name of an account (`--as`), whose role must allow what is asked, and are chained like everything else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cases.actor import Actor
    from cases.database import Database
    from cases.evidence import EvidenceStore
    from cases.settings import Settings
    from cases.signing import KeyRing

commands = typer.Typer(help="Chứng cứ: xuất, giữ, xóa / evidence: export, hold, delete, anchor", no_args_is_help=True)
CaseId = Annotated[str, typer.Argument(help="Mã hồ sơ / case id")]
As = Annotated[str, typer.Option("--as", help="Tài khoản thực hiện / account in whose name")]
Reason = Annotated[str, typer.Option(help="Lý do / reason, e.g. the number of the request")]
DataDir = Annotated[Path | None, typer.Option("--data", help="Thư mục dữ liệu / data folder")]


@commands.command("anchor", epilog="phatnguoi evidence anchor --data data")
def anchor(data: DataDir = None) -> None:
    """Niêm phong nhật ký ngay, đóng dấu thời gian nếu có. / Anchor the logs now; time-stamp where configured."""
    from cases.custody import tend
    from cases.timestamps import queue

    with opened(data) as (settings, database, store, keys):
        for name in tend(database.sessions, store, keys, settings):
            typer.echo(name)
        typer.echo(f"{len(queue(store))} chờ đóng dấu thời gian / wait for a time-stamp", err=True)


@commands.command("hold", epilog='phatnguoi evidence hold PN-7K3M-Q2XD --as chi.huy --reason "QĐ 5"')
def hold(
    case_id: CaseId,
    name: As,
    reason: Reason,
    release: Annotated[bool, typer.Option("--release", help="Bỏ giữ / end the hold")] = False,
    data: DataDir = None,
) -> None:
    """Giữ chứng cứ theo yêu cầu, không xóa. / Set or end a legal hold."""
    from cases import retention
    from cases.clock import utc_now

    with opened(data) as (_settings, database, _store, _keys):
        act = retention.release if release else retention.hold
        act(database.sessions, case_id=case_id, actor=actor_of(database, name), reason=reason, now=utc_now())
    typer.echo(f"{case_id}: {'đã bỏ giữ / released' if release else 'đang giữ / held'}", err=True)


@commands.command("retention", epilog="phatnguoi evidence retention --apply --data data")
def retention_(
    apply: Annotated[bool, typer.Option("--apply", help="Xóa thật / delete, not only list")] = False,
    data: DataDir = None,
) -> None:
    """Liệt kê hoặc xóa chứng cứ hết hạn lưu. / List, or delete, evidence past its days; tombstones stay."""
    from cases.clock import utc_now
    from cases.custody import refuse_doubtful_clock
    from cases.retention import PROPOSAL, days_in_force, delete_expired, expired

    now = utc_now()
    with opened(data) as (settings, database, store, _keys):
        days = days_in_force(settings.retention_days)
        typer.echo(", ".join(f"{state.value} {kept}" for state, kept in days.items()) + f" ({PROPOSAL})", err=True)
        if apply:
            refuse_doubtful_clock(database.sessions, now)
        found = (
            delete_expired(database.sessions, store, days=days, actor="system", now=now)
            if apply
            else expired(database.sessions, days=days, now=now)
        )
        for expiry in found:
            typer.echo(f"{expiry.case_id}\t{expiry.state}\t{expiry.since:%Y-%m-%d}\t{'deleted' if apply else 'due'}")


@commands.command("key", epilog="phatnguoi evidence key --rotate")
def key(
    rotate: Annotated[bool, typer.Option("--rotate", help="Dùng khóa mới / sign with a new key from now on")] = False,
    data: DataDir = None,
) -> None:
    """In khóa công khai, hoặc đổi khóa ký. / Print public keys, or rotate the signing key."""
    from cases.anchors import write_anchor
    from cases.clock import utc_now
    from cases.database import write_transaction
    from cases.ledger import enter
    from cases.records import EntryKind

    with opened(data) as (_settings, database, store, keys):
        if rotate:
            write_anchor(database.sessions, store, keys, now=utc_now())
            old, new = keys.key_id, keys.rotate()
            with write_transaction(database.sessions) as session:
                enter(session, kind=EntryKind.KEY, actor="system", at=utc_now(), old=old, new=new)
        for key_id, pem in keys.public_pems().items():
            typer.echo(f"{key_id}{' (đang dùng / current)' if key_id == keys.key_id else ''}\n{pem.decode()}", nl=False)


def actor_of(database: "Database", name: str) -> "Actor":
    """The account in whose name a command acts.

    Raises:
        NotFoundError: there is none, or it is closed.
    """
    from cases.accounts import list_users
    from cases.actor import Actor
    from cases.faults import NotFoundError

    user = next((user for user in list_users(database.sessions) if user.name == name and user.active), None)
    if user is None:
        raise NotFoundError(f"--as {name}: no active account of this name")
    return Actor(name=user.name, role=user.role, wards=tuple(user.wards))


@contextmanager
def opened(data: Path | None) -> Iterator[tuple["Settings", "Database", "EvidenceStore", "KeyRing"]]:
    """Settings, database, store and keys of a data folder, closed at the end."""
    from cases.database import open_database
    from cases.settings import load_settings
    from cases.signing import open_keys
    from cases.stores import open_store

    settings = load_settings(data_dir=data)
    database = open_database(settings.database, lock_wait_s=settings.lock_wait_s)
    try:
        yield settings, database, open_store(settings), open_keys(settings.keys)
    finally:
        database.close()
