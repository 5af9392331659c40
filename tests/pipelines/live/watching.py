"""One camera's watch built as a worker builds it, without any thread."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.live.camera_file import load_roster
from pipelines.live.server_clock import ServerClock
from pipelines.live.tempo import Tempo
from pipelines.live.watch import Watch, build_watch
from tests.pipelines.live.parked import parked_at, write_kerb
from tests.pipelines.live.seeing import SeeingBackend, write_cameras


@contextmanager
def kerb_watch(folder: Path) -> Iterator[Watch]:
    """The kerb's."""
    write_kerb(folder, "KERB", limit_s=60)
    with watch_of(folder, "scene: KERB.yaml, stream: rtsp://h/a") as watch:
        yield watch


@contextmanager
def watch_of(folder: Path, entry: str) -> Iterator[Watch]:
    """That of the only entry of a camera file in the folder."""
    (camera,) = load_roster(write_cameras(folder, entry)).cameras
    watch = build_watch(
        camera,
        folder=folder / f"camera-{camera.id}",
        backend=SeeingBackend(objects=parked_at),
        loads=None,
        server_clock=ServerClock(None),
        on_frame=lambda _frame: False,
        save_tracks=lambda _stretch: None,
        tempo=Tempo(),
    )
    yield watch
    watch.checkpoint.close()
