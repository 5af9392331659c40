"""A drawing tried on the tracks of the last hours: which acts would appear, which would vanish, which would stay.

The same tracks go through the scene they were watched by and through the drawing, so that only the drawing differs. It
takes minutes of computing for a day of a busy street, so the server runs it as a process of its own:
`python -m cases.trial DATA/tracks CAMERA HOURS < drawing`, a line of progress for each stretch, then the outcome.
"""

import math
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from cases.tracks import Stretch, count_stretches, stretches
from detector.replay import Replay, blind_spots
from detector.rules.stature import Stature
from detector.scene import Scene, parse_scene, scene_hash
from detector.tape import Player
from detector.types import Violation, ViolationKind, Window

MOST_ACTS = 500
"""More are counted, not listed: a drawing that accuses so many is wrong, and a page of them says no more."""
PATH_POINTS = 60
TOGETHER_S = 5.0
"""Acts of one road user under both scenes that lie no further apart are one act, judged at other moments."""


class Effect(StrEnum):
    """What a drawing does to an act."""

    APPEARS = "appears"
    VANISHES = "vanishes"
    STAYS = "stays"


class TrialAct(BaseModel):
    """One act under the drawing, or under the scene before it when it vanishes.

    Attributes:
        source_id: the recording or stream.
        path: rows `t_s, x1, y1, x2, y2`, px, at most `PATH_POINTS`.
    """

    model_config = ConfigDict(frozen=True)

    effect: Effect
    kind: ViolationKind
    zone_id: str
    vehicle: str | None
    source_id: str
    start_s: float
    end_s: float
    start_at: datetime | None
    confidence: float
    reminder_only: bool
    path: list[tuple[float, float, float, float, float]]


class TrialOutcome(BaseModel):
    """What came of a trial.

    Attributes:
        watched_s: stream seconds looked through; `first_at` and `last_at` are None without a calendar.
        counts: acts by effect, all of them.
        acts: at most `MOST_ACTS`; those that change come first.
        blind: zones about which kept tracks do not say all (see `detector.replay.blind_spots`).
        unfit: stretches left out because their pictures have another size than the drawing.
        unlikely_rider_m: how high riders are by the drawing's ground where they cannot be, m (see
            `detector.rules.stature`).
    """

    model_config = ConfigDict(frozen=True)

    watched_s: float
    first_at: datetime | None
    last_at: datetime | None
    counts: dict[Effect, int]
    acts: list[TrialAct]
    blind: list[str]
    unfit: int
    unlikely_rider_m: float | None


class Progress(BaseModel):
    """How far a trial is."""

    done: int
    total: int


def run_trial(root: Path, camera_id: str, scene: Scene, *, hours: float) -> Iterator[Progress | TrialOutcome]:
    """Progress after each stretch, then the outcome.

    Args:
        root: see `cases.tracks.tracks_folder`.
        scene: the drawing.
        hours: how far back stretches are taken, by when they were written.
    """
    trial = _Trial(scene)
    total = count_stretches(root, camera_id, hours=hours)
    yield Progress(done=0, total=total)
    for done, stretch in enumerate(stretches(root, camera_id, hours=hours), 1):
        trial.look(stretch)
        yield Progress(done=done, total=max(total, done))
    yield trial.outcome()


class _Act(NamedTuple):
    """One act under one scene and whose it is, small: a day under a wrong drawing holds tens of thousands.

    Attributes:
        path: as `TrialAct`, its times counted from `start_s`.
    """

    kind: ViolationKind
    track_id: int
    source_id: str
    start_s: float
    end_s: float
    zone_id: str
    vehicle: str | None
    start_at: datetime | None
    confidence: float
    reminder_only: bool
    path: NDArray[np.float32]

    @classmethod
    def of(cls, act: Violation) -> "_Act":
        finding = act.finding
        step = max(-(-len(finding.path) // PATH_POINTS), 1)
        return cls(
            kind=finding.kind,
            track_id=finding.track_id,
            source_id=act.source_id,
            start_s=finding.t_start_s,
            end_s=finding.t_end_s,
            zone_id=finding.zone_id,
            vehicle=finding.vehicle.label if finding.vehicle is not None else None,
            start_at=act.start_at,
            confidence=finding.confidence,
            reminder_only=finding.reminder_only,
            path=(np.array(finding.path[::step]).reshape(-1, 5) - (finding.t_start_s, 0, 0, 0, 0)).astype(np.float32),
        )

    @property
    def whose(self) -> tuple[str, ViolationKind, int]:
        return self.source_id, self.kind, self.track_id

    def told(self, effect: Effect) -> TrialAct:
        rows = np.add(self.path.astype(float), (self.start_s, 0, 0, 0, 0)).round(3).tolist()
        return TrialAct(
            effect=effect,
            kind=self.kind,
            zone_id=self.zone_id,
            vehicle=self.vehicle,
            source_id=self.source_id,
            start_s=round(self.start_s, 3),
            end_s=round(self.end_s, 3),
            start_at=self.start_at,
            confidence=round(self.confidence, 3),
            reminder_only=self.reminder_only,
            path=[tuple(row) for row in rows],
        )


class _Side:
    """The acts of one of the two scenes over all sources."""

    def __init__(self) -> None:
        self.acts: list[_Act] = []
        self._replay: Replay | None = None
        self._player: Player | None = None
        self._key: tuple[str, str, Window | None] | None = None

    def look(self, stretch: Stretch, scene: Scene, stature: Stature | None = None) -> None:
        key = stretch.source_id, scene_hash(scene), stretch.window
        if self._replay is None or self._player is None or key != self._key:
            self.close()
            self._replay, self._key = Replay(scene, stretch.source_id, stretch.window), key
            self._player = Player(stretch.camera_id, scene.fitted_ground)
        for frame in self._player.play(stretch.arrays):
            if stature is not None:
                stature.look(frame)
            self.acts += map(_Act.of, self._replay.step(frame))

    def close(self) -> None:
        if self._replay is not None:
            self.acts += map(_Act.of, self._replay.finish())
        self._replay = self._player = self._key = None


class _Trial:
    """Both scenes over the same stretches."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._before, self._after = _Side(), _Side()
        self._watched_s = 0.0
        self._seen_s: list[float] = []
        self._blind: dict[str, None] = {}
        self._unfit = 0
        self._stature = Stature(scene.fitted_ground, Window.whole(scene.size))

    def look(self, stretch: Stretch) -> None:
        watched_by = stretch.scene
        if watched_by.size != self._scene.size:
            self._unfit += 1
            return
        self._blind |= dict.fromkeys(blind_spots(self._scene, watched_by, stretch.window))
        times = stretch.arrays["t_s"]
        self._watched_s += float(times[-1] - times[0])
        self._seen_s += [float(seen_s) for seen_s in stretch.arrays["seen_s"][[0, -1]] if math.isfinite(seen_s)]
        self._before.look(stretch, watched_by)
        self._after.look(stretch, self._scene, self._stature)

    def outcome(self) -> TrialOutcome:
        rider_m = self._stature.unlikely_m
        self._before.close()
        self._after.close()
        found = sorted(self._acts(), key=lambda one: (one[0] is Effect.STAYS, one[1].source_id, one[1].start_s))
        days = [datetime.fromtimestamp(seen_s, UTC) for seen_s in self._seen_s]
        return TrialOutcome(
            watched_s=round(self._watched_s, 1),
            first_at=min(days, default=None),
            last_at=max(days, default=None),
            counts={effect: sum(one is effect for one, _ in found) for effect in Effect},
            acts=[act.told(effect) for effect, act in found[:MOST_ACTS]],
            blind=list(self._blind),
            unfit=self._unfit,
            unlikely_rider_m=None if rider_m is None else round(rider_m, 2),
        )

    def _acts(self) -> Iterator[tuple[Effect, _Act]]:
        left: dict[tuple[str, ViolationKind, int], list[_Act]] = {}
        for act in self._before.acts:
            left.setdefault(act.whose, []).append(act)
        for act in self._after.acts:
            mine = left.get(act.whose, [])
            twin = next((place for place, one in enumerate(mine) if _together(one, act)), None)
            if twin is not None:
                del mine[twin]
            yield Effect.APPEARS if twin is None else Effect.STAYS, act
        yield from ((Effect.VANISHES, act) for mine in left.values() for act in mine)


def _together(one: _Act, other: _Act) -> bool:
    return one.start_s <= other.end_s + TOGETHER_S and other.start_s <= one.end_s + TOGETHER_S


def main() -> None:
    """The process: see the module."""
    root, camera_id, hours = sys.argv[1:4]
    scene = parse_scene(sys.stdin.read(), name="drawing")
    for told in run_trial(Path(root), camera_id, scene, hours=float(hours)):
        print(told.model_dump_json(), flush=True)


if __name__ == "__main__":
    main()
