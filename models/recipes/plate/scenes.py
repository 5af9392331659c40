"""Pictures for the finder: rendered plates laid onto vehicles and streets, with their boxes.

In: street frames whose licence allows training (CC BY 4.0) with their vehicles' boxes, and rendered plates. Out:
letterboxed pictures and boxes in input px. Frames are small, so a vehicle is cut with some of its surroundings and
enlarged; the camera's faults come last and strike plate and vehicle alike, so that a sharp edge is no hint. Blank
boards and lettered strips are laid in as well: neither is a plate.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from detector.inference.letterbox import GREY
from models.recipes.network import Boxes, Image
from models.recipes.plate.finder import SIDE_PX
from models.recipes.plate.glyphs import Glyphs
from models.recipes.plate.render import FlatPlate, flat_plate
from models.recipes.plate.series import PlateText, random_plate
from models.recipes.plate.view import background, camera, laid, turned

BACKDROPS_MAX = 1500
KEPT_PX = 256
SHARES = {"vehicle": 0.62, "street": 0.26, "drawn": 0.12}
NONE, TWO = 0.2, 0.1
"""Shares of pictures without a plate and with two."""
POOL = 512


def backdrops(folder: Path, rng: np.random.Generator) -> tuple[list[Image], list[Image]]:
    """Vehicles with some surroundings, and street frames, of a YOLO-labelled folder; each at most `KEPT_PX` long."""
    vehicles, streets = [], []
    paths = sorted((folder / "images").glob("*.jpg"))
    for path in rng.permutation(np.array(paths, object)):
        image = cv2.imread(str(path))
        streets.append(cv2.resize(image, (KEPT_PX * 4 // 3, KEPT_PX * 4 // 3), interpolation=cv2.INTER_AREA))
        rows = (folder / "labels" / f"{path.stem}.txt").read_text().splitlines()
        for row in rng.permutation(rows)[:3]:
            cut = _cut(image, [float(value) for value in row.split()[1:5]], rng)
            if cut is not None:
                vehicles.append(cut)
        if len(vehicles) >= BACKDROPS_MAX:
            break
    return vehicles, streets[:400]


def _cut(image: Image, cxcywh: list[float], rng: np.random.Generator) -> Image | None:
    height, width = image.shape[:2]
    cx, cy, w, h = np.array(cxcywh) * (width, height, width, height)
    if min(w, h) < 24:
        return None
    grow = rng.uniform(1.0, 1.6)
    x1, x2 = (int(np.clip(v, 0, width)) for v in (cx - w / 2 * grow, cx + w / 2 * grow))
    y1, y2 = (int(np.clip(v, 0, height)) for v in (cy - h / 2 * grow, cy + h / 2 * grow))
    # Frames were stored square; a street picture is about 16:9.
    size = (round((x2 - x1) * 16 / 9), y2 - y1)
    scale = min(1.0, KEPT_PX / max(size))
    wanted = (max(8, round(size[0] * scale)), max(8, round(size[1] * scale)))
    return np.asarray(cv2.resize(image[y1:y2, x1:x2], wanted, interpolation=cv2.INTER_AREA), np.uint8)


class Scenes:
    """Pictures without end."""

    def __init__(self, glyphs: Glyphs, streets: Path, rng: np.random.Generator) -> None:
        self._glyphs, self._rng = glyphs, rng
        self._vehicles, self._streets = backdrops(streets, rng)
        self._pool: list[FlatPlate] = []

    def scene(self) -> tuple[Image, Boxes]:
        """A picture (256, 256, 3) and boxes (n, 4) in its px."""
        rng = self._rng
        picture = self._backdrop()
        height, width = picture.shape[:2]
        pick, boxes = rng.random(), []
        for _ in range(int(rng.integers(0, 3))):
            picture = self._distracted(picture)
        for _ in range(0 if pick < NONE else 2 if pick < NONE + TWO else 1):
            picture, box = self._with_plate(picture)
            boxes.append(box)
        picture = camera(picture, rng)
        framed = np.full((SIDE_PX, SIDE_PX, 3), GREY, np.uint8)
        left, top = (SIDE_PX - width) // 2, (SIDE_PX - height) // 2
        framed[top : top + height, left : left + width] = picture
        return framed, np.array(boxes, np.float32).reshape(-1, 4) + np.array([left, top] * 2, np.float32)

    def _backdrop(self) -> Image:
        rng = self._rng
        kind = str(rng.choice(list(SHARES), p=list(SHARES.values())))
        if kind == "drawn":
            size = (SIDE_PX, int(rng.integers(60, SIDE_PX)))
            return background(size if rng.random() < 0.6 else size[::-1], rng)
        if kind == "vehicle" and self._vehicles:
            image = self._vehicles[int(rng.integers(len(self._vehicles)))]
        else:
            image = self._streets[int(rng.integers(len(self._streets)))]
            share = rng.uniform(0.3, 1.0, 2)
            h, w = (image.shape[:2] * share).astype(int)
            y, x = int(rng.integers(image.shape[0] - h + 1)), int(rng.integers(image.shape[1] - w + 1))
            image = image[y : y + h, x : x + w]
        if rng.random() < 0.5:
            image = np.asarray(image[:, ::-1])
        stretch = rng.uniform(0.8, 1.25)
        scale = SIDE_PX / max(image.shape[1] * stretch, image.shape[0])
        size = (max(16, int(image.shape[1] * stretch * scale)), max(16, int(image.shape[0] * scale)))
        return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_CUBIC), np.uint8)

    def _with_plate(self, picture: Image) -> tuple[Image, Boxes]:
        return self._laid(picture, self._flat())

    def _laid(self, picture: Image, flat: FlatPlate) -> tuple[Image, Boxes]:
        """The picture with a plate somewhere in it, and the plate's box."""
        rng = self._rng
        height, width = picture.shape[:2]
        high, wide = flat.pixels.shape[:2]
        narrow = 16 if wide < 2.6 * high else 26
        widest = min(0.94 * width, 0.94 * height * wide / high, 240)
        seen = np.exp(
            rng.uniform(np.log(narrow), np.log(max(widest if rng.random() < 0.3 else min(widest, 110), narrow + 1)))
        )
        corners = turned((wide, high), rng) * (seen / wide)
        low, top = corners.min(0), corners.max(0)
        room = np.array([width, height]) - (top - low)
        place = rng.random(2) ** (1.0, 0.7) * np.maximum(room, 0)
        corners = np.asarray(corners - low + place, np.float32)
        if rng.random() < 0.7:
            flat = lit_like(flat, picture, corners, rng)
        box = np.concatenate([corners.min(0), corners.max(0)])
        return laid(picture, flat, corners), np.clip(box, 0, [width, height] * 2).astype(np.float32)

    def _distracted(self, picture: Image) -> Image:
        """A blank board, a lamp, or a lettered strip that is no plate."""
        rng = self._rng
        height, width = picture.shape[:2]
        x, y = int(rng.integers(width)), int(rng.integers(height))
        w, h = int(rng.integers(8, max(9, width // 3))), int(rng.integers(6, max(7, height // 4)))
        colour = (np.full(3, rng.uniform(120, 255)) if rng.random() < 0.6 else rng.uniform(0, 255, 3)).tolist()
        picture = picture.copy()
        cv2.rectangle(picture, (x, y), (x + w, y + h), colour, -1)
        if rng.random() < 0.4:
            text = "".join(rng.choice(list("ABCDEGHIKLMNOPQRSTUVXY "), int(rng.integers(8, 20))))
            cv2.putText(
                picture, text, (x, y + h - 2), cv2.FONT_HERSHEY_SIMPLEX, h / 40, (255 - np.array(colour)).tolist(), 1
            )
        return picture

    def _flat(self) -> FlatPlate:
        if len(self._pool) >= POOL and self._rng.random() < 0.75:
            return self._pool[int(self._rng.integers(POOL))]
        plate: PlateText = random_plate(self._rng)
        made = flat_plate(plate, self._glyphs, self._rng)
        if len(self._pool) < POOL:
            self._pool.append(made)
        else:
            self._pool[int(self._rng.integers(POOL))] = made
        return made


def lit_like(flat: FlatPlate, picture: Image, corners: Boxes, rng: np.random.Generator) -> FlatPlate:
    """The plate darkened where the vehicle is dark; plates reflect, so less than the vehicle is."""
    x1, y1 = np.maximum(corners.min(0), 0).astype(int)
    x2, y2 = corners.max(0).astype(int) + 1
    around = float(picture[y1:y2, x1:x2].mean()) if picture[y1:y2, x1:x2].size else 128.0
    factor = np.clip((around + rng.uniform(60, 140)) / 200, 0.35, 1.1)
    return replace(flat, pixels=np.asarray(np.clip(flat.pixels * factor, 0, 255), np.uint8))
