"""`phatnguoi plates …`: what may be done with plates beyond single cases, in the name of an account (`--as`).

Both commands need a role and a reason, and leave an entry in the ledger.
"""

from pathlib import Path
from typing import Annotated

import typer

from cases.evidence_commands import As, DataDir, actor_of, opened

commands = typer.Typer(help="Biển số: sửa đổi, tra cứu / plates: corrections, searches", no_args_is_help=True)
Reason = Annotated[str, typer.Option("--reason", help="Lý do / why, ten characters or more")]


@commands.command("corrections", epilog='phatnguoi plates corrections plates-2026 --as chi.huy --reason "Huấn luyện"')
def corrections(
    out: Annotated[Path, typer.Argument(help="Thư mục mới / a new folder")],
    name: As,
    reason: Reason,
    data: DataDir = None,
) -> None:
    """Xuất ảnh biển số đã xác nhận để huấn luyện. / Export confirmed plates' crops to train the next reader."""
    from cases.clock import utc_now
    from cases.plate_corrections import export_corrections

    with opened(data) as (_settings, database, store, _keys):
        actor = actor_of(database, name)
        found = export_corrections(database.sessions, store, actor=actor, reason=reason, out=out, now=utc_now())
        cases = len({row.case_id for row in found})
        typer.echo(f"{out}: {len(found)} ảnh, {cases} hồ sơ / crops of {cases} cases")


@commands.command("searches", epilog='phatnguoi plates searches "29-E1 123.45" --as kiem.tra --reason "Đơn số 7/2026"')
def searches(
    plate: Annotated[str, typer.Argument(help="Biển số / the whole plate")],
    name: As,
    reason: Reason,
    data: DataDir = None,
) -> None:
    """Ai đã tra cứu biển số này. / Who looked for this plate, when and why; newest first."""
    from cases.clock import utc_now
    from cases.plate_marks import open_marks
    from cases.plates import searches_for

    with opened(data) as (settings, database, _store, _keys):
        actor, marks = actor_of(database, name), open_marks(settings.keys)
        found = searches_for(database.sessions, marks, actor=actor, text=plate, reason=reason, now=utc_now())
        for entry in found:
            refused = "\ttừ chối / refused" if entry.details.get("refused") else ""
            typer.echo(f"{entry.at:%Y-%m-%d %H:%M}\t{entry.actor}\t{entry.details['reason']}{refused}")
