"""Where a picture of any size lies inside a network's input, and the way back to full-frame pixels.

The picture is scaled to fit, centred, and framed in grey. Every pixel outside the frame is the picture's, so a
decoder can scale straight to `inner_wh` and never make a full-size BGR frame.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from detector.types.window import Window

GREY = 114
"""Value of the border, as in training."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterbox:
    """One source size fitted into one input size.

    Attributes:
        source_wh: full-frame width and height, px.
        input_wh: the network's input, px.
        inner_wh: the scaled picture inside the input, px.
        window: the part of the full frame that fills it, None for all of it.
    """

    source_wh: tuple[int, int]
    input_wh: tuple[int, int]
    inner_wh: tuple[int, int]
    window: Window | None = None

    def at(self, window: Window | None) -> "Letterbox":
        """The same input filled by a part of the full frame, of about the frame's own shape; None: by all of it."""
        return replace(self, window=window)

    @classmethod
    def fitted(cls, source_wh: tuple[int, int], *, long_side_px: int, stride_px: int) -> "Letterbox":
        """The smallest input for a network that follows the picture's shape.

        The longer side becomes `long_side_px`, both sides are rounded up to multiples of `stride_px`:
        16:9 at 640 and 32 gives 640 x 384, 4:3 gives 640 x 480.

        Raises:
            ValueError: a side of `source_wh` is not positive.
        """
        inner_wh = _scaled(source_wh, long_side_px / max(*source_wh, 1))
        input_w, input_h = (-(-side // stride_px) * stride_px for side in inner_wh)
        return cls(source_wh=source_wh, input_wh=(input_w, input_h), inner_wh=inner_wh)

    @classmethod
    def inside(cls, source_wh: tuple[int, int], input_wh: tuple[int, int]) -> "Letterbox":
        """The largest fit into a network of one fixed input size.

        Raises:
            ValueError: a side of `source_wh` is not positive.
        """
        scale = min(input_wh[0] / max(source_wh[0], 1), input_wh[1] / max(source_wh[1], 1))
        return cls(source_wh=source_wh, input_wh=input_wh, inner_wh=_scaled(source_wh, scale))

    @property
    def offset_xy(self) -> tuple[int, int]:
        """Left and top border, px of the input."""
        return (self.input_wh[0] - self.inner_wh[0]) // 2, (self.input_wh[1] - self.inner_wh[1]) // 2

    @property
    def scale_xy(self) -> tuple[float, float]:
        """Input px per full-frame px; the two differ by the rounding of `inner_wh`."""
        width, height = self.window.size_wh if self.window else self.source_wh
        return self.inner_wh[0] / width, self.inner_wh[1] / height

    def to_source(self, xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
        """Boxes (n, 4) from input px to full-frame px, not clipped."""
        return ((xyxy - self._offsets) / self._scales + self._origin).astype(np.float32)

    def to_input(self, xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
        """Boxes (n, 4) from full-frame px to input px, not clipped."""
        return ((xyxy - self._origin) * self._scales + self._offsets).astype(np.float32)

    @property
    def _origin(self) -> NDArray[np.float64]:
        return np.array((self.window or (0, 0))[:2] * 2, np.float64)

    @property
    def _offsets(self) -> NDArray[np.float64]:
        return np.array(self.offset_xy * 2, np.float64)

    @property
    def _scales(self) -> NDArray[np.float64]:
        return np.array(self.scale_xy * 2)


def _scaled(source_wh: tuple[int, int], scale: float) -> tuple[int, int]:
    if min(source_wh) < 1:
        raise ValueError(f"source_wh: expected a positive width and height, got {source_wh}")
    return max(1, round(source_wh[0] * scale)), max(1, round(source_wh[1] * scale))
