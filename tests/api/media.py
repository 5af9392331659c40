"""Real stills and a real clip for the console's test: a street drawn in a few strokes, no recording."""

from fractions import Fraction
from io import BytesIO

import av
import cv2
import numpy as np
from numpy.typing import NDArray

SIZE_WH = (960, 540)
CLIP_S, FPS = 4, 10


def street(t_s: float, *, marked: bool = False) -> NDArray[np.uint8]:
    """A carriageway with one motorbike that rides up it against the arrow; (540, 960, 3) BGR."""
    width, height = SIZE_WH
    image = np.full((height, width, 3), (92, 104, 96), np.uint8)
    cv2.fillPoly(image, [np.array([[300, 0], [560, 0], [820, height], [100, height]], np.int32)], (70, 70, 72))
    cv2.arrowedLine(image, (430, 80), (400, 420), (220, 220, 220), 6)
    x, y = 560 - int(20 * t_s), 470 - int(90 * t_s)
    cv2.rectangle(image, (x - 20, y - 70), (x + 20, y), (40, 40, 190), -1)
    cv2.circle(image, (x, y - 82), 13, (60, 150, 200), -1)
    if marked:
        cv2.rectangle(image, (x - 28, y - 100), (x + 28, y + 6), (0, 200, 255), 3)
    return image


def jpeg(image: NDArray[np.uint8]) -> bytes:
    """A still."""
    done, data = cv2.imencode(".jpg", image)
    assert done
    return data.tobytes()


def clip() -> bytes:
    """An H.264 clip in mp4 of a few seconds."""
    buffer = BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height = SIZE_WH
        stream.pix_fmt = "yuv420p"
        stream.time_base = Fraction(1, FPS)
        for index in range(CLIP_S * FPS):
            frame = av.VideoFrame.from_ndarray(street(index / FPS), format="bgr24")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()


def items() -> dict[str, bytes]:
    """What a pipeline puts into a bundle."""
    moments = {"before": 0.5, "during": 2.0, "after": 3.5}
    stills = {f"{name}.jpg": jpeg(street(t_s)) for name, t_s in moments.items()}
    marked = {f"{name}-annotated.jpg": jpeg(street(t_s, marked=True)) for name, t_s in moments.items()}
    return {**stills, **marked, "clip.mp4": clip()}
