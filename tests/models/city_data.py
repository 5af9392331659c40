"""A tiny data set of a city, painted on the fly: cars and motorcycles as blocks on a grey street."""

from pathlib import Path

import cv2
import numpy as np

SIZE_WH = (128, 96)
COUNTS = {"train": 4, "val": 2}
ROWS = ((0, 0.3, 0.6, 0.3, 0.3), (1, 0.7, 0.5, 0.1, 0.3))


def write_data_set(root: Path, names: tuple[str, str] = ("car", "motorcycle")) -> Path:
    """Write a sound YOLO-format folder under `root` and return it."""
    folder = root / "data"
    for part, count in COUNTS.items():
        for number in range(count):
            write_picture(folder, part, number)
    listed = ", ".join(names)
    (folder / "data.yaml").write_text(f"names: [{listed}]\ntrain: images/train\nval: images/val\n")
    return folder


def write_picture(folder: Path, part: str, number: int) -> None:
    rng = np.random.default_rng((len(part), number))
    image = rng.integers(80, 120, (SIZE_WH[1], SIZE_WH[0], 3), np.uint8)
    for kind, cx, cy, width, height in ROWS:
        low = (int((cx - width / 2) * SIZE_WH[0]), int((cy - height / 2) * SIZE_WH[1]))
        high = (int((cx + width / 2) * SIZE_WH[0]), int((cy + height / 2) * SIZE_WH[1]))
        cv2.rectangle(image, low, high, (30, 30, 200) if kind else (200, 60, 30), -1)
    for kind in ("images", "labels"):
        (folder / kind / part).mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(folder / "images" / part / f"street_{number}.png"), image)
    text = "".join(f"{' '.join(str(value) for value in row)}\n" for row in ROWS)
    (folder / "labels" / part / f"street_{number}.txt").write_text(text)
