"""Training samples: labelled street frames, cut, scaled, mirrored, put together and degraded at random.

In: label files of `label.py`. Out of `StreetFrames[i]`: a canvas (h, w, 3) uint8 BGR with boxes (n, 5) and unsure
regions (m, 5), rows `class x1 y1 x2 y2` in canvas pixels. What a sample looks like depends only on seed, epoch and
index. Stored frames may be squeezed; the warp from file to canvas un-squeezes them in the same step.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from models.recipes.degrade import degrade
from models.recipes.network import Boxes, Image

VISIBLE_MIN = 0.4
"""A box of which less is left inside the canvas becomes an unsure region."""
SIDE_MIN_PX = 4.0
RARITY = np.array([2.0, 3.0, 1.0, 1.0, 2.5, 1.0])
"""How much oftener an object of each class is picked for a close view; frames with rarer ones are drawn more often."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One labelled frame: pixels as stored, its true size, and rows (class, x1, y1, x2, y2) in 0..1."""

    image: Image
    size_wh: tuple[int, int]
    clip: str
    boxes: Boxes
    unsure: Boxes


@dataclass(frozen=True, slots=True)
class Sample:
    """One training canvas (h, w, 3), the same before it was degraded, boxes (n, 5) and unsure regions (m, 5) in px."""

    image: Image
    clean: Image
    boxes: Boxes
    unsure: Boxes


def read_frames(path: Path) -> list[Frame]:
    """Return the frames of one label file, pixels included.

    Raises FileNotFoundError naming the missing label file or image.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path}: no such label file; run models.recipes.label first")
    frames = []
    for line in path.read_text().splitlines():
        entry = json.loads(line)
        image = cv2.imread(entry["image"])
        if image is None:
            raise FileNotFoundError(f"{path}: image {entry['image']} cannot be read")
        rows = [np.array(entry[key], np.float32).reshape(-1, 5) for key in ("boxes", "unsure")]
        frames.append(Frame(np.asarray(image, np.uint8), tuple(entry["size_wh"]), entry["clip"], rows[0], rows[1]))
    return frames


def frame_weights(frames: list[Frame]) -> Tensor:
    """Return how often each frame is drawn (n,): rare clips, busy frames and rare classes more often than others."""
    clips = [frame.clip for frame in frames]
    rarest = [RARITY[frame.boxes[:, 0].astype(int)].max(initial=1.0) for frame in frames]
    busy = [(1 + len(frame.boxes)) / clips.count(frame.clip) for frame in frames]
    return torch.tensor([(many * rare) ** 0.5 for many, rare in zip(busy, rarest, strict=True)])


def warp_matrix(frame: Frame, canvas_wh: tuple[int, int], fit: float, rng: np.random.Generator) -> np.ndarray:
    """Return the (2, 3) map from stored pixels to a canvas on which the frame is `fit` times as wide as the canvas."""
    stored = np.array(frame.image.shape[1::-1], float)
    squeeze = np.exp(rng.normal(0, 0.1)) * (frame.size_wh[0] / frame.size_wh[1]) / (stored[0] / stored[1])
    if rng.random() < 0.12:
        squeeze = 1.0
    scale_x = fit * canvas_wh[0] / stored[0]
    linear = np.diag([scale_x, scale_x / squeeze])
    angle, shear = np.deg2rad(rng.normal(0, 1.5)), rng.normal(0, 0.02)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.array([[1, shear], [0, 1]]) @ linear @ np.diag([-1 if rng.random() < 0.5 else 1, 1])
    corners = np.array([[0, 0], [stored[0], 0], [0, stored[1]], stored]) @ linear.T
    low, high = corners.min(0), corners.max(0)
    room = np.array(canvas_wh) - (high - low)
    return np.column_stack((linear, -low + room * rng.random(2)))


def zoom_matrix(frame: Frame, canvas_wh: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    """Return a map that shows one object of the frame large, as a camera close to the road sees it."""
    stored = np.array(frame.image.shape[1::-1], float)
    pull = RARITY[frame.boxes[:, 0].astype(int)]
    box = frame.boxes[rng.choice(len(pull), p=pull / pull.sum()), 1:] * np.tile(stored, 2)
    squeeze = (frame.size_wh[0] / frame.size_wh[1]) / (stored[0] / stored[1])
    side = max((box[2] - box[0]) * squeeze / canvas_wh[0], (box[3] - box[1]) / canvas_wh[1])
    scale_y = min(rng.uniform(0.25, 0.85) / side, 4.0 * canvas_wh[1] / stored[1])
    mirror = -1 if rng.random() < 0.5 else 1
    linear = np.diag([scale_y * squeeze * mirror, scale_y])
    aim = np.array(canvas_wh) * rng.uniform(0.35, 0.65, 2)
    return np.column_stack((linear, aim - linear @ ((box[:2] + box[2:]) / 2)))


def warped(frame: Frame, matrix: np.ndarray, canvas_wh: tuple[int, int], grey: int) -> Sample:
    """Return `frame` seen through `matrix`, boxes cut at the canvas' edge."""
    stored = np.array(frame.image.shape[1::-1], float)
    image, step = frame.image, matrix
    if np.hypot(*matrix[:, 1]) < 0.6:
        image = np.asarray(cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
        step = np.column_stack((matrix[:, :2] * 2, matrix[:, 2]))
    canvas = cv2.warpAffine(image, step, canvas_wh, flags=cv2.INTER_LINEAR, borderValue=(grey, grey, grey))
    boxes, cut = moved(frame.boxes, matrix, stored, canvas_wh)
    unsure, _ = moved(frame.unsure, matrix, stored, canvas_wh, visible_min=0.0)
    image = np.asarray(canvas, np.uint8)
    return Sample(image, image, boxes, np.concatenate((unsure, cut)))


def moved(
    rows: Boxes, matrix: np.ndarray, stored: np.ndarray, canvas_wh: tuple[int, int], visible_min: float = VISIBLE_MIN
) -> tuple[Boxes, Boxes]:
    """Map rows (n, 5) through `matrix`; return those still well visible and those cut or too small."""
    corners = (rows[:, [[1, 2], [3, 2], [1, 4], [3, 4]]] * stored) @ matrix[:, :2].T + matrix[:, 2]
    low, high = corners.min(1), corners.max(1)
    whole = np.prod(high - low, axis=1)
    low, high = np.clip(low, 0, canvas_wh), np.clip(high, 0, canvas_wh)
    sides = high - low
    visible = np.prod(sides, axis=1) / np.maximum(whole, 1e-6)
    out = np.column_stack((rows[:, 0], low, high)).astype(np.float32)
    good = (visible >= visible_min) & (sides.min(1) >= SIDE_MIN_PX)
    return out[good], out[~good & (sides.min(1) > 0)]


class StreetFrames(Dataset[Sample]):
    """Random samples of labelled frames at the canvas size of the current batch."""

    def __init__(self, frames: list[Frame], seed: int) -> None:
        self.frames = frames
        self.seed = seed

    def __len__(self) -> int:
        return len(self.frames)

    def __getitem__(self, key: tuple[int, int, int, int, float]) -> Sample:
        """Return the sample of `key` = (frame, serial number, canvas width, canvas height, share of mosaics)."""
        index, serial, width, height, mosaic = key
        rng = np.random.default_rng((self.seed, serial))
        if rng.random() < mosaic:
            sample = self.mosaic(index, (width, height), rng)
        else:
            sample = self.single(self.frames[index], (width, height), rng)
        return Sample(degrade(sample.clean, rng), sample.clean, sample.boxes, sample.unsure)

    def single(self, frame: Frame, canvas_wh: tuple[int, int], rng: np.random.Generator) -> Sample:
        if len(frame.boxes) and rng.random() < 0.15:
            matrix = zoom_matrix(frame, canvas_wh, rng)
        else:
            matrix = warp_matrix(frame, canvas_wh, float(np.exp(rng.uniform(np.log(0.6), np.log(1.9)))), rng)
        return warped(frame, matrix, canvas_wh, int(rng.choice([0, 114, 114])))

    def mosaic(self, index: int, canvas_wh: tuple[int, int], rng: np.random.Generator) -> Sample:
        """Put four frames around a random point of the canvas."""
        split = (np.array(canvas_wh) * rng.uniform(0.3, 0.7, 2)).astype(int)
        canvas = np.empty((canvas_wh[1], canvas_wh[0], 3), np.uint8)
        boxes, unsure = [], []
        for tile in range(4):
            frame = self.frames[index if tile == 0 else int(rng.integers(len(self.frames)))]
            x1, x2 = (0, split[0]) if tile % 2 == 0 else (split[0], canvas_wh[0])
            y1, y2 = (0, split[1]) if tile < 2 else (split[1], canvas_wh[1])
            tile_wh = (int(x2 - x1), int(y2 - y1))
            fit = float(np.exp(rng.uniform(np.log(0.45), np.log(1.2)))) * canvas_wh[0] / tile_wh[0]
            part = warped(frame, warp_matrix(frame, tile_wh, fit, rng), tile_wh, 114)
            canvas[y1:y2, x1:x2] = part.image
            offset = np.array([0, x1, y1, x1, y1], np.float32)
            boxes.append(part.boxes + offset)
            unsure.append(part.unsure + offset)
        return Sample(canvas, canvas, np.concatenate(boxes), np.concatenate(unsure))


def collate(samples: list[Sample]) -> dict[str, Tensor]:
    """Return the batch that Ultralytics' loss reads, plus `unsure` (m, 6): sample, class, x1 y1 x2 y2 in px."""
    height, width = samples[0].image.shape[:2]
    boxes = numbered([sample.boxes for sample in samples])
    centre, side = (boxes[:, 2:4] + boxes[:, 4:6]) / 2, boxes[:, 4:6] - boxes[:, 2:4]
    scale = torch.tensor([width, height])
    return {
        "img": stacked([sample.image for sample in samples]),
        "clean": stacked([sample.clean for sample in samples]),
        "batch_idx": boxes[:, 0],
        "cls": boxes[:, 1],
        "bboxes": torch.cat((centre / scale, side / scale), 1),
        "unsure": numbered([sample.unsure for sample in samples]),
    }


def stacked(images: list[Image]) -> Tensor:
    """Return BGR images as one RGB tensor (n, 3, h, w) uint8."""
    return torch.from_numpy(np.stack([np.ascontiguousarray(image[:, :, ::-1].transpose(2, 0, 1)) for image in images]))


def numbered(rows: list[Boxes]) -> Tensor:
    """Return all rows with the number of their sample in front."""
    return torch.from_numpy(
        np.concatenate([np.column_stack((np.full(len(part), number), part)) for number, part in enumerate(rows)])
    ).float()
