"""`phatnguoi evidence export`: one case as a signed zip, its clips redacted frame by frame."""

from pathlib import Path
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
    from cases.credentials import open_credentials
    from cases.evidence_commands import actor_of, opened
    from cases.export import export_case
    from detector.types import ConfigError
    from pipelines.redaction import redacted_clips

    if purpose not in ("court", "owner"):
        raise ConfigError(f"--for {purpose}: expected court or owner")
    with opened(data) as (settings, database, store, keys):
        actor = actor_of(database, name)
        done = export_case(
            database.sessions,
            store,
            keys,
            case_id=case_id,
            actor=actor,
            purpose="court" if purpose == "court" else "owner",
            reason=reason,
            target=out,
            now=utc_now(),
            credentials=open_credentials(settings.keys, certificate=settings.c2pa_certificate, key=settings.c2pa_key),
            clips=redacted_clips,
        )
    typer.echo(f"{done.path}\t{done.sha256}")
