"""Kept tracks through the rules of a scene: what it would have said of the same traffic.

Pure: frames in, final violations out. Goods found by their lasting foreground are only known where the scene that
watched had a pavement, and loads where it had a load zone; `blind_spots` names what of a scene kept tracks cannot tell.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from detector.lane import LONGEST_HOLE_S
from detector.rules import RuleOutput, RuleRunner
from detector.rules.geometry import Area
from detector.scene import Scene, Zone, ZoneKind
from detector.types import FrameStamp, Track, TrackedFrame, Violation

PIXEL_ZONES = (ZoneKind.SIDEWALK, ZoneKind.LOAD_CHECK)
"""Zones whose rules need more than boxes: the pixels in them are looked at while watching."""


class Replay:
    """One source's tracks before one scene."""

    def __init__(self, scene: Scene, source_id: str) -> None:
        self._rules = RuleRunner(scene, source_id)
        self._ignored = tuple(Area(zone.polygon) for zone in scene.zones_of(ZoneKind.IGNORE))
        self._last: FrameStamp | None = None

    def step(self, frame: TrackedFrame) -> Iterator[Violation]:
        """Acts that are over at this frame; one from before the frame before it is let go."""
        last = self._last
        if last is not None and last.epoch == frame.stamp.epoch and frame.stamp.t_s <= last.t_s:
            return
        self._last = frame.stamp
        if last is not None and last.epoch != frame.stamp.epoch:
            if 0 < frame.stamp.t_s - last.t_s <= LONGEST_HOLE_S:
                self._rules.bridge(frame.stamp.epoch)
        elif last is not None and frame.stamp.t_s - last.t_s > LONGEST_HOLE_S:
            yield from self.finish()
        if self._ignored:
            frame = replace(frame, tracks=tuple(track for track in frame.tracks if not self._ignores(track)))
        yield from _over(self._rules.step(frame))

    def _ignores(self, track: Track) -> bool:
        return any(track.foot_px in area for area in self._ignored)

    def finish(self) -> Iterator[Violation]:
        """Acts still open: nothing follows."""
        yield from _over(self._rules.finish())


def blind_spots(scene: Scene, watched_by: Scene) -> list[str]:
    """Ids of zones about which kept tracks do not say all: their pixels, or who was in them, were not looked at."""
    looked = {_outline(zone) for zone in watched_by.zones_of(*PIXEL_ZONES)}
    ignored = {_outline(zone) for zone in scene.zones_of(ZoneKind.IGNORE)}
    unseen = [zone.id for zone in scene.zones_of(*PIXEL_ZONES) if _outline(zone) not in looked]
    return unseen + [zone.id for zone in watched_by.zones_of(ZoneKind.IGNORE) if _outline(zone) not in ignored]


def _outline(zone: Zone) -> tuple[ZoneKind, object]:
    return zone.kind, zone.polygon


def _over(output: RuleOutput) -> Iterable[Violation]:
    return (violation for violation in output.violations if violation.finding.final)
