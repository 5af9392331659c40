"""A plate as a street camera sees it: turned, leaning, far, blurred, in shadow, at night, compressed.

In: a `FlatPlate` and a random generator. Out: a crop around the plate as a finder would cut it, (h, w, 3) uint8 BGR,
30 to 160 px wide mostly, the plate not exactly framed. `crop_of` is what trains the reader.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.recipes.network import Image
from models.recipes.plate.render import FlatPlate

Corners = NDArray[np.float32]
"""(4, 2) px: top left, top right, bottom right, bottom left."""


def crop_of(flat: FlatPlate, rng: np.random.Generator) -> tuple[Image, tuple[NDArray[np.float32], ...]]:
    """The plate in a crop whose resolution, framing and light are random, and per row where its characters are across
    the crop, 0..1.
    """
    crop, matrix = crop_and_matrix(flat, rng)
    across = tuple(cv2.perspectiveTransform(row[None], matrix)[0, :, 0] / crop.shape[1] for row in flat.centres)
    return crop, across


def crop_and_matrix(flat: FlatPlate, rng: np.random.Generator) -> tuple[Image, NDArray[np.float64]]:
    """As `crop_of`, with the 3 x 3 matrix from the flat plate's px to the crop's."""
    height, width = flat.pixels.shape[:2]
    two_rows = width < 2.6 * height
    seen = rng.uniform(34, 130) if two_rows else rng.uniform(62, 190)
    if rng.random() < 0.12:
        seen *= 2
    corners = turned((width, height), rng) * (seen / width)
    low, high = corners.min(0), corners.max(0)
    loose = rng.random() < 0.15
    margins = rng.normal(0.09 if loose else 0.03, 0.08 if loose else 0.04, 4).clip(-0.06, 0.35) * np.tile(high - low, 2)
    left_top = low - margins[:2]
    size_wh = np.maximum(np.ceil(high + margins[2:] - left_top), 8).astype(int)
    picture = background((int(size_wh[0]), int(size_wh[1])), rng)
    corners = np.asarray(corners - left_top, np.float32)
    if rng.random() < 0.1:
        _lettered(picture, rng)
    if rng.random() < 0.06:
        _ribbed(picture, rng)
    picture = laid(picture, flat, corners)
    square = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(square, corners)
    crop = camera(picture, rng)
    if rng.random() < 0.12:
        crop, straight = straightened(crop, corners, rng)
        matrix = straight @ matrix
    return crop, np.asarray(matrix, np.float64)


def straightened(crop: Image, corners: Corners, rng: np.random.Generator) -> tuple[Image, NDArray[np.float64]]:
    """The plate warped square from corners that were found a little beside the true ones, as some cutters do; and the
    3 x 3 matrix from the crop's px to those of the new picture.
    """
    wide = float(np.linalg.norm(corners[1] - corners[0]) + np.linalg.norm(corners[2] - corners[3])) / 2
    high = float(np.linalg.norm(corners[3] - corners[0]) + np.linalg.norm(corners[2] - corners[1])) / 2
    size = max(12, round(wide)), max(8, round(high))
    found = (corners + rng.normal(0, 0.03, (4, 2)) * [wide, high]).astype(np.float32)
    room = np.array([wide, high]) * rng.uniform(-0.02, 0.05)
    left, top, right, bottom = room[0], room[1], size[0] - room[0], size[1] - room[1]
    square = np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)
    matrix = cv2.getPerspectiveTransform(found, square)
    warped = cv2.warpPerspective(crop, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(warped, np.uint8), np.asarray(matrix, np.float64)


def turned(size_wh: tuple[int, int], rng: np.random.Generator) -> Corners:
    """Corners of a plate of that size, seen by a camera above and aside: rolled, sheared and tapering."""
    width, height = size_wh
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - np.array([width, height]) / 2
    hard = rng.random() < 0.3
    yaw, pitch = rng.normal(0, 0.45 if hard else 0.22), rng.normal(0.15, 0.3 if hard else 0.18)
    roll = rng.normal(0, 0.15 if hard else 0.06)
    yaw, pitch, roll = (
        float(np.clip(yaw, -0.95, 0.95)),
        float(np.clip(pitch, -0.7, 0.8)),
        float(np.clip(roll, -0.32, 0.32)),
    )
    deep = np.column_stack([corners, np.zeros(4)])
    cy, sy, cp, sp = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
    deep = deep @ np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]]) @ np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
    flat = deep[:, :2] / (1 + deep[:, 2:] / (width * rng.uniform(2.5, 12)))
    flat = flat @ np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
    jitter = rng.normal(0, 0.008 * height, (4, 2))
    return np.asarray(flat + jitter, np.float32)


def laid(picture: Image, flat: FlatPlate, corners: Corners) -> Image:
    """The plate warped over a picture, shrunk with averaging as a lens does."""
    height, width = flat.pixels.shape[:2]
    seen = max(float(np.linalg.norm(corners[1] - corners[0])), 4.0)
    shrink = min(1.0, 1.3 * seen / width)
    size = (max(4, round(width * shrink)), max(4, round(height * shrink)))
    pixels = cv2.resize(flat.pixels, size, interpolation=cv2.INTER_AREA)
    mask = cv2.resize(flat.mask, size, interpolation=cv2.INTER_AREA)
    source = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, corners)
    out = (picture.shape[1], picture.shape[0])
    warped = cv2.warpPerspective(pixels, matrix, out, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.warpPerspective(mask, matrix, out, flags=cv2.INTER_LINEAR)[:, :, None]
    return np.asarray(picture + (warped.astype(np.float32) - picture) * cover, np.uint8)


def background(size_wh: tuple[int, int], rng: np.random.Generator) -> Image:
    """Fenders, bumpers, lamps: a few flat and shaded shapes, dark more often than not."""
    width, height = size_wh
    base = rng.uniform(0, 70, 3) if rng.random() < 0.55 else rng.uniform(0, 255, 3)
    coarse = base + rng.normal(0, rng.uniform(3, 30), (4, 5, 3))
    picture = cv2.resize(coarse.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(int(rng.integers(0, 5))):
        colour = (rng.uniform(0, 255, 3) if rng.random() < 0.5 else np.full(3, rng.uniform(0, 255))).tolist()
        one = (int(rng.integers(-5, width + 5)), int(rng.integers(-5, height + 5)))
        two = (int(rng.integers(-5, width + 5)), int(rng.integers(-5, height + 5)))
        if rng.random() < 0.5:
            cv2.rectangle(picture, one, two, colour, -1)
        else:
            cv2.line(picture, one, two, colour, int(rng.integers(1, 6)))
    return np.clip(picture, 0, 255).astype(np.uint8)


def _lettered(picture: Image, rng: np.random.Generator) -> None:
    """A seller's name or a sticker beside the plate: print that is no plate."""
    height, width = picture.shape[:2]
    text = "".join(rng.choice(list("ABCDEHKLMNOPRSTUVX0123456789 "), int(rng.integers(4, 12))))
    at = (int(rng.integers(-width // 4, width // 2)), int(rng.choice([height * 0.08, height * 0.98])))
    tint = rng.uniform(0, 255, 3).tolist()
    cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, float(max(0.2, height / 250)), tint, 1, cv2.LINE_AA)


def _ribbed(picture: Image, rng: np.random.Generator) -> None:
    """A grille, a rack or cooling ribs beside the plate: strokes that are no characters."""
    height, width = picture.shape[:2]
    step = max(2, round(height * rng.uniform(0.03, 0.09)))
    light, tint = rng.uniform(20, 255), rng.uniform(0, 120)
    lying = rng.random() < 0.6
    for at in range(0, height if lying else width, 2 * step):
        if lying:
            picture[at : at + step] = light
        else:
            picture[:, at : at + step] = light
    picture[:] = picture * np.float32(0.8) + np.float32(tint * 0.2)


def camera(image: Image, rng: np.random.Generator) -> Image:
    """Light, lens, sensor and coder, each as often as streets show them."""
    picture = image.astype(np.float32)
    picture = _light(picture, rng)
    if rng.random() < 0.55:
        picture = _blur(picture, rng)
    if rng.random() < 0.6:
        picture += rng.normal(0, rng.uniform(1, 12 if rng.random() < 0.3 else 5), picture.shape)
    shown = np.clip(picture, 0, 255).astype(np.uint8)
    if rng.random() < 0.2:
        shown = _resampled(shown, rng)
    if rng.random() < 0.35:
        soft = cv2.GaussianBlur(shown, (0, 0), rng.uniform(0.7, 1.8)).astype(np.float32)
        shown = np.clip(shown + (shown - soft) * rng.uniform(0.4, 2.0), 0, 255).astype(np.uint8)
    if rng.random() < 0.6:
        quality = int(rng.integers(25, 95))
        shown = cv2.imdecode(cv2.imencode(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)
    return np.asarray(shown, np.uint8)


def _light(picture: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    height, width = picture.shape[:2]
    if rng.random() < 0.3:
        side = rng.uniform(0.35, 0.9)
        edge = np.array([[0, 0], [width * rng.uniform(0, 1), 0], [width * rng.uniform(0, 1), height], [0, height]])
        shade = np.ones((height, width), np.float32)
        cv2.fillPoly(shade, [edge.astype(np.int32)], side)
        if rng.random() < 0.5:
            shade = cv2.GaussianBlur(shade, (0, 0), rng.uniform(0.6, 4))
        picture *= shade[:, :, None]
    pick = rng.random()
    if pick < 0.15:
        picture = 255 * (picture / 255) ** rng.uniform(1.2, 2.2) * rng.uniform(0.25, 0.7)
    elif pick < 0.32:
        picture = 255 * (picture / 255) ** rng.uniform(0.5, 0.9) * rng.uniform(1.0, 1.5)
    elif pick < 0.8:
        picture = picture * rng.uniform(0.6, 1.15) + rng.uniform(-15, 40)
    if rng.random() < 0.3:
        picture = _glare(picture, rng)
    if rng.random() < 0.5:
        picture = picture * rng.normal(1, 0.09, 3).astype(np.float32)
    if rng.random() < 0.08:
        spot = np.zeros((height, width), np.float32)
        cv2.circle(spot, (int(rng.integers(width)), int(rng.integers(height))), max(2, height // 6), 1.0, -1)
        picture += cv2.GaussianBlur(spot, (0, 0), height / 5)[:, :, None] * rng.uniform(60, 220)
    return np.asarray(picture.clip(0, 255), np.float32)


def _resampled(image: Image, rng: np.random.Generator) -> Image:
    """Made smaller and larger again, as recorders and substreams do."""
    height, width = image.shape[:2]
    share = float(rng.uniform(0.45, 0.9))
    small = (max(12, round(width * share)), max(8, round(height * share)))
    how = cv2.INTER_AREA if rng.random() < 0.7 else cv2.INTER_LINEAR
    back = cv2.INTER_CUBIC if rng.random() < 0.6 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(cv2.resize(image, small, interpolation=how), (width, height), interpolation=back))


def _glare(picture: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Bent bright streaks and burnt spots: lamps and sky mirrored in the paint or in a plastic cover."""
    height, width = picture.shape[:2]
    light = np.zeros((height, width), np.float32)
    for _ in range(int(rng.integers(1, 4))):
        start = np.array([rng.uniform(-0.2, 0.9) * width, rng.uniform(0, 1) * height])
        reach, slope = rng.uniform(0.1, 0.9) * width, rng.normal(0, 0.25)
        bend, along = rng.normal(0, 0.12) * height, np.linspace(0, 1, 9)
        x, y = start[0] + along * reach, start[1] + along * reach * slope + bend * np.sin(np.pi * along)
        thick = max(1, round(height * rng.uniform(0.015, 0.11)))
        line = np.stack([x, y], axis=1).round().astype(np.int32)
        cv2.polylines(light, [line], False, float(rng.uniform(0.4, 1)), thick, cv2.LINE_AA)
    if rng.random() < 0.4:
        at = (int(rng.integers(width)), int(rng.integers(height)))
        axes = (max(1, round(width * rng.uniform(0.02, 0.12))), max(1, round(height * rng.uniform(0.03, 0.16))))
        cv2.ellipse(light, at, axes, float(rng.uniform(0, 180)), 0, 360, 1.0, -1, cv2.LINE_AA)
    if rng.random() < 0.4:
        _sheet(light, rng)
    light = cv2.GaussianBlur(light, (0, 0), max(0.4, height * rng.uniform(0.006, 0.03)))[:, :, None]
    level = np.float32(rng.uniform(190, 300))
    return np.asarray(picture + np.maximum(level - picture, 0) * light * np.float32(rng.uniform(0.5, 1)), np.float32)


def _sheet(light: NDArray[np.float32], rng: np.random.Generator) -> None:
    """A wedge or crescent of mirrored sky over part of the plate, its edge sharp on one side."""
    height, width = light.shape
    middle = np.array([rng.uniform(0, 1) * width, rng.uniform(0, 1) * height])
    turn, long = rng.uniform(0, np.pi), rng.uniform(0.12, 0.5) * width
    thick, bow = rng.uniform(0.05, 0.3) * height, rng.normal(0, 0.15) * height
    along = np.linspace(-1, 1, 13)
    upper, lower = bow * (1 - along**2), bow * (1 - along**2) + thick * (1 - along) * (1 + along) ** 0.5
    outline = np.vstack([np.column_stack([along * long, upper]), np.column_stack([along * long, lower])[::-1]])
    spin = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    cv2.fillPoly(light, [(outline @ spin + middle).round().astype(np.int32)], float(rng.uniform(0.5, 1)), cv2.LINE_AA)


def _blur(picture: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    small = min(1.0, picture.shape[1] / 110)
    if rng.random() < 0.55:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 1.7) * small + 0.05), np.float32)
    length = max(2, round(rng.uniform(2, 7) * small))
    kernel = np.zeros((2 * length + 1, 2 * length + 1), np.float32)
    reach = np.array([np.cos(angle := rng.uniform(0, np.pi)), np.sin(angle)]) * length / 2
    middle = np.array([length, length])
    cv2.line(kernel, tuple((middle - reach).round().astype(int)), tuple((middle + reach).round().astype(int)), 1.0)
    return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()), np.float32)
