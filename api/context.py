"""What every request needs: settings, the open database, the evidence store, the counters."""

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from api.analyses import Analyses
from api.metrics import Metrics
from api.oidc import Provider, provider_of
from api.throttle import Throttle
from api.trials import Trials
from cases.actor import SYSTEM
from cases.citizen.lease import Leases
from cases.citizen.scene import end_analysis, unfinished
from cases.clock import utc_now
from cases.credentials import Credentials, open_credentials
from cases.database import Database, open_database
from cases.evidence import EvidenceStore
from cases.export import ClipMaker
from cases.plate_marks import PlateMarks, open_marks
from cases.policy import Policy, policy_of
from cases.settings import Settings
from cases.signing import KeyRing, open_keys
from cases.stores import open_store
from cases.tracks import tracks_folder
from detector.types import PhatnguoiError

_LOG = logging.getLogger(__name__)
TAKEN_UP_WITHIN = timedelta(days=1)
"""What an earlier server was asked for and left undone is taken up again for so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The parts of one running server."""

    settings: Settings
    database: Database
    store: EvidenceStore
    keys: KeyRing
    marks: PlateMarks
    metrics: Metrics
    policy: Policy
    provider: Provider | None
    trials: Trials
    analyses: Analyses
    leases: Leases
    lookups: Throttle = field(default_factory=lambda: Throttle(20, 600.0))
    uploads: Throttle = field(default_factory=lambda: Throttle(6, 3600.0))
    clips: ClipMaker | None = None
    citizen_key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)

    @property
    def credentials(self) -> Credentials:
        """What copies that leave the house are signed with."""
        own = self.settings
        return open_credentials(own.keys, certificate=own.c2pa_certificate, key=own.c2pa_key)

    @property
    def sessions(self) -> sessionmaker[Session]:
        """Where services get their database sessions."""
        return self.database.sessions


def open_context(settings: Settings, *, clips: ClipMaker | None = None) -> Context:
    """Open database and store; `clips` redacts clips for exports, which this package knows nothing of.

    Raises:
        ConfigError, CaseError, EvidenceError: one of them cannot be used; the text names it and the cure.
    """
    database = open_database(settings.database, lock_wait_s=settings.lock_wait_s)
    leases = Leases(sessions=database.sessions, lease_s=settings.analysis_lease_s)
    try:
        return Context(
            settings=settings,
            database=database,
            store=open_store(settings),
            keys=open_keys(settings.keys),
            marks=open_marks(settings.keys),
            metrics=Metrics(),
            policy=policy_of(settings),
            provider=provider_of(settings),
            clips=clips,
            trials=Trials(tracks_folder(settings.data_dir)),
            analyses=Analyses(settings.data_dir, on_failure=_tell_failure(database), leases=leases),
            leases=leases,
        )
    except BaseException:
        database.close()
        raise


def _tell_failure(database: Database) -> Callable[[str, str], None]:
    """Chains why a citizen's videos could not be analysed; where the database refuses, the server's log says so."""

    def tell(report_id: str, problem: str) -> None:
        try:
            end_analysis(database.sessions, report_id=report_id, by=SYSTEM, now=utc_now(), problem=problem)
        except (PhatnguoiError, SQLAlchemyError) as error:
            _LOG.warning("analysis of %s: its failure could not be chained: %s", report_id, error)

    return tell


def take_up(context: Context) -> None:
    """Go on with the analyses that a server was asked for and did not end, unless another runs them."""
    for report_id, text in unfinished(context.sessions, since=utc_now() - TAKEN_UP_WITHIN):
        known = context.analyses.of(report_id)
        if (known is not None and not known.over) or context.leases.running(report_id):
            continue
        _LOG.warning("analysis of %s: taken up again", report_id)
        context.analyses.begin(report_id, camera_id=report_id, scene_text=text, again=True)
