"""A drawn cyclist on an empty road, which the near network takes for what it is; and a recording in which it rides."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

from detector.inference import Backend, Network
from detector.inference.scripted import ScriptedBackend, ScriptedFrame
from tests.footage_maker import write_video
from tests.pipelines.plates import Image

BOX = (182.0, 118.0, 299.0, 251.0)
"""The cyclist in the picture, px."""
_FRAME = (
    ((185, 250), (235, 250)),
    ((235, 250), (218, 190)),
    ((218, 190), (280, 190)),
    ((280, 190), (235, 250)),
    ((185, 250), (218, 190)),
    ((295, 250), (278, 180)),
    ((278, 180), (268, 172)),
    ((268, 172), (290, 170)),
    ((210, 184), (228, 184)),
)
_BODY = (
    ((220, 182), (250, 225), (70, 50, 40), 13),
    ((250, 225), (238, 262), (70, 50, 40), 10),
    ((220, 180), (248, 120), (130, 90, 40), 22),
    ((248, 124), (284, 170), (130, 90, 40), 9),
)
SCALE = 0.6
GREY = (150, 152, 150)
STREET_WH = (640, 960)
FPS = 10
RIDE_S = (1.0, 5.0)
LENGTH_S = 12.0
BOX_RIDE_S = (6.0, 10.0)
"""When a plain box, which is no bicycle, rides the same way."""


def cyclist() -> Image:
    """A picture (360, 480, 3) BGR of somebody on a bicycle, seen from the side."""
    picture = np.full((360, 480, 3), GREY, np.uint8)
    for x in (185, 295):
        cv2.circle(picture, _at(x, 250), round(42 * SCALE), (25, 25, 25), 2, cv2.LINE_AA)
        for angle in np.radians(np.arange(0, 180, 30)):
            spoke = 40 * np.array([np.cos(angle), np.sin(angle)])
            cv2.line(picture, _at(x - spoke[0], 250 - spoke[1]), _at(x + spoke[0], 250 + spoke[1]), (120,) * 3, 1)
    for begin, end in _FRAME:
        cv2.line(picture, _at(*begin), _at(*end), (40, 40, 160), 3, cv2.LINE_AA)
    for begin, end, colour, width in _BODY:
        cv2.line(picture, _at(*begin), _at(*end), colour, round(width * SCALE), cv2.LINE_AA)
    cv2.circle(picture, _at(256, 98), round(14 * SCALE), (110, 140, 190), -1, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.8), np.uint8)


def write_street(path: Path) -> Path:
    """A recording: first the cyclist rides up the street, then the box."""
    return write_video(
        path,
        frames=round(LENGTH_S * FPS),
        fps=FPS,
        size_wh=STREET_WH,
        picture=lambda number, _size_wh: _street(number / FPS),
        options={"crf": "18"},
    )


def open_calling_all_motorcycles(_network: Network) -> Backend:
    """A street network that finds both, and takes either for a motorcycle."""
    frames = []
    for number in range(round(LENGTH_S * FPS)):
        objects = [{"kind": "motorcycle", "xyxy": box} for box in _riding(number / FPS)]
        frames.append(ScriptedFrame.model_validate({"t_s": number / FPS, "objects": objects}))
    return ScriptedBackend(frames)


def _riding(t_s: float) -> Iterator[tuple[float, float, float, float]]:
    for first_s, last_s in (RIDE_S, BOX_RIDE_S):
        if first_s <= t_s <= last_s:
            up = 640 - 130 * (t_s - first_s)
            yield BOX[0], BOX[1] + up, BOX[2], BOX[3] + up


def _street(t_s: float) -> Image:
    picture = np.full((STREET_WH[1], STREET_WH[0], 3), GREY, np.uint8)
    for x1, y1, x2, y2 in _riding(t_s):
        if t_s <= RIDE_S[1]:
            top = round(y1 - BOX[1])
            picture[top + 90 : top + 290, 150:340] = cyclist()[90:290, 150:340]
        else:
            picture[round(y1) : round(y2), round(x1) : round(x2)] = (40, 30, 200)
    return picture


def _at(x: float, y: float) -> tuple[int, int]:
    return round(240 + SCALE * (x - 240)), round(200 + SCALE * (y - 200))
