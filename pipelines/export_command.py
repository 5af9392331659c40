"""`phatnguoi evidence export`: one case as a signed zip, its clips redacted frame by frame."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from cases.evidence_commands import As, CaseId, DataDir, Reason


def export(
    case_id: CaseId,
    name: As,
    reason: Reason,
    out: Annotated[Path, typer.Option(help="Tệp zip / zip file to write")],
    purpose: Annotated[str, typer.Option("--for", help="court: có bản gốc / with originals; owner: bản che / copies")],
    data: DataDir = None,
) -> None:
    """Xuất một hồ sơ thành zip có ký. / Write one case as a signed zip that `phatnguoi verify` checks offline."""
    from cases.clock import utc_now
    from cases.evidence_commands import actor_of, opened
    from cases.export import export_case
    from cases.service import get_case
    from detector.types import ConfigError
    from pipelines.redaction import redacted_clips

    if purpose not in ("court", "owner"):
        raise ConfigError(f"--for {purpose}: expected court or owner")
    with opened(data) as (_settings, database, store, keys), TemporaryDirectory(prefix="phatnguoi-") as folder:
        actor = actor_of(database, name)
        case = get_case(database.sessions, case_id=case_id, actor=actor)
        done = export_case(
            database.sessions,
            store,
            keys,
            case_id=case.id,
            actor=actor,
            purpose="court" if purpose == "court" else "owner",
            reason=reason,
            target=out,
            now=utc_now(),
            clips=lambda: redacted_clips(store, case.evidence_location, Path(folder)),
        )
    typer.echo(f"{done.path}\t{done.sha256}")
