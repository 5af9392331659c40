"""Tube houses of Hanoi's old streets: narrow fronts of three to five storeys with a shop below.

Comes in: a row (start, direction, length) and a random generator. Goes out: faces. In a house's frame x runs along the
front, +y points into the street, z up; the front is the plane y = 0.
"""

from __future__ import annotations

import numpy as np

from samples.render.lettering import letters
from samples.render.mesh import Colour, MeshBuilder

PLASTER: tuple[Colour, ...] = (
    (0.62, 0.48, 0.20),
    (0.58, 0.52, 0.40),
    (0.45, 0.50, 0.42),
    (0.60, 0.56, 0.50),
    (0.40, 0.44, 0.50),
    (0.55, 0.36, 0.26),
    (0.62, 0.58, 0.44),
    (0.50, 0.42, 0.36),
)
SHUTTER: tuple[Colour, ...] = ((0.05, 0.16, 0.11), (0.06, 0.14, 0.22), (0.16, 0.08, 0.04), (0.10, 0.17, 0.09))
SIGNS: tuple[tuple[Colour, Colour], ...] = (
    ((0.55, 0.02, 0.02), (0.85, 0.75, 0.1)),
    ((0.03, 0.12, 0.40), (0.8, 0.8, 0.8)),
    ((0.02, 0.25, 0.08), (0.85, 0.8, 0.3)),
    ((0.75, 0.72, 0.65), (0.5, 0.02, 0.02)),
    ((0.75, 0.45, 0.02), (0.12, 0.02, 0.02)),
)
WORDS = (
    "PHỞ BÒ",
    "CÀ PHÊ",
    "BÚN CHẢ",
    "TẠP HÓA",
    "SỬA XE MÁY",
    "NHÀ THUỐC",
    "VÀNG BẠC",
    "THỜI TRANG",
    "BÁNH MÌ",
    "ĐIỆN THOẠI",
    "TRÀ ĐÁ",
    "CẮT TÓC",
    "KHÁCH SẠN",
    "GIÀY DÉP",
    "MAY ĐO",
    "BIA HƠI",
    "HIỆU SÁCH",
    "BÁNH CUỐN",
    "XÔI CHÈ",
    "ĐỒ GỖ",
    "VĂN PHÒNG PHẨM",
    "MẮT KÍNH",
)
CLOTH: tuple[Colour, ...] = ((0.05, 0.20, 0.42), (0.50, 0.05, 0.04), (0.05, 0.28, 0.14), (0.60, 0.36, 0.06))
DARK: Colour = (0.02, 0.02, 0.022)


def row(
    made: MeshBuilder,
    start: tuple[float, float],
    yaw: float,
    length: float,
    rng: np.random.Generator,
    gap: tuple[float, float] | None = None,
) -> None:
    """Houses side by side; `gap` (from, to along the row) stays open as an alley."""
    with made.at(start[0], start[1], 0, yaw):
        x = 0.0
        while x < length - 2.4:
            width = min(float(rng.uniform(3.1, 4.9)), length - x)
            if gap is not None and x < gap[1] and x + width > gap[0]:
                if gap[0] - x > 2.2:
                    with made.at(x, 0, 0):
                        house(made, gap[0] - x, rng)
                x = gap[1]
                continue
            with made.at(x, float(rng.uniform(-0.15, 0.0)), 0):
                house(made, width, rng)
            x += width


def house(made: MeshBuilder, width: float, rng: np.random.Generator) -> None:
    """One house, 11 m deep."""
    colour = PLASTER[int(rng.integers(len(PLASTER)))]
    floors = int(rng.integers(2, 5))
    ground, storey = 3.5, float(rng.uniform(3.0, 3.4))
    top = ground + floors * storey
    made.box((width / 2, -5.5, (top + ground) / 2), (width, 11, top - ground), "plaster", colour)
    for side in (0.11, width - 0.11):
        made.box((side, -5.5, ground / 2), (0.22, 11, ground), "plaster", colour)
    made.box((width / 2, 0.06, top), (width + 0.04, 0.3, 0.35), "plaster", tuple(c * 0.8 for c in colour))  # type: ignore[arg-type]
    _shop(made, width, ground, rng)
    for floor in range(floors):
        with made.at(0, 0, ground + floor * storey):
            _storey(made, width, storey, colour, rng)
    _roof(made, width, top, rng)


def _shop(made: MeshBuilder, width: float, ground: float, rng: np.random.Generator) -> None:
    made.box((width / 2, -0.1, ground - 0.25), (width, 0.2, 0.5), "plaster", (0.45, 0.43, 0.40))
    if rng.random() < 0.35:
        _roller(made, width, ground, rng)
    else:
        _open_shop(made, width, ground, rng)
    back, front = SIGNS[int(rng.integers(len(SIGNS)))]
    made.box(
        (width / 2, 0.16, ground - 0.15), (width - 0.2, 0.16, 0.78), "neon" if rng.random() < 0.3 else "sign", back
    )
    with made.at(width / 2, 0.25, ground - 0.15):
        letters(made, WORDS[int(rng.integers(len(WORDS)))], 0.55, width - 0.6, "neon", front)
    if rng.random() < 0.5:
        _awning(made, width, ground - 0.62, rng)


def _roller(made: MeshBuilder, width: float, ground: float, rng: np.random.Generator) -> None:
    grey = float(rng.uniform(0.18, 0.38))
    for z in np.arange(0.15, ground - 0.5, 0.12):
        made.box((width / 2, -0.16, float(z) + 0.06), (width - 0.5, 0.06, 0.10), "dull", (grey, grey, grey * 1.05))
    made.box((width / 2, -0.22, ground / 2), (width - 0.4, 0.05, ground), "dull", (grey * 0.6,) * 3)


def _open_shop(made: MeshBuilder, width: float, ground: float, rng: np.random.Generator) -> None:
    """A lit room with shelves of goods."""
    made.box((width / 2, -4.0, ground / 2), (width, 0.1, ground), "plaster", (0.35, 0.33, 0.30))
    made.box((width / 2, -2.0, 0.14), (width, 4.0, 0.04), "tile", (0.30, 0.28, 0.26))
    made.box((width / 2, -1.6, ground - 0.42), (width * 0.5, 0.12, 0.06), "shop", (1.0, 0.93, 0.8))
    for side in (0.45, width - 0.45):
        for z in np.arange(0.3, 2.5, 0.42):
            made.box((side, -2.0, float(z)), (0.5, 3.4, 0.04), "wood", (0.25, 0.16, 0.09))
            for y in np.arange(-3.5, -0.4, 0.34):
                shade = tuple((rng.uniform(0.04, 0.6, 3)).tolist())
                size = float(rng.uniform(0.12, 0.34))
                made.box((side, float(y), float(z) + size / 2), (0.34, 0.26, size), "plastic", shade)
    if rng.random() < 0.6:
        made.soft_box((width / 2, -0.7, 0.6), (width * 0.45, 0.5, 0.9), "wood", (0.30, 0.18, 0.09), 0.03)


def _awning(made: MeshBuilder, width: float, z: float, rng: np.random.Generator) -> None:
    colour = CLOTH[int(rng.integers(len(CLOTH)))]
    reach = float(rng.uniform(1.0, 1.5))
    strips = 10
    for i in range(strips):
        x0, x1 = width * i / strips, width * (i + 1) / strips
        tint = colour if i % 2 else (0.62, 0.60, 0.55)
        made.quad([(x0, 0.1, z), (x1, 0.1, z), (x1, reach, z - 0.38), (x0, reach, z - 0.38)], "cloth", tint)
        made.quad(
            [(x0, reach, z - 0.38), (x1, reach, z - 0.38), (x1, reach + 0.01, z - 0.58), (x0, reach + 0.01, z - 0.58)],
            "cloth",
            tint,
        )


def _storey(made: MeshBuilder, width: float, height: float, wall: Colour, rng: np.random.Generator) -> None:
    style = int(rng.integers(3))
    shutter = SHUTTER[int(rng.integers(len(SHUTTER)))]
    made.box((width / 2, 0.04, 0.05), (width, 0.14, 0.16), "plaster", tuple(c * 0.85 for c in wall))  # type: ignore[arg-type]
    if style == 0:
        _balcony(made, width, rng)
        _opening(made, width / 2, 1.25, min(1.7, width * 0.5), 2.2, shutter)
    else:
        count = 2 if width > 3.6 else 1
        for i in range(count):
            _opening(made, width * (i + 1) / (count + 1), 1.55, 0.95, 1.5, shutter)
    if style == 2 or rng.random() < 0.35:
        made.soft_box(
            (width * float(rng.uniform(0.2, 0.8)), 0.24, 0.62), (0.82, 0.32, 0.55), "plastic", (0.62, 0.61, 0.56), 0.03
        )
    if height > 3.2 and rng.random() < 0.3:
        made.box((width / 2, 0.3, height - 0.25), (width * 0.8, 0.6, 0.05), "dull", (0.20, 0.24, 0.28))


def _opening(made: MeshBuilder, x: float, z: float, width: float, height: float, shutter: Colour) -> None:
    made.box((x, 0.015, z), (width + 0.16, 0.06, height + 0.16), "plaster", (0.6, 0.58, 0.52))
    made.box((x, 0.03, z), (width, 0.06, height), "window", (0.05, 0.07, 0.085))
    for dx in (-width / 2, 0.0, width / 2):
        made.box((x + dx, 0.06, z), (0.06, 0.06, height), "wood", shutter)
    for side in (-1, 1):
        for s in np.arange(-height / 2 + 0.06, height / 2, 0.11):
            made.box(
                (x + side * (width / 2 + width * 0.24), 0.08, z + float(s)),
                (width * 0.46, 0.05, 0.075),
                "wood",
                shutter,
            )


def _balcony(made: MeshBuilder, width: float, rng: np.random.Generator) -> None:
    made.box((width / 2, 0.45, 0.05), (width - 0.1, 0.95, 0.14), "plaster", (0.5, 0.48, 0.44))
    made.box((width / 2, 0.88, 0.98), (width - 0.1, 0.05, 0.05), "dull", DARK)
    for x in np.arange(0.1, width, 0.14):
        made.box((float(x), 0.88, 0.5), (0.022, 0.022, 0.95), "dull", DARK)
    for _ in range(int(rng.integers(0, 5))):
        x = float(rng.uniform(0.4, width - 0.4))
        made.box((x, 0.7, 0.25), (0.3, 0.25, 0.25), "stone", (0.4, 0.16, 0.08))
        for _ in range(30):
            dx, dy, dz = rng.normal(0, 0.14, 3).tolist()
            with made.at(x + dx, 0.7 + dy, 0.55 + dz, float(rng.uniform(0, 6)), float(rng.uniform(-1, 1))):
                made.quad(
                    [(-0.08, -0.05, 0), (0.08, -0.05, 0), (0.08, 0.05, 0), (-0.08, 0.05, 0)], "leaf", (0.05, 0.16, 0.04)
                )


def _roof(made: MeshBuilder, width: float, top: float, rng: np.random.Generator) -> None:
    if rng.random() < 0.5:
        made.tube(
            [(width / 2 - 0.6, -2, top + 0.9), (width / 2 + 0.6, -2, top + 0.9)], 0.5, "metal", (0.6, 0.6, 0.62), 14
        )
        made.box((width / 2, -2, top + 0.2), (1.1, 0.8, 0.4), "dull", (0.25, 0.25, 0.26))
    elif rng.random() < 0.6:
        made.quad(
            [(0, 0.5, top + 1.9), (width, 0.5, top + 1.9), (width, -4, top + 2.6), (0, -4, top + 2.6)],
            "dull",
            (0.30, 0.12, 0.09),
        )
