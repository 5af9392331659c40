"""What a crash may leave: half-written bundles (removed), bundles without a case and the reverse (reported).

A bundle without a case is not an error: the run that wrote it opens the case when it is started again.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from cases.database import read_transaction
from cases.evidence import BundleRef, EvidenceStore
from cases.records import Case


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepReport:
    """What was removed, and what does not fit together."""

    cleared: tuple[str, ...]
    bundles_without_case: tuple[BundleRef, ...]
    cases_without_bundle: tuple[str, ...]


def sweep(sessions: sessionmaker[Session], store: EvidenceStore) -> SweepReport:
    """Clear leftovers of writers that no longer live and compare the store with the cases."""
    with read_transaction(sessions) as session:
        cases = {row.evidence_location: row.id for row in session.execute(select(Case.evidence_location, Case.id))}
    bundles = {bundle.location: bundle for bundle in store.bundles()}
    return SweepReport(
        cleared=store.clear_unfinished(),
        bundles_without_case=tuple(bundle for location, bundle in bundles.items() if location not in cases),
        cases_without_bundle=tuple(case_id for location, case_id in cases.items() if location not in bundles),
    )
