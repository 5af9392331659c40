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
from detector.types import FrameStamp, Track, TrackedFrame, Violation, Window

PIXEL_ZONES = (ZoneKind.SIDEWALK, ZoneKind.LOAD_CHECK)
"""Zones whose rules need more than boxes: the pixels in them are looked at while watching."""


class Replay:
    """One source's tracks before one scene."""

    def __init__(self, scene: Scene, source_id: str, window: Window | None = None) -> None:
        """`window`: the part of the picture that was looked at, None where it was the whole."""
        self._rules = RuleRunner(scene, source_id, window)
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


def blind_spots(scene: Scene, watched_by: Scene, window: Window | None = None) -> list[str]:
    """Ids of zones and turns about which kept tracks do not say all: who or what was there was not looked at.

    Args:
        scene: the drawing.
        watched_by: the scene by which the tracks came to be.
        window: the part of the picture that was looked at then, None where it was the whole.
    """
    looked = {_outline(zone) for zone in watched_by.zones_of(*PIXEL_ZONES)}
    ignored = {_outline(zone) for zone in scene.zones_of(ZoneKind.IGNORE)}
    unseen = [zone.id for zone in scene.zones_of(*PIXEL_ZONES) if _outline(zone) not in looked]
    unseen += _beyond(scene, window or Window.whole(scene.size))
    unseen += [zone.id for zone in watched_by.zones_of(ZoneKind.IGNORE) if _outline(zone) not in ignored]
    return list(dict.fromkeys(unseen))


def _beyond(scene: Scene, window: Window) -> Iterator[str]:
    """Ids of what was drawn that reaches beyond what was looked at."""
    drawn = [(zone.id, zone.polygon) for zone in scene.zones if zone.kind is not ZoneKind.IGNORE]
    drawn += [(turn.id, (*turn.enter, *turn.leave)) for turn in scene.turns]
    return (name for name, points in drawn if not all(window.holds(*point) for point in points))


def _outline(zone: Zone) -> tuple[ZoneKind, object]:
    return zone.kind, zone.polygon


def _over(output: RuleOutput) -> Iterable[Violation]:
    return (violation for violation in output.violations if violation.finding.final)
