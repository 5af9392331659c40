"""One contestant in a process of its own: `python -m pipelines.bench.child CONTESTANT JSON` prints one JSON line.

`wall_s` and `cpu_s` run from the first frame asked for to the last verdict, the network being loaded already on both
sides; starting up, with all that is loaded, and a stretch in which nothing starts or ends are told apart (`laps`). Peak
memory is the whole process's.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles
from threading import Event
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detector.inference import Backend
    from pipelines.bench.laps import Laps
    from pipelines.live.status import CameraStatus

Measured = dict[str, float]


def decode(work: dict[str, Any]) -> Measured:
    """Bare decoding of every frame, the floor under everything."""
    from pipelines.video.recording import open_recording
    from pipelines.video.source import open_source

    laps = _laps(work)
    source = open_source(open_recording(Path(work["video"])))

    def run() -> None:
        for frame in source.frames():
            laps.reached(frame.t_s)

    return laps.timed(run)


def batch(work: dict[str, Any]) -> Measured:
    """`phatnguoi batch`, whole: decoding, network, tracker, rules, segments, evidence, cases."""
    from cases.database import open_database
    from cases.settings import load_settings
    from detector.inference import load_registry
    from pipelines.batch import BatchRequest, open_street_network, raise_defects, run_batch
    from pipelines.bench.laps import TimedBackend

    laps = _laps(work)
    registry_path = Path(work["registry"])
    registry = load_registry(registry_path)
    name = work["network"] or registry.defaults["detect"]
    opened = open_street_network(registry.network(name))
    _warm(opened, Path(work["video"]))
    backend = TimedBackend(opened, laps)
    request = BatchRequest(
        videos=(Path(work["video"]),),
        scene=Path(work["scene"]),
        events=Path(work["folder"]) / "events.jsonl",
        rate_hz=work["rate_hz"],
        start_at=None,
        picture_fps=None,
        network=name,
        registry=registry_path,
    )
    settings = load_settings(data_dir=Path(work["folder"]))
    open_database(settings.database).close()

    def run() -> None:
        done = run_batch(
            request, settings, stop=Event(), on_progress=lambda *_: None, open_network=lambda _network: backend
        )
        raise_defects(done.defects)

    return laps.timed(run)


def live(work: dict[str, Any]) -> Measured:
    """`phatnguoi run` on one camera whose streams are files played at their own pace."""
    from cases.database import open_database
    from cases.settings import load_settings
    from detector.inference import load_registry, open_backend
    from pipelines.batch import SCORE_FLOOR
    from pipelines.bench.laps import TimedBackend
    from pipelines.live.run import LiveRequest, run_live

    laps = _laps(work)
    registry_path = Path(work["registry"])
    registry = load_registry(registry_path)
    opened = open_backend(registry.network(work["network"]), score_min=SCORE_FLOOR)
    _warm(opened, Path(work["video"]))
    backend = TimedBackend(opened, laps)
    settings = load_settings(data_dir=Path(work["folder"]))
    open_database(settings.database).close()
    request = LiveRequest(cameras=_cameras(work), network=work["network"], registry=registry_path)
    ended: list[CameraStatus] = []

    def run() -> None:
        ended.extend(
            run_live(
                request,
                settings,
                stop=Event(),
                reload=Event(),
                on_status=lambda *_: None,
                open_network=lambda _network: backend,
            )
        )

    measured = laps.timed(run)
    # A camera that is taken for frozen costs nothing: what is not judged must be told.
    (status,) = ended
    return measured | {"blind": float(status.blind), "lost": float(status.dropped + status.stale)}


def _cameras(work: dict[str, Any]) -> Path:
    """A camera file of one camera."""
    import yaml

    camera = {"scene": work["scene"], "stream": work["video"], "fps": work["rate_hz"]}
    if work.get("sub"):
        camera["detect_stream"] = work["sub"]
    path = Path(work["folder"]) / "cameras.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"version": 1, "cameras": [camera]}), encoding="utf-8")
    return path


def latency(work: dict[str, Any]) -> Measured:
    """One frame at a time: from a decoded frame to the rules' verdict."""
    from detector.inference import Picture, load_registry, open_backend
    from detector.lane import Lane
    from detector.types import FrameStamp
    from pipelines.batch import SCORE_FLOOR
    from pipelines.sampling import SlotSampler
    from pipelines.scene_file import load_scene
    from pipelines.video.recording import open_recording
    from pipelines.video.source import open_source

    registry = load_registry(Path(work["registry"]))
    backend = open_backend(registry.network(work["network"] or registry.defaults["detect"]), score_min=SCORE_FLOOR)
    recording = open_recording(Path(work["video"]))
    box = backend.letterbox(recording.size_wh)
    lane = Lane(load_scene(Path(work["scene"])).scene, recording.sha256, calibration=backend.calibration)
    sampler = SlotSampler(work["rate_hz"])
    seconds = []
    for index, frame in enumerate(f for f in open_source(recording).frames() if sampler.wants(f.t_s)):
        began = time.perf_counter()
        found = backend.submit(Picture.framed(frame.small(box.inner_wh), box, t_s=frame.t_s)).result()
        stamp = FrameStamp(
            camera_id="BENCH", epoch=0, index=index, pts=frame.pts, t_s=frame.t_s, seen_at=None, clock=frame.clock
        )
        lane.step(stamp, found)
        seconds.append(time.perf_counter() - began)
    backend.close()
    cuts = quantiles(seconds[1:], n=20)
    return {"latency_p50_s": cuts[9], "latency_p95_s": cuts[18]}


def ultralytics(work: dict[str, Any]) -> Measured:
    """Ultralytics' `YOLO.track(stream=True)`: the same OpenVINO weights, stride and tracker family (ByteTrack)."""
    os.environ["YOLO_OFFLINE"] = "1"
    from ultralytics import YOLO

    import detector.inference.private_openvino  # noqa: F401  # before Ultralytics loads OpenVINO with its reports

    laps = _laps(work)

    model = YOLO(work["peer_model"], task="detect")
    arguments = {
        "stream": True,
        "vid_stride": work["stride"],
        "tracker": "bytetrack.yaml",
        "imgsz": work["imgsz"],
        "conf": 0.1,
        "verbose": False,
        "device": "cpu",
    }
    next(iter(model.track(work["warm_up"], **{**arguments, "stream": False})), None)

    def run() -> None:
        for number, _ in enumerate(model.track(work["video"], **arguments)):
            laps.reached(number / work["rate_hz"])

    return laps.timed(run)


CONTESTANTS: dict[str, Callable[[dict[str, Any]], Measured]] = {
    "decode": decode,
    "batch": batch,
    "live": live,
    "latency": latency,
    "ultralytics": ultralytics,
}


def _warm(backend: "Backend", video: Path) -> None:
    """Compiles the network for this recording's shape, as the peer has done by its first frame."""
    import numpy as np

    from detector.inference import Picture
    from pipelines.video.recording import open_recording

    box = backend.letterbox(open_recording(video).size_wh)
    grey = np.full((box.inner_wh[1], box.inner_wh[0], 3), 114, np.uint8)
    backend.submit(Picture.framed(grey, box)).result()


def _peak_mb() -> float:
    """The process's own peak: getrusage would count what the parent held when it forked."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def _laps(work: dict[str, Any]) -> "Laps":
    from pipelines.bench.laps import Laps

    return Laps(asked_at=work["asked_at"], stretch_s=work["stretch_s"])


def main() -> None:
    """Runs the contestant named on the command line."""
    measured = CONTESTANTS[sys.argv[1]](json.loads(sys.argv[2]))
    print(json.dumps(measured | {"peak_mb": _peak_mb()}))


if __name__ == "__main__":
    main()
