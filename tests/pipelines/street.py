"""A small street for tests of the main job: a real encoded recording, its scene, and what moves there as a script.

Four motorcycles ride up a lane that leads down, one after another; a car drives down it. All of it happens in the
lower half of the picture, below the bars that number the frames. `open_scripted` stands in for the network, so that
everything else of the main job runs for real.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from cases.database import open_database, read_transaction, sqlite_url
from cases.records import Case
from cases.settings import Settings
from detector.inference import Backend, Network
from detector.inference.scripted import ScriptedBackend, ScriptedFrame
from pipelines.batch import BatchRequest, BatchResult, OnNetworks, run_batch
from tests.footage_maker import numbered, write_video

SIZE_WH = (640, 360)
FPS = 10
LENGTH_S = 24.0
FRAMES = round(LENGTH_S * FPS)
RIDES_S = (1.0, 6.0, 11.0, 16.0)
"""When each wrong-way ride begins."""
RIDE_LASTS_S = 4.0
ALWAYS = ""
BY_DAY = "calendar: [{from: '06:00', to: '22:00'}]"


@dataclass(frozen=True, slots=True)
class Street:
    """A recording with its scene, and a registry whose network is never opened."""

    video: Path
    scene: Path
    registry: Path


def make_street(folder: Path, *, name: str = "street.mp4", zone: str = ALWAYS, **options: object) -> Street:
    """The recording (24 s, numbered frames) and the scene file beside it; `zone` is added to the lane's keys."""
    options = {"picture": picture, **options}
    folder.mkdir(parents=True, exist_ok=True)
    video = write_video(
        folder / name,
        frames=FRAMES,
        fps=FPS,
        size_wh=SIZE_WH,
        **options,  # type: ignore[arg-type]
    )
    scene = write_scene(folder / "scene.yaml", zone=zone)
    return Street(video=video, scene=scene, registry=write_registry(folder / "registry.toml"))


def write_registry(path: Path, *, alone: bool = True) -> Path:
    """A registry of one network; unless it is to be filled up by the product's, others are listed and serve nothing."""
    labels = {"detect": "car", "load": "empty", "near": "bicycle", "plate": "plate", "character": "0", "line": "0"}
    tables = [_network_table(task, label) for task, label in labels.items() if alone or task == "detect"]
    path.write_text('version = 1\ndefaults = {detect = "scripted"}\n' + "".join(tables))
    return path


def _network_table(task: str, label: str) -> str:
    name = "scripted" if task == "detect" else f"no-{task}"
    return (
        f'[networks.{name}]\ntask = "{task}"\nlicence = "none"\n'
        f'origin = "a script"\nlong_side_px = 640\nstride_px = 32\nscore_min = 0.25\nclasses = {{2 = "{label}"}}\n'
        f"[[networks.{name}.files]]\n"
        f'backend = "openvino"\nprecision = "fp32"\npath = "none.xml"\nsha256 = {{"none.xml" = "{"0" * 64}"}}\n'
    )


def write_scene(path: Path, *, zone: str = ALWAYS, size_wh: tuple[int, int] = SIZE_WH) -> Path:
    """One lane that leads down the picture."""
    path.write_text(
        "version: 1\n"
        "camera: {id: HN-TEST-1, name: Phố Thử, ward: Hoàn Kiếm}\n"
        f"size: {list(size_wh)}\n"
        "zones:\n"
        "  - id: down\n"
        "    kind: one_way\n"
        "    polygon: [[20, 182], [620, 182], [620, 358], [20, 358]]\n"
        "    direction: [[320, 190], [320, 350]]\n" + (f"    {zone}\n" if zone else ""),
        encoding="utf-8",
    )
    return path


def picture(number: int, size_wh: tuple[int, int]) -> NDArray[np.uint8]:
    """The numbered frame with everybody on the street drawn in."""
    image = numbered(number, size_wh)
    for item in objects_at(number / FPS):
        x1, y1, x2, y2 = (round(side) for side in item.xyxy)
        image[y1:y2, x1:x2] = item.bgr
    return image


def noisy_picture(number: int, size_wh: tuple[int, int]) -> NDArray[np.uint8]:
    """The same with noise at the right border, so that a clip of it is large."""
    image = picture(number, size_wh)
    image[182:, 600:] = np.random.default_rng(number).integers(0, 255, image[182:, 600:].shape, np.uint8)
    return image


@dataclass(frozen=True, slots=True)
class Seen:
    """One road user at one time."""

    kind: str
    xyxy: tuple[float, float, float, float]
    bgr: tuple[int, int, int]


def objects_at(t_s: float) -> Iterator[Seen]:
    """Who is on the street."""
    for number, start_s in enumerate(RIDES_S):
        if 0 <= t_s - start_s <= RIDE_LASTS_S:
            foot_y = 352 - (t_s - start_s) * 32
            yield _standing("motorcycle", 80.0 + 100 * number, foot_y, (24, 36), (40 * number, 30, 200 - 40 * number))
    if 3 <= t_s <= 8:
        yield _standing("car", 560.0, 250 + (t_s - 3) * 18, (60, 50), (200, 200, 40))


def _standing(kind: str, x: float, foot_y: float, size_wh: tuple[float, float], bgr: tuple[int, int, int]) -> Seen:
    width, height = size_wh
    return Seen(kind, (x - width / 2, foot_y - height, x + width / 2, foot_y), bgr)


def script() -> Iterator[ScriptedFrame]:
    """What is there at every tenth of a second."""
    for number in range(FRAMES):
        objects = [{"kind": item.kind, "xyxy": item.xyxy} for item in objects_at(number / FPS)]
        yield ScriptedFrame.model_validate_json(json.dumps({"t_s": number / FPS, "objects": objects}))


def open_scripted(_network: Network) -> Backend:
    """The script in place of a network."""
    return ScriptedBackend(tuple(script()))


def run(
    *videos: Path,
    scene: Path,
    data: Path,
    events: Path | None = None,
    stop: Event | None = None,
    on_progress: Callable[[str, float, float | None], None] = lambda *_: None,
    open_network: Callable[[Network], Backend] = open_scripted,
    on_networks: OnNetworks = lambda _: None,
    **request: object,
) -> BatchResult:
    """`phatnguoi batch` with the script."""
    return run_batch(
        BatchRequest(
            **{  # type: ignore[arg-type]
                "videos": videos,
                "scene": scene,
                "events": events,
                "rate_hz": 5.0,
                "start_at": None,
                "picture_fps": None,
                "network": None,
                "registry": write_registry(scene.parent / "registry.toml"),
                **request,
            }
        ),
        Settings(data_dir=data),
        stop=stop or Event(),
        on_progress=on_progress,
        open_network=open_network,
        on_networks=on_networks,
    )


def events_of(path: Path) -> list[dict[str, Any]]:
    """What an events file holds."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def cases_in(data: Path) -> list[Case]:
    """All cases of a data folder, as they happened."""
    database = open_database(sqlite_url(data / "phatnguoi.db"))
    try:
        with read_transaction(database.sessions) as session:
            return list(session.scalars(select(Case).order_by(Case.start_s)))
    finally:
        database.close()
