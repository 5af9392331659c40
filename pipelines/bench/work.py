"""What the contestants run over: recordings, scenes and weights, laid out in one folder for one bench."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from detector.inference import Network
from detector.inference.processor import fastest_file, has_bf16_tiles
from detector.types import ConfigError
from pipelines.bench.footage import MOVING_S, SIZE_WH, STILL_S, SUB_WH, make_footage, make_settled

RATE_HZ = 5.0
STRIDE = 5
FULL_BUSY_S, QUICK_BUSY_S = 64.0, 24.0
FULL_DUTY_S, QUICK_DUTY_S = 60.0, 20.0
BUSY_STRETCH_S, DUTY_STRETCH_S = (16.0, 48.0), (20.0, 40.0)
"""Where everything runs: whole rounds of the footage, behind the start and before the end."""
SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "clips" / "clean.mp4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The recordings and what every contestant is told.

    Attributes:
        base: what is the same over all recordings.
        over: what differs, by recording.
        told: how the result describes the footage.
    """

    base: dict[str, Any]
    over: dict[str, dict[str, Any]]
    told: dict[str, Any]

    def work(self, over: str) -> dict[str, Any]:
        """What a contestant is told that runs over a recording."""
        return self.base | self.over[over]


def prepare(
    network: Network, folder: Path, *, registry: Path, video: Path | None, quick: bool, long_factor: int
) -> Course:
    """Makes all recordings and files.

    Args:
        network: whose weights both sides run.
        folder: where everything goes.
        registry: the registry file.
        video: the operator's own recording in place of the one that always moves.
        quick: short recordings.
        long_factor: how many times as long the recording for the measure of memory is; 0 makes none.

    Raises:
        ConfigError: the sample clip is missing.
    """
    if not SAMPLE.exists():
        raise ConfigError(f"{SAMPLE}: missing; run from a whole checkout")
    busy_s, duty_s = (QUICK_BUSY_S, QUICK_DUTY_S) if quick else (FULL_BUSY_S, FULL_DUTY_S)
    busy = video or make_footage(SAMPLE, folder / "busy.mp4", length_s=busy_s, busy=True)
    duty = make_footage(SAMPLE, folder / "duty.mp4", length_s=duty_s, busy=False)
    lawful = _written(folder / "scene.yaml", lawful_scene())
    stretches: tuple[tuple[float, ...], tuple[float, ...]] = ((), ()) if quick else (BUSY_STRETCH_S, DUTY_STRETCH_S)
    over: dict[str, dict[str, Any]] = {
        "busy": {"video": str(busy), "scene": lawful, "stretch_s": stretches[0]},
        "duty": {"video": str(duty), "scene": lawful, "stretch_s": stretches[1]},
    }
    if not quick:
        sub = make_footage(SAMPLE, folder / "sub.mp4", length_s=duty_s, busy=False, size_wh=SUB_WH)
        over["sub"] = over["duty"] | {"sub": str(sub)}
        over["dwell"] = over["duty"] | {"scene": _written(folder / "dwell.yaml", dwell_scene())}
        over |= _settled(folder, lawful)
    if long_factor:
        long = make_footage(SAMPLE, folder / "long.mp4", length_s=long_factor * busy_s, busy=True)
        over["long"] = over["busy"] | {"video": str(long)}
    base = {
        "rate_hz": RATE_HZ,
        "stride": STRIDE,
        "network": network.name,
        "registry": str(registry.resolve()),
        "peer_model": str(_peer_model(network, folder)),
        "imgsz": network.long_side_px,
        "warm_up": str(_warm_up(folder)),
    }
    told = {"from": SAMPLE.name if video is None else video.name, "size_wh": SIZE_WH, "fps": 25, "codec": "h264"}
    return Course(base=base, over=over, told=told)


def _settled(folder: Path, scene: str) -> dict[str, dict[str, Any]]:
    """One round behind a minute in which a camera comes to know its quiet: how it is watched ever after."""
    video, sub = folder / "settled.mp4", folder / "settled-sub.mp4"
    since_s = make_settled(SAMPLE, video, rounds=1)
    make_settled(SAMPLE, sub, rounds=1, size_wh=SUB_WH)
    main = {"video": str(video), "scene": scene, "stretch_s": (since_s, since_s + MOVING_S + STILL_S)}
    return {"settled": main, "settled sub": main | {"sub": str(sub)}}


def _written(path: Path, scene: dict[str, Any]) -> str:
    path.write_text(yaml.safe_dump(scene), encoding="utf-8")
    return str(path)


def _scene(*zones: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "camera": {"id": "BENCH"}, "size": list(SIZE_WH), "zones": list(zones)}


def lawful_scene() -> dict[str, Any]:
    """The scene of all but the entry of rules on standing."""
    return _scene(*_rules())


def dwell_scene() -> dict[str, Any]:
    """A scene of rules on standing alone."""
    return _scene(_rules()[0])


def _rules() -> tuple[dict[str, Any], dict[str, Any]]:
    """Rules at work on every vehicle, none of which may accuse: the footage runs backwards half of the time."""
    width, height = SIZE_WH
    whole = [[0, height // 3], [width, height // 3], [width, height], [0, height]]
    kerb = {"id": "kerb", "kind": "no_stopping", "polygon": whole, "limit_s": 3600}
    lane = {
        "id": "lane",
        "kind": "one_way",
        "polygon": whole,
        "direction": [[width // 2, height - 1], [width // 2, height // 3]],
        "classes": ["bicycle"],
    }
    return kerb, lane


def _peer_model(network: Network, folder: Path) -> Path:
    """The very export that this product runs here, in the folder layout Ultralytics expects."""
    source = network.verified_path(fastest_file(network, tiles=has_bf16_tiles()))
    target = folder / "peer_openvino_model"
    target.mkdir()
    for part in source.parent.glob(f"{source.stem}.*"):
        (target / part.name).symlink_to(part.resolve())
    side = network.long_side_px or max(network.input_wh or (640, 640))
    metadata = {
        "task": "detect",
        "stride": network.stride_px or 32,
        "batch": 1,
        "imgsz": list(network.input_wh or (side, side)),
        "names": {number: network.classes.get(number, "other") for number in range(max(network.classes) + 1)},
        "dynamic": network.input_wh is None,
        "channels": 3,
    }
    (target / "metadata.yaml").write_text(yaml.safe_dump(metadata), encoding="utf-8")
    return target


def _warm_up(folder: Path) -> Path:
    import cv2
    import numpy as np

    path = folder / "warm-up.png"
    cv2.imwrite(str(path), np.full((SIZE_WH[1], SIZE_WH[0], 3), 114, np.uint8))
    return path
