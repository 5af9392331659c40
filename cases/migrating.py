"""Bringing a database to this software's schema; Alembic is loaded only where there is something to do.

In: an engine. Out: its tables as the files of `migrations/versions` make them. A database that is up to date, as at
nearly every start, is told by its version alone: Alembic takes half a second and 12 MB that a worker keeps for months.
"""

import re
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, inspect, text

from detector.types import CaseError

MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 7305871012
"""Key of the PostgreSQL advisory lock under which one process migrates."""
_STATED = re.compile(r'^(revision|down_revision)\s*(?::[^=]*)?=\s*["\']([^"\']+)["\']', re.MULTILINE)


@cache
def newest() -> str | None:
    """The schema version that no other follows; None where the files do not tell one, and Alembic must be asked."""
    stated = [dict(_STATED.findall(path.read_text(encoding="utf-8"))) for path in MIGRATIONS.glob("versions/*.py")]
    followed = {one.get("down_revision") for one in stated}
    heads = [one["revision"] for one in stated if "revision" in one and one["revision"] not in followed]
    return heads[0] if len(heads) == 1 else None


def migrate(engine: Engine, name: str) -> None:
    """Brings the tables up to date, one process at a time.

    Args:
        engine: whose database.
        name: what messages call it.

    Raises:
        CaseError: newer software wrote it.
    """
    with engine.connect() as connection, connection.begin():
        made = inspect(connection).has_table("alembic_version")
        versions = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() if made else []
    if newest() is None or versions != [newest()]:
        _upgrade(engine, name)


def _upgrade(engine: Engine, name: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        revision = MigrationContext.configure(connection).get_current_revision()
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        if revision is not None and revision not in known:
            raise CaseError(f"{name}: was written by newer software (schema {revision}); update this software")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
