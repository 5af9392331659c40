"""One event per act: findings of one vehicle's one act are entered into one open case of the book.

Several rules or tracks may report the same act: a track broken in two, two boxes on one vehicle, two zones of a
kind that overlap, the pieces of one stall's goods. The first finding opens the act and fixes its id; later ones
join it silently; when all have said their last word, one final finding covers them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from detector.rules.motion import TWO_WHEELERS
from detector.rules.report import moments
from detector.rules.same import continuation_miss, last_seen, mixed, same_act, same_place, same_rider
from detector.types import Finding, ObjectClass, Track, ViolationKind
from detector.types.violation import PathRow

Key = tuple[int, int]
"""Index of the rule, id of the track."""
LONG_VEHICLES = frozenset({ObjectClass.BUS, ObjectClass.TRUCK})
LATEST_POINTS = 100
"""Whether two living tracks lie on each other is judged by so many of their latest points."""


@dataclass(slots=True)
class OpenAct:
    """One act being told; `parts` holds the latest finding of every rule and track that tells of it."""

    id: str
    parts: dict[Key, Finding]
    lost: dict[int, Track] = field(default_factory=dict)
    """Tracks of the act that ended; each may be continued by one other track."""
    heirs: dict[int, int] = field(default_factory=dict)
    """Lost track -> the living track that seems to continue it."""

    @property
    def kind(self) -> ViolationKind:
        """What the act is."""
        return next(iter(self.parts.values())).kind

    @property
    def tracks(self) -> set[int]:
        """Ids of all tracks that told of it."""
        return {track_id for _, track_id in self.parts}

    @property
    def told(self) -> bool:
        """Whether every part has been reported as over."""
        return all(part.final for part in self.parts.values())

    @property
    def end_s(self) -> float:
        """Latest time any part reaches."""
        return max(part.t_end_s for part in self.parts.values())


class ActBook:
    """All acts that are not over; the runner's memory of what it has already reported."""

    def __init__(self, handover_s: float) -> None:
        self._handover_s = handover_s
        self._acts: list[OpenAct] = []

    def __len__(self) -> int:
        return len(self._acts)

    def enter(
        self, key: Key, finding: Finding, living: Mapping[int, Track], name: Callable[[Finding], str]
    ) -> tuple[str, Finding] | None:
        """The id and finding to report when it opens a new act; None when it joins one that is already told."""
        for act in self._acts:
            if key in act.parts and not act.parts[key].final:
                act.parts[key] = finding
                return None
        for act in self._acts:
            if self._belongs(act, finding, living):
                act.parts[key] = _joined(act.parts.get(key), finding)
                return None
        opened = OpenAct(id=name(finding), parts={key: finding})
        self._acts.append(opened)
        return opened.id, replace(finding, final=False)

    def lose(self, track: Track) -> None:
        """Notes that a track is over; the acts it told of wait for one that continues it."""
        for act in self._acts:
            if track.id in act.tracks:
                act.lost[track.id] = track

    def close(self, now_s: float, living: Mapping[int, Track]) -> list[tuple[str, Finding]]:
        """Ids and final findings of the acts that are over now."""
        for act in self._acts:
            self._find_heirs(act, now_s, living)
        over = [act for act in self._acts if act.told and not self._waits(act, now_s, living)]
        self._acts = [act for act in self._acts if act not in over]
        return [(act.id, combined(act)) for act in over]

    def close_all(self) -> list[tuple[str, Finding]]:
        """Ids and final findings of everything still open: the source or epoch is over."""
        over, self._acts = self._acts, []
        return [(act.id, combined(act)) for act in over]

    def _belongs(self, act: OpenAct, finding: Finding, living: Mapping[int, Track]) -> bool:
        if any(same_act(part, finding) for part in act.parts.values() if not _sooner_told(part, finding, living)):
            return True
        born = living.get(finding.track_id)
        if born is None or finding.kind is not act.kind:
            return False
        tellers = [living[track_id] for track_id in sorted(act.tracks) if track_id in living]
        if any(_same_place(track, finding) or _same_rider(track, finding) for track in tellers):
            return True
        if born.id in act.heirs.values():
            return True
        gone = [act.lost.get(track_id) or living.get(track_id) for track_id in act.tracks - act.heirs.keys()]
        for track in gone:
            if track is not None and continuation_miss(track, born, self._handover_s) is not None:
                act.heirs[track.id] = born.id
                return True
        return False

    def _find_heirs(self, act: OpenAct, now_s: float, living: Mapping[int, Track]) -> None:
        for lost in act.lost.values():
            if lost.id in act.heirs or now_s - last_seen(lost).t_s > 2 * self._handover_s:
                continue
            misses = {
                track.id: miss
                for track in living.values()
                if track.id not in act.tracks and (miss := continuation_miss(lost, track, self._handover_s)) is not None
            }
            if misses:
                act.heirs[lost.id] = min(misses, key=lambda track_id: (misses[track_id], track_id))

    def _waits(self, act: OpenAct, now_s: float, living: Mapping[int, Track]) -> bool:
        """Whether a lost track may yet be continued, or the one that continues it has not said its last word."""
        if any(heir in living and heir not in act.tracks for heir in act.heirs.values()):
            return True
        open_ends = [track for track in act.lost.values() if track.id not in act.heirs]
        return any(now_s - last_seen(track).t_s <= self._handover_s for track in open_ends)


def _sooner_told(part: Finding, finding: Finding, living: Mapping[int, Track]) -> bool:
    """Whether a part of another kind of vehicle lives on: its track has seen more than its finding of when it began."""
    return part.track_id in living and part.track_id != finding.track_id and mixed(part.vehicle, finding.vehicle)


def _same_place(track: Track, finding: Finding) -> bool:
    return same_place(_rows(track), finding.path, mixed=mixed(track.kind, finding.vehicle))


def _same_rider(track: Track, finding: Finding) -> bool:
    return {track.kind, finding.vehicle} <= TWO_WHEELERS and same_rider(_rows(track), finding.path)


def _rows(track: Track) -> tuple[PathRow, ...]:
    return tuple((point.t_s, *point.xyxy) for point in track.path[-LATEST_POINTS:] if point.measured)


def _joined(earlier: Finding | None, finding: Finding) -> Finding:
    """A second stretch of the same rule and track: the path keeps the first one's rows."""
    if earlier is None:
        return finding
    return replace(finding, t_start_s=earlier.t_start_s, path=_merged_rows(earlier.path, finding.path))


def combined(act: OpenAct) -> Finding:
    """One final finding over all parts: the opener's words, the surest part's path, everybody's time, a known class."""
    parts = list(act.parts.values())
    opener = parts[0]
    surest, *others = sorted(parts, key=_rank, reverse=True)
    rows = surest.path
    for part in others:
        rows = _merged_rows(rows, part.path)
    return replace(
        opener,
        vehicle=next((part.vehicle for part in (surest, *others) if part.vehicle is not None), None),
        t_start_s=min(part.t_start_s for part in parts),
        t_end_s=act.end_s,
        confidence=max(part.confidence for part in parts),
        path=rows,
        moments=moments(rows, min(part.t_start_s for part in parts), act.end_s),
        cannot_tell=tuple(dict.fromkeys(reason for part in parts for reason in part.cannot_tell)),
        final=True,
    )


def _rank(part: Finding) -> tuple[float, float]:
    """Whose path is told first: of a long vehicle the larger boxes (a cabin is not the truck), else the surest."""
    if part.vehicle not in LONG_VEHICLES:
        return 0.0, part.confidence
    _, x1, y1, x2, y2 = part.path[len(part.path) // 2]
    return (x2 - x1) * (y2 - y1), part.confidence


def _merged_rows(rows: tuple[PathRow, ...], more: tuple[PathRow, ...]) -> tuple[PathRow, ...]:
    """The first path, with the rows of the second from times the first does not cover."""
    first, last = rows[0][0], rows[-1][0]
    before = [row for row in more if row[0] < first - 1e-6]
    after = [row for row in more if row[0] > last + 1e-6]
    return (*before, *rows, *after)
