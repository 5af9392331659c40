"""A vehicle stands in a no-stopping or no-parking zone longer than the zone's limit, and waits for nobody."""

from dataclasses import dataclass, replace

from detector.rules.act import IDLE, Proof, Reading
from detector.rules.confidence import confidence, margin, measured_share
from detector.rules.geometry import Area
from detector.rules.queue import Company, QueueWatch
from detector.rules.standing import Stand, may_be_fixed, stand_on
from detector.scene.settings import DwellSettings
from detector.types import Track, TrackedFrame
from detector.types.violation import Fact

VERSION = "illegal_parking/2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """A standstill and the company it kept."""

    stand: Stand
    company: Company


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkingWatch:
    """Watches one zone; `zone_kind` is no_stopping or no_parking, `limit_s` how long one may stand."""

    area: Area
    zone_kind: str
    limit_s: float
    settings: DwellSettings
    queue: QueueWatch

    def look(
        self, progress: Parked | None, track: Track, frame: TrackedFrame, free_until_s: float
    ) -> tuple[Parked | None, Reading]:
        """Runs the timer; over the limit it accuses unless a queue is plausible."""
        known = None if progress is None else progress.stand
        stand = stand_on(known, track, self.area, self.settings, free_until_s)
        if stand is None:
            return None, IDLE
        company = progress.company if progress and stand.since_s == progress.stand.since_s else Company()
        parked = Parked(stand=stand, company=self.queue.look(company, track, stand.since_s, frame))
        return parked, self._read(parked, track)

    def _read(self, parked: Parked, track: Track) -> Reading:
        stand = parked.stand
        reading = Reading(acting=True, since_s=stand.since_s)
        if stand.dwell_s < self.limit_s:
            return reading
        if self.queue.plausible(parked.company, stand.dwell_s, stand.last_s):
            return replace(reading, doubt="queue")
        if may_be_fixed(track, self.settings):
            return replace(reading, doubt="never_moved")
        return replace(reading, proof=self._proof(parked, track))

    def _proof(self, parked: Parked, track: Track) -> Proof:
        stand = parked.stand
        seen = measured_share(track.path, stand.since_s, stand.last_s)
        facts: dict[str, Fact] = {
            "dwell_s": round(stand.dwell_s, 1),
            "limit_s": self.limit_s,
            "zone_kind": self.zone_kind,
            "arrival_seen": stand.arrival_seen,
            "standing_neighbours": parked.company.waiting,
            "vehicles_passing": len(parked.company.passers),
            "measured_share": round(seen, 2),
        }
        sure = confidence(margins=(margin(stand.dwell_s, self.limit_s),), score=track.score, measured=seen)
        doubts = ("driver_unseen",) if self.zone_kind == "no_parking" else ()
        return Proof(confidence=sure, facts=facts, cannot_tell=doubts)
