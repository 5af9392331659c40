"""Other people's trackers behind one shape, for the comparison in `docs/tracking.md`.

Each entry makes a function (t_s, Detections) -> (ids, boxes of this frame). All get the same detections, the same
scores for high, low and new, and the same 2 s of patience. Libraries that are not installed are left out by name.
"""

from argparse import Namespace
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from detector.tracking import Tracker
from detector.types import ClockGrade, Detections, FrameStamp

Output = tuple[NDArray[np.intp], NDArray[np.float64]]
Step = Callable[[float, Detections], Output]
HIGH, LOW, NEW, PATIENCE_S = 0.35, 0.1, 0.3, 2.0


def stamp(t_s: float, index: int = 0) -> FrameStamp:
    """A stamp that differs in its time only."""
    return FrameStamp(camera_id="measure", epoch=0, index=index, pts=None, t_s=t_s, seen_at=None, clock=ClockGrade.PTS)


def ours(fps: float, size_wh: tuple[int, int]) -> Step:
    """This project's tracker; like the others it answers with measured boxes only."""
    tracker = Tracker(ground=None, size_wh=size_wh)

    def step(t_s: float, detections: Detections) -> Output:
        tracks = [track for track in tracker.step(stamp(t_s), detections).tracks if track.measured]
        ids = np.array([track.id for track in tracks], np.intp)
        return ids, np.array([track.xyxy for track in tracks], float).reshape(-1, 4)

    return step


def ultralytics(kind: str, fps: float, match: float) -> Step:
    """Ultralytics' ByteTrack or BoT-SORT (without camera motion and re-identification networks)."""
    from ultralytics.engine.results import Boxes
    from ultralytics.trackers import bot_sort, byte_tracker

    args = Namespace(
        track_high_thresh=HIGH, track_low_thresh=LOW, new_track_thresh=NEW, track_buffer=round(PATIENCE_S * fps),
        match_thresh=match, fuse_score=True, gmc_method="none", proximity_thresh=0.5, appearance_thresh=0.8,
        with_reid=False, model="auto",
    )  # fmt: skip
    tracker = (bot_sort.BOTSORT if kind == "botsort" else byte_tracker.BYTETracker)(args)

    def step(t_s: float, detections: Detections) -> Output:
        rows = np.column_stack([detections.xyxy, detections.score, detections.kind]).astype(np.float32)
        found = tracker.update(Boxes(rows, (720, 1280)), np.zeros((720, 1280, 3), np.uint8))
        found = np.asarray(found, float).reshape(-1, 8)
        return found[:, 4].astype(np.intp), found[:, :4]

    return step


def roboflow(name: str, fps: float, **gates: float) -> Step:
    """One of Roboflow's `trackers`; their buffer counts frames of 30 per second."""
    import supervision
    import trackers

    options = {"lost_track_buffer": round(PATIENCE_S * 30), "frame_rate": fps, "high_conf_det_threshold": HIGH, **gates}
    if name != "OCSORTTracker":
        options["track_activation_threshold"] = NEW
    if name == "BoTSORTTracker":
        options["enable_cmc"] = False
    tracker = getattr(trackers, name)(**options)

    def step(t_s: float, detections: Detections) -> Output:
        given = supervision.Detections(
            xyxy=detections.xyxy, confidence=detections.score, class_id=detections.kind.astype(int)
        )
        found = tracker.update(given)
        ids = np.asarray(found.tracker_id if found.tracker_id is not None else [], np.intp)
        known = ids >= 0
        return ids[known], found.xyxy[known].astype(float)

    return step


Maker = Callable[[float, tuple[int, int]], Step]
ROBOFLOW: dict[str, Maker] = {
    "trackers ByteTrack": lambda fps, _: roboflow("ByteTrackTracker", fps),
    "trackers OC-SORT": lambda fps, _: roboflow("OCSORTTracker", fps),
    "trackers OC-SORT, IoU 0.1": lambda fps, _: roboflow("OCSORTTracker", fps, minimum_iou_threshold=0.1),
    "trackers BoT-SORT": lambda fps, _: roboflow("BoTSORTTracker", fps),
    "trackers C-BIoU": lambda fps, _: roboflow("CBIoUTracker", fps),
    "trackers C-BIoU, wide": lambda fps, _: roboflow(
        "CBIoUTracker", fps, buffer_ratio_first=0.7, buffer_ratio_second=1.0, minimum_iou_threshold_first_assoc=0.1
    ),
}
ULTRALYTICS: dict[str, Maker] = {
    "Ultralytics ByteTrack": lambda fps, _: ultralytics("bytetrack", fps, 0.8),
    "Ultralytics ByteTrack, IoU 0.05": lambda fps, _: ultralytics("bytetrack", fps, 0.95),
    "Ultralytics BoT-SORT": lambda fps, _: ultralytics("botsort", fps, 0.8),
}


def installed() -> dict[str, Maker]:
    """Every tracker that can run here, ours first."""
    makers: dict[str, Maker] = {"phatnguoi": ours}
    if find_spec("trackers") and find_spec("supervision"):
        makers |= ROBOFLOW
    if find_spec("ultralytics") and find_spec("lap"):
        makers |= ULTRALYTICS
    return makers
