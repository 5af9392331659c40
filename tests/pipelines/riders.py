"""A drawn cyclist on an empty road, which the near network takes for what it is."""

import cv2
import numpy as np

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


def cyclist() -> Image:
    """A picture (360, 480, 3) BGR of somebody on a bicycle, seen from the side."""
    picture = np.full((360, 480, 3), (150, 152, 150), np.uint8)
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


def _at(x: float, y: float) -> tuple[int, int]:
    return round(240 + SCALE * (x - 240)), round(200 + SCALE * (y - 200))
