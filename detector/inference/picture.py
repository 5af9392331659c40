"""One frame as a network takes it: small, framed, and knowing where and when it was.

In: a picture already scaled to `Letterbox.inner_wh` (by the decoder), or a BGR picture of any size.
Out: a `Picture` that any backend accepts.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.inference.letterbox import GREY, Letterbox

Pixels = NDArray[np.uint8]
"""(h, w, 3) uint8 BGR."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A network's input.

    Attributes:
        pixels: (h, w, 3) uint8 BGR of size `letterbox.input_wh`, contiguous, borders grey.
        letterbox: the way back to full-frame px.
        t_s: stream seconds of the frame, None for a picture without a stream.
    """

    pixels: Pixels
    letterbox: Letterbox
    t_s: float | None = None

    def __post_init__(self) -> None:
        width, height = self.letterbox.input_wh
        if self.pixels.shape != (height, width, 3) or self.pixels.dtype != np.uint8:
            got = f"{self.pixels.dtype} of shape {self.pixels.shape}"
            raise ValueError(f"Picture.pixels: expected uint8 of shape {(height, width, 3)}, got {got}")

    @classmethod
    def framed(cls, inner: Pixels, letterbox: Letterbox, *, t_s: float | None = None) -> "Picture":
        """A picture already scaled to `letterbox.inner_wh`, set into its grey frame (copied) where there is one.

        Raises:
            ValueError: `inner` has another size.
        """
        width, height = letterbox.inner_wh
        if inner.shape != (height, width, 3):
            raise ValueError(f"inner: expected shape {(height, width, 3)}, got {inner.shape}")
        if letterbox.inner_wh == letterbox.input_wh:
            return cls(pixels=np.ascontiguousarray(inner), letterbox=letterbox, t_s=t_s)
        canvas = np.full((letterbox.input_wh[1], letterbox.input_wh[0], 3), GREY, np.uint8)
        left, top = letterbox.offset_xy
        canvas[top : top + height, left : left + width] = inner
        return cls(pixels=canvas, letterbox=letterbox, t_s=t_s)

    @classmethod
    def resized(cls, image: Pixels, letterbox: Letterbox, *, t_s: float | None = None) -> "Picture":
        """A full-size BGR picture (h, w, 3) uint8, scaled and framed.

        Shrinking averages over areas, as the decoder's scaler does, so that both ways in see the same picture.

        Raises:
            ValueError: the picture's size is not `letterbox.source_wh`.
        """
        height, width = image.shape[:2]
        if (width, height) != letterbox.source_wh:
            raise ValueError(f"image: expected {letterbox.source_wh} px (w, h), got {(width, height)}")
        shrinks = letterbox.inner_wh[0] < width or letterbox.inner_wh[1] < height
        inner = cv2.resize(image, letterbox.inner_wh, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        return cls.framed(np.asarray(inner, np.uint8), letterbox, t_s=t_s)
