"""A part of a camera's picture."""

from typing import NamedTuple


class Window(NamedTuple):
    """The part of a full frame that is looked at: its edges in px of the frame, right and bottom just behind it."""

    left: int
    top: int
    right: int
    bottom: int

    @classmethod
    def whole(cls, size_wh: tuple[int, int]) -> "Window":
        """The frame itself."""
        return cls(0, 0, *size_wh)

    @property
    def size_wh(self) -> tuple[int, int]:
        """Its width and height, px."""
        return self.right - self.left, self.bottom - self.top

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies in it or on its edge."""
        return self.left <= x <= self.right and self.top <= y <= self.bottom
