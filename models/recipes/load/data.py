"""The pictures the load network learns from and is measured on: real crops by source, truck and clip, and renders.

In: the folder of real crops (`loads/`), street frames (`vn_streets/`) and a folder of renders. Out: `Sample`s. Only
`vn_cctv`, `vn_streets` (CC BY 4.0) and renders may train what ships; every other source measures. Crops of one clip
whose frame numbers lie close together show the same truck, and clips stand on one side of the split as a whole.
What measures is split once more: thresholds and temperatures are chosen on one half and reported on the other.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from detector.types.classes import LoadState
from models.recipes.network import Image

STATES = tuple(state.value for state in LoadState)
TRAINING_SOURCE = "vn_cctv"
SPLIT_CLIP = "2024-01-01_23-31-43"
"""The clip with most covered trucks: its trucks are split by time; all other clips are split as a whole."""
HELD_OUT_CLIPS = ("2023_12_23_15_32_IMG_6282", "2024_01_03_13_58_IMG_3405", "2024_01_03_12_58_IMG_3393",
                  "DUONG-CAO-TOC", "sample_video", "2023-12-30_1-18")  # fmt: skip
STREET_SOURCE = "vn_streets"
LICENSED = (TRAINING_SOURCE, STREET_SOURCE)
STREETS_HELD_OUT = ("146614", "6235b7", "9628d7", "4aace2", "e325f3")
"""The same clips, as the file names of `vn_streets` begin."""
TUNING_CLIPS = ("2024_01_03_12_58_IMG_3393", "6235b7", "sample_video", "4aace2")
TUNING_FRAMES = 70
"""Of the overpass, every second stretch of so many frames is for tuning; of loose photographs, every second one."""
STREET_LABELS = Path(__file__).with_name("street_labels.csv")
"""What the boxes of `vn_streets` show, by eye: frame, row of its label file, label."""
FRAME_WH = (1138, 640)
"""The frames were 16:9 before somebody squeezed them to a square."""
OTHER_CLASSES, OTHER_STEP, OTHER_SHARE = ("0", "1"), 9, 0.12
"""Buses and cars at least so wide or high, of every ninth training frame, are pictures in which nothing can be told."""
TRAINED_FROM = {SPLIT_CLIP: 400}
"""Frames of that clip before this number are held out."""
NOT_LOOSE = frozenset({"0247", "0315", "0318", "0322", "0376", "0378", "0405", "0407", "0516", "0525", "0526", "0590"})
"""Crops of `vn_cctv/uncovered_load` whose cargo is goods, frames, cones or an empty cage: nothing that is loose."""
LOW_LOADER = frozenset({"0093", "0094", "0095", "0096", "0100", "0102", "0104", "0106", "0108", "0438", "0440", "0543",
                        "0544", "0546"})  # fmt: skip
"""Crops of `vn_cctv/closed_body` that show an excavator on a low-loader: cargo in the open that is not loose."""
FOLDERS = {
    "uncovered_load": "uncovered_load", "covered": "covered", "closed_body": "closed_body", "unsure": "cannot_tell",
    "open_bed_no_load_seen": "open_bed", "author0_open_bed_no_tarp": "open_bed", "uncovered_goods": "goods",
    "open_bed_load_unsure": "unsure", "author3_unsure_partly_covered": "unsure",
    "unsure_waste_visible_hopper_or_tipping": "unsure",
}  # fmt: skip
"""Folder -> label; open_bed, goods and unsure are no states: they are counted, and never counted as right."""
NEAR_FRAMES = 12
NAME = re.compile(r"^\d+_(?P<clip>.+?)[-_](?P<frame>\d+)_\d+$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One picture.

    Attributes:
        path: its file.
        source: folder of its origin, or "render".
        label: a `LoadState`, or open_bed, goods or unsure.
        truck: which truck or stretch of a clip it shows: one group, one side of every split.
        held_out: never trained on.
        xyxy: the truck in a render or a frame, shares of the picture; the whole of a real crop.
        tuning: held out, and for choosing thresholds, not for reporting.
    """

    path: Path
    source: str
    label: str
    truck: str
    held_out: bool
    xyxy: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)
    tuning: bool = False

    def pixels(self) -> Image:
        """The picture, (h, w, 3) uint8 BGR, or (h, w, 4) with its opacity if it was cut out.

        Raises:
            FileNotFoundError: it cannot be read.
        """
        image = cv2.imread(str(self.path), cv2.IMREAD_UNCHANGED if self.path.suffix == ".png" else cv2.IMREAD_COLOR)
        if image is None:
            raise FileNotFoundError(f"{self.path}: not a readable picture; render or fetch it again")
        if self.source == STREET_SOURCE:
            image = cv2.resize(image, FRAME_WH)
        return np.asarray(image, np.uint8)


def place(name: str) -> tuple[str, int]:
    """The clip and the frame number in a crop's file name; a name without them is a clip of its own."""
    match = NAME.match(name)
    return (match["clip"], int(match["frame"])) if match else (name, 0)


def corrected(source: str, name: str, label: str) -> str:
    """The label of a crop after looking at it again, by the number its name begins with."""
    number = name[:4]
    if source == TRAINING_SOURCE and label == "uncovered_load" and number in NOT_LOOSE:
        return "goods"
    if source == TRAINING_SOURCE and label == "closed_body" and number in LOW_LOADER:
        return "goods"
    return label


def is_held_out(clip: str, frame: int) -> bool:
    limit = next((first for start, first in TRAINED_FROM.items() if clip.startswith(start)), None)
    return frame < limit if limit is not None else clip.startswith(HELD_OUT_CLIPS)


def real_samples(root: Path) -> list[Sample]:
    """All crops under `root`, source by source, in the order of their names.

    Raises:
        FileNotFoundError: `root` has no crops.
    """
    found: list[Sample] = []
    for path in sorted(root.glob("*/*/*.jpg")):
        source, folder = path.parts[-3], path.parts[-2]
        clip, frame = place(path.stem)
        label = corrected(source, path.stem, FOLDERS[folder])
        truck = f"{source}/{folder}/{clip}/{frame // NEAR_FRAMES}"
        held_out = source != TRAINING_SOURCE or is_held_out(clip, frame)
        tuning = held_out and for_tuning(source, clip, frame, len(found))
        found.append(Sample(path=path, source=source, label=label, truck=truck, held_out=held_out, tuning=tuning))
    if not found:
        raise FileNotFoundError(f"{root}: no crops; expected SOURCE/LABEL/*.jpg")
    return found


def for_tuning(source: str, clip: str, frame: int, number: int) -> bool:
    """Which half of what is held out; `number` counts the photographs of sources without clips."""
    if source == TRAINING_SOURCE:
        return clip.startswith(TUNING_CLIPS)
    return (frame // TUNING_FRAMES if clip.startswith("cam") else number) % 2 == 0


def street_samples(root: Path) -> list[Sample]:
    """The labelled trucks of `vn_streets` under `root`, and some of its cars and buses from training clips.

    Raises:
        FileNotFoundError: a frame's label file is not there.
    """
    with STREET_LABELS.open() as lines:
        found = [_street(root, row["frame"], int(row["box"]), row["label"]) for row in csv.DictReader(lines)]
    return found + [
        _street(root, note.stem, number, "cannot_tell")
        for note in sorted((root / "labels").glob("*.txt"))[::OTHER_STEP]
        if not note.stem.startswith(STREETS_HELD_OUT)
        for number in _others(note)
    ]


def _others(note: Path) -> Iterator[int]:
    for number, line in enumerate(note.read_text().splitlines()):
        kind, _, _, wide, tall = line.split()
        if kind in OTHER_CLASSES and max(float(wide), float(tall)) > OTHER_SHARE:
            yield number


def _street(root: Path, frame: str, number: int, label: str) -> Sample:
    _, *numbers = (root / "labels" / f"{frame}.txt").read_text().splitlines()[number].split()
    x, y, wide, tall = (float(value) for value in numbers)
    clip, held_out = frame[:6], frame.startswith(STREETS_HELD_OUT)
    window = int(re.findall(r"-(\d+)_jpg", frame)[0]) // NEAR_FRAMES
    return Sample(
        path=root / "images" / f"{frame}.jpg", source=STREET_SOURCE, label=label, held_out=held_out,
        truck=f"{STREET_SOURCE}/{label}/{clip}/{window}", tuning=held_out and clip in TUNING_CLIPS,
        xyxy=(x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2),
    )  # fmt: skip


def backdrops(root: Path, count: int = 60) -> list[Image]:
    """Street frames (640, 1138, 3) of the training clips, evenly drawn, before which cut-out trucks are set."""
    frames = [p for p in sorted((root / "images").glob("*.jpg")) if not p.stem.startswith(STREETS_HELD_OUT)]
    chosen = frames[:: max(1, len(frames) // count)][:count]
    return [np.asarray(cv2.resize(cv2.imread(str(path)), FRAME_WH), np.uint8) for path in chosen]


def render_samples(root: Path) -> list[Sample]:
    """All finished renders under `root`; every twentieth is held out.

    Raises:
        FileNotFoundError: there are none.
    """
    found: list[Sample] = []
    for note in sorted(root.glob("*.json")):
        facts = json.loads(note.read_text())
        found.append(
            Sample(
                path=next(p for p in (note.with_suffix(".png"), note.with_suffix(".jpg")) if p.exists()),
                source="render",
                label=facts["state"],
                truck=f"render/{note.stem}",
                held_out=int(note.stem) % 20 == 0,
                xyxy=tuple(facts["xyxy"]),
            )
        )
    if not found:
        raise FileNotFoundError(f"{root}: no renders; run models.recipes.load.render first")
    return found
