"""Where one live camera's CPU goes, by thread and part: `python -m tests.pipelines.live.shares [--sub] [--settled]`.

The bench's street and scene are watched in real time by `phatnguoi run`; printed are ms of CPU a camera-second over one
round of the street. A part is what its functions take on their own thread (`time.thread_time`, its own cost included),
without the parts inside it; what is left of a thread's time stands as its rest. With `--bare` nothing is measured but
threads.
"""

import argparse
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import yaml

from cases.database import open_database
from cases.settings import load_settings
from cases.tracks import TrackLog
from detector.inference import default_registry_path
from detector.inference.openvino_graph import OpenVinoGraph
from detector.inference.reading import Reading
from detector.rules import RuleRunner
from detector.tracking.tracker import Tracker
from pipelines.bench.footage import MOVING_S, STILL_S, SUB_WH, make_footage, make_settled
from pipelines.bench.work import DUTY_STRETCH_S, FULL_DUTY_S, RATE_HZ, SAMPLE, dwell_scene, lawful_scene
from pipelines.live.clock import LiveClock
from pipelines.live.connection import Connection
from pipelines.live.engine import Engine
from pipelines.live.feeding import Feeding
from pipelines.live.gating import LiveGate
from pipelines.live.keeper import Keeper
from pipelines.live.reader import StreamReader
from pipelines.live.ring import Kept, PacketRing
from pipelines.live.run import LiveRequest, run_live
from pipelines.live.sight import Sight
from pipelines.live.status import CameraStatus
from pipelines.video.source import SourceFrame

PARTS: dict[tuple[type, str], str] = {
    (Connection, "packets"): "packets: demux and wait",
    (Kept, "of"): "packets: copy",
    (PacketRing, "add"): "packets: ring",
    (LiveClock, "hear"): "packets: clock",
    (LiveClock, "read"): "packets: clock",
    (StreamReader, "_rest"): "packets: sleep",
    (StreamReader, "_hear"): "packets: clock",
    (Feeding, "hear"): "packets: which are due",
    (StreamReader, "_decoded"): "decoding",
    (StreamReader, "_flushed"): "decoding",
    (StreamReader, "_hand_on"): "due frames handed on",
    (SourceFrame, "luma"): "scaling: luma for gate and view",
    (SourceFrame, "small"): "scaling: picture for the network",
    (Sight, "look"): "view's health",
    (LiveGate, "passes"): "gate",
    (LiveGate, "saw"): "gate",
    (Engine, "_serve"): "looking besides",
    (OpenVinoGraph, "_infer"): "inference",
    (Reading, "read"): "boxes out of the output",
    (Tracker, "step"): "tracker",
    (RuleRunner, "step"): "rules",
    (TrackLog, "note"): "log of tracks",
    (Keeper, "look"): "standpoint, made",
    (Keeper, "_do"): "standpoint, written",
    (Engine, "_step"): "judging besides",
}


class Meter:
    """CPU seconds of parts and threads so far."""

    def __init__(self) -> None:
        self.parts: dict[tuple[str, str], float] = defaultdict(float)
        self._open = threading.local()

    def watch(self) -> None:
        """Has every part measured from now on."""
        for (owner, name), part in PARTS.items():
            found = owner.__dict__[name]
            yields = name in ("packets", "_decoded", "_flushed")
            if isinstance(found, classmethod):
                setattr(owner, name, classmethod(self._timed(found.__func__, part)))
            elif isinstance(found, staticmethod):
                setattr(owner, name, staticmethod(self._timed(found.__func__, part)))
            else:
                setattr(owner, name, self._timed_steps(found, part) if yields else self._timed(found, part))

    def _timed(self, function: Callable[..., Any], part: str) -> Callable[..., Any]:
        def timed(*given: Any, **named: Any) -> Any:
            began_s, inside = time.thread_time(), self._inside()
            inside.append(0.0)
            try:
                return function(*given, **named)
            finally:
                self._close(part, time.thread_time() - began_s, inside)

        return timed

    def _timed_steps(self, function: Callable[..., Iterator[Any]], part: str) -> Callable[..., Iterator[Any]]:
        def timed(*given: Any, **named: Any) -> Iterator[Any]:
            step = self._timed(iter(function(*given, **named)).__next__, part)
            while True:
                try:
                    made = step()
                except StopIteration:
                    return
                yield made

        return timed

    def _inside(self) -> list[float]:
        if not hasattr(self._open, "spent_s"):
            self._open.spent_s = []
        spent_s: list[float] = self._open.spent_s
        return spent_s

    def _close(self, part: str, spent_s: float, inside: list[float]) -> None:
        own_s = spent_s - inside.pop()
        if inside:
            inside[-1] += spent_s
        self.parts[_role(threading.current_thread().name), part] += own_s


def _role(thread: str) -> str:
    """A thread's name without its camera, which is the same for all that do the same."""
    return thread if not thread.startswith("read ") else f"read {thread.rsplit(' ', 1)[1]}"


def _threads() -> dict[str, float]:
    """CPU seconds of every thread so far, by role; those that Python did not start are OpenVINO's and OpenCV's."""
    names = {thread.native_id: _role(thread.name) for thread in threading.enumerate()}
    spent: dict[str, float] = defaultdict(float)
    for task in Path("/proc/self/task").iterdir():
        ran_ns = int((task / "schedstat").read_text(encoding="ascii").split()[0])
        spent[names.get(int(task.name), "not Python's")] += ran_ns / 1e9
    return spent


@dataclass(slots=True)
class _Round:
    """What a stretch of stream time cost, told by the worker's own main thread.

    Attributes:
        stretch_s: from which to which second of the stream.
        meter: of parts.
        stop: set at its end.
        taken: when, parts, threads, the process's CPU: at both ends.
    """

    stretch_s: tuple[float, float]
    meter: Meter
    stop: Event
    taken: list[tuple[float, dict[tuple[str, str], float], dict[str, float], float]] = field(default_factory=list)
    began_s: float | None = None

    def look(self, statuses: Sequence[CameraStatus], _waiting: int) -> None:
        now_s = time.monotonic()
        if self.began_s is None and any(status.streams[0].packets for status in statuses):
            self.began_s = now_s
        if self.began_s is None or len(self.taken) == 2 or now_s - self.began_s < self.stretch_s[len(self.taken)]:
            return
        self.taken.append((now_s, dict(self.meter.parts), _threads(), time.process_time()))
        if len(self.taken) == 2:
            self.stop.set()

    def rows(self) -> Iterator[str]:
        """Threads with their parts, the dearest first; ms a camera-second."""
        (one_s, parts, threads, cpu_s), (two_s, parts_after, threads_after, cpu_after_s) = self.taken
        factor = 1e3 / (two_s - one_s)
        yield f"{'the process':48}{factor * (cpu_after_s - cpu_s):8.1f}"
        spent = {role: factor * (after_s - threads.get(role, 0.0)) for role, after_s in threads_after.items()}
        for role, ms in sorted(spent.items(), key=lambda item: -item[1]):
            own = {
                part: factor * (after_s - parts.get((role, part), 0.0))
                for (thread, part), after_s in parts_after.items()
                if thread == role
            }
            yield f"{role:48}{ms:8.1f}"
            for part, part_ms in sorted(own.items(), key=lambda item: -item[1]):
                yield f"    {part:44}{part_ms:8.1f}"
            if own:
                yield f"    {'the rest':44}{ms - sum(own.values()):8.1f}"


def shares(folder: Path, *, sub: bool = False, dwell: bool = False, settled: bool, bare: bool) -> Iterator[str]:
    """Watches a camera until the stretch is over; what it cost."""
    videos = [folder / "main.mp4", *([folder / "sub.mp4"] if sub else [])]
    since_s = DUTY_STRETCH_S[0]
    for video, size_wh in zip(videos, ((1920, 1080), SUB_WH), strict=False):
        if settled:
            since_s = make_settled(SAMPLE, video, rounds=2, size_wh=size_wh)
        else:
            make_footage(SAMPLE, video, length_s=FULL_DUTY_S, busy=False, size_wh=size_wh)
    (folder / "scene.yaml").write_text(yaml.safe_dump(dwell_scene() if dwell else lawful_scene()), encoding="utf-8")
    camera = {"scene": str(folder / "scene.yaml"), "stream": str(videos[0]), "fps": RATE_HZ}
    camera |= {"detect_stream": str(videos[1])} if sub else {}
    (folder / "cameras.yaml").write_text(yaml.safe_dump({"version": 1, "cameras": [camera]}), encoding="utf-8")
    settings = load_settings(data_dir=folder / "data")
    open_database(settings.database).close()
    meter = Meter()
    if not bare:
        meter.watch()
    stop = Event()
    watched = _Round((since_s, since_s + MOVING_S + STILL_S), meter, stop)
    request = LiveRequest(cameras=folder / "cameras.yaml", network=None, registry=default_registry_path())
    (status,) = run_live(request, settings, stop=stop, reload=Event(), on_status=watched.look)
    yield f"{status.analysed} looks, {status.held} held, {status.undecoded} undecoded, {status.dropped} dropped"
    yield from watched.rows()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    of = parser.add_mutually_exclusive_group()
    of.add_argument("--sub", action="store_true", help="look at a 640 x 360 stream")
    of.add_argument("--dwell", action="store_true", help="rules on standing alone, keyframes alone")
    parser.add_argument("--settled", action="store_true", help="sizes of packets are believed")
    parser.add_argument("--bare", action="store_true", help="threads alone")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="phatnguoi-shares-") as name:
        print("\n".join(shares(Path(name), **vars(arguments))))


if __name__ == "__main__":
    main()
