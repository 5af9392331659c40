"""Measure what a look at a vehicle costs and reads, by the vehicle's size: renders, and offenders' pictures of clips.

In: the default plate networks; `STREETS`, frames whose vehicles are enlarged and given a rendered plate; `FOOTAGE` with
clips, where every followed motor vehicle is treated as an offender (`street.py`). Out, printed: per size of the
picture's longer side how many plates are read right, how many surely, how many of these wrong (known of renders alone),
and milliseconds of CPU and of the clock, mean and 95th percentile. On a busy machine compare two releases at once.

    python -m models.recipes.plate.cost --streets ../shared/data/detection/vn_streets --footage ../shared/data/footage \
        --clips hanoi_junction_1080p.mp4 hanoi_junction_1.mp4 low_junction_720p.mp4
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from detector.inference import open_backend
from detector.inference.plates import PlateEyes, cut, open_plate_eyes
from detector.inference.registry import Registry, default_registry_path, load_registry
from detector.plates.grammar import is_valid
from models.recipes.network import Image
from models.recipes.plate.glyphs import FONT_FOLDERS, Glyphs
from models.recipes.plate.render import flat_plate
from models.recipes.plate.scenes import backdrops, lit_like
from models.recipes.plate.series import random_plate
from models.recipes.plate.street import SCORE_FLOOR, as_offender, vehicles_of
from models.recipes.plate.view import camera, laid, turned
from pipelines.plate_evidence import SCORE_SHARE
from pipelines.shots import Looks

SEED = 5_002
SIZES_PX = (320, 400, 480, 560, 640, 800, 1000, 1200)
BUCKETS_PX = (0, 160, 320, 480, 640, 2000)
SHARES = (0.05, 0.35)
"""Widths of plates, of the picture's longer side: a motorbike's from near to a lorry's from aside."""
LEAST_PX = {1: 50, 2: 30}
"""Width from which a plate of so many rows is laid in: narrower ones nobody reads."""


class Sized(NamedTuple):
    """A picture of one vehicle, and what its plate says where that is known."""

    bucket: str
    image: Image
    text: str | None


class Cost(NamedTuple):
    """What one look took and gave."""

    cpu_ms: float
    wall_ms: float
    right: bool | None
    sure: bool


def rendered(streets: Path, glyphs: Glyphs, rng: np.random.Generator, count: int) -> Iterator[Sized]:
    """`count` vehicles of each size, one plate of the grammar low on each, through the camera's faults."""
    vehicles, _ = backdrops(streets, rng)
    for side in SIZES_PX:
        made = 0
        while made < count:
            picture = _with_plate(vehicles[int(rng.integers(len(vehicles)))], side, glyphs, rng)
            if picture is not None:
                made += 1
                yield Sized(f"{side}", *picture)


def _with_plate(vehicle: Image, side: int, glyphs: Glyphs, rng: np.random.Generator) -> tuple[Image, str] | None:
    """None where the plate is outside the grammar, too small to read or larger than the vehicle."""
    plate = random_plate(rng)
    scale = side / max(vehicle.shape[:2])
    width, height = (max(32, round(length * scale)) for length in (vehicle.shape[1], vehicle.shape[0]))
    seen = side * float(np.exp(rng.uniform(*np.log(SHARES))))
    flat = flat_plate(plate, glyphs, rng)
    high, wide = flat.pixels.shape[:2]
    fits = LEAST_PX[len(plate.rows)] <= seen <= 0.9 * width and seen * high / wide <= 0.9 * height
    if not fits or not is_valid(plate.text):
        return None
    picture = np.asarray(cv2.resize(vehicle, (width, height), interpolation=cv2.INTER_CUBIC), np.uint8)
    corners = turned((wide, high), rng) * (seen / wide)
    room = np.maximum(np.array([width, height]) - (corners.max(0) - corners.min(0)), 0)
    place = np.array([rng.beta(2, 2), rng.beta(4, 1.6)]) * room
    corners = np.asarray(corners - corners.min(0) + place, np.float32)
    if rng.random() < 0.7:
        flat = lit_like(flat, picture, corners, rng)
    return camera(laid(picture, flat, corners), rng), plate.text


def offenders(footage: Path, clips: Sequence[str], registry: Registry) -> Iterator[Sized]:
    """The best looks at every followed motor vehicle; what their plates say is not known."""
    backend = open_backend(registry.network(registry.defaults["detect"]), score_min=SCORE_FLOOR)
    for clip in clips:
        frames, vehicles, size_wh = vehicles_of(footage / clip, backend, registry)
        for number, vehicle in enumerate(vehicles):
            for look in Looks(frames, as_offender(vehicle, number), size_wh).taken():
                image = np.ascontiguousarray(cut(look.image, look.xyxy_px))
                from_px = max(least for least in BUCKETS_PX if max(image.shape[:2]) >= least)
                yield Sized(f"{from_px:4d} on", image, None)
    backend.close()


def cost_of(eyes: PlateEyes, picture: Sized) -> Cost:
    cpu, wall = time.process_time(), time.perf_counter()
    plates = eyes.look(picture.image, alike=SCORE_SHARE)
    spent = (time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000
    best = max(plates, key=lambda plate: (plate.reading.valid, plate.reading.confidence), default=None)
    if best is None:
        return Cost(*spent, None if picture.text is None else False, False)
    right = None if picture.text is None else best.reading.text == picture.text
    return Cost(*spent, right, best.reading.sure(eyes.sure_from))


def print_costs(name: str, eyes: PlateEyes, pictures: Iterator[Sized]) -> None:
    rows: dict[str, list[Cost]] = {}
    for picture in pictures:
        rows.setdefault(picture.bucket, []).append(cost_of(eyes, picture))
    print(f"| {name}, px | pictures | right | sure | sure and wrong | CPU ms | 95 % | clock ms | 95 % |")
    print("|---|---|---|---|---|---|---|---|---|")
    everything = [cost for costs in rows.values() for cost in costs]
    for bucket, costs in [*sorted(rows.items(), key=lambda item: int(item[0].split()[0])), ("all", everything)]:
        known = [c for c in costs if c.right is not None]
        counts = [sum(bool(c.right) for c in costs), sum(c.sure for c in costs)]
        told_of = ["-", counts[1], "-"] if not known else [*counts, sum(c.sure and not c.right for c in known)]
        times = [np.array([getattr(c, kind) for c in costs]) for kind in ("cpu_ms", "wall_ms")]
        told = [f"{value:.1f}" for spent in times for value in (spent.mean(), np.percentile(spent, 95))]
        print(f"| {bucket} | {len(costs)} | {' | '.join(map(str, told_of))} | {' | '.join(told)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streets", type=Path, required=True, help="folder with images/ and labels/")
    parser.add_argument("--footage", type=Path, help="folder with clips")
    parser.add_argument("--clips", nargs="*", default=[])
    parser.add_argument("--count", type=int, default=40, help="rendered vehicles of each size")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--registry", type=Path, default=default_registry_path())
    parser.add_argument("--fonts", type=Path, nargs="*", default=[])
    args = parser.parse_args()
    cv2.setNumThreads(1)
    registry = load_registry(args.registry)
    eyes = open_plate_eyes(registry)
    if eyes is None:
        parser.error(f"{args.registry}: names no plate networks under [defaults]")
    eyes.look(np.zeros((SIZES_PX[-1],) * 2 + (3,), np.uint8))
    glyphs, rng = Glyphs([*FONT_FOLDERS, *args.fonts]), np.random.default_rng(args.seed)
    print_costs("rendered vehicles", eyes, rendered(args.streets, glyphs, rng, args.count))
    if args.footage:
        print_costs("\noffenders' pictures", eyes, offenders(args.footage, args.clips, registry))


if __name__ == "__main__":
    main()
