"""Where violations become cases: evidence first, then the case, each exactly once."""

import json
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from cases.evidence import EvidenceStore, NetworkRef
from cases.opening import find_case_id, open_case
from detector.types import Violation
from pipelines.events import event_line
from pipelines.evidence import EvidenceMaker
from pipelines.footage import Footage
from pipelines.near_witness import NearWitness
from pipelines.plate_evidence import PlateWitness
from pipelines.scene_file import SceneFile
from pipelines.shots import Looks


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledCase:
    """A case that stands, with its event.

    Attributes:
        case_id: what officers call it.
        evidence: the bundle's place in the store.
        line: the event as the contract's JSON line.
        created: False when it stood already.
    """

    case_id: str
    evidence: str
    line: str
    created: bool

    @property
    def event(self) -> dict[str, Any]:
        """The event, read back from its line."""
        event: dict[str, Any] = json.loads(self.line)
        return event


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """An act that a look from near cleared: no evidence, no event, no case.

    Attributes:
        violation: what the rules had established.
        reason: the doubt it is counted under.
    """

    violation: Violation
    reason: str = "class_unsure"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDesk:
    """Files the violations of one source; used by one thread at a time.

    Attributes:
        sessions: the database.
        store: the evidence store.
        footage, scene_file, network: what the evidence states.
        container_time: the recording's date is its container's word alone, which a copy may have rewritten.
        plates: reads offenders' plates; None where no plate is read.
        near: looks at offenders from near first; None where nobody does.
    """

    sessions: sessionmaker[Session]
    store: EvidenceStore
    footage: Footage
    scene_file: SceneFile
    network: NetworkRef
    container_time: bool = False
    plates: PlateWitness | None = None
    near: NearWitness | None = None

    def file(self, violation: Violation) -> FiledCase | SetAside:
        """Makes the evidence and opens the case, unless a look from near clears; what stands already is returned.

        Raises:
            EvidenceError, SourceError, CaseError: see their texts; nothing half-made is left.
        """
        violation = self._doubted(violation)
        looks = Looks(self.footage, violation.finding, self.scene_file.scene.size)
        if self._clears(violation, looks):
            return SetAside(violation=violation)
        bundle = self._maker().make(violation, looks)
        # The plate was read when the bundle was made; read from there, the same act always gives the same event.
        violation = replace(violation, extra=dict(self.store.manifest(bundle.location).violation.get("extra", {})))
        line = event_line(violation, video=self.footage.name)
        opened = open_case(
            self.sessions, violation=violation, scene=self.scene_file.scene, bundle=bundle, network=self.network
        )
        return FiledCase(case_id=opened.case_id, evidence=bundle.location, line=line, created=opened.created)

    def _maker(self) -> EvidenceMaker:
        return EvidenceMaker(
            store=self.store,
            footage=self.footage,
            scene_file=self.scene_file,
            network=self.network,
            plates=self.plates,
        )

    def _clears(self, violation: Violation, looks: Looks) -> bool:
        """Whether a look from near clears the offender; what has evidence is past that."""
        if self.near is None or self.store.find(violation.id) is not None:
            return False
        return self.near.clears(looks, violation.finding, self.scene_file.scene)

    def _doubted(self, violation: Violation) -> Violation:
        if not self.container_time:
            return violation
        finding = violation.finding
        return replace(violation, finding=replace(finding, cannot_tell=(*finding.cannot_tell, "container_time")))

    def known(self, violation_id: str, line: str) -> FiledCase | None:
        """The case of a violation that stands with its evidence, None otherwise."""
        case_id = find_case_id(self.sessions, violation_id)
        bundle = self.store.find(violation_id) if case_id is not None else None
        if case_id is None or bundle is None:
            return None
        return FiledCase(case_id=case_id, evidence=bundle.location, line=line, created=False)
