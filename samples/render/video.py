"""Writing a clip: H.264, closed groups of 20 pictures, the recording's creation time in the container.

Comes in: BGR frames. Goes out: an mp4.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av

from samples.render.compose import Frame


def write_clip(
    path: Path, frames: Iterable[Frame], size_wh: tuple[int, int], rate: int, began_at: str, crf: int
) -> None:
    """Encode frames at a fixed rate."""
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        container.metadata["creation_time"] = began_at
        stream = container.add_stream(
            "libx264",
            rate=rate,
            options={
                "crf": str(crf),
                "preset": "slow",
                "g": "20",
                "x264-params": "open-gop=0:keyint=20:min-keyint=20:scenecut=0",
            },
        )
        stream.width, stream.height = size_wh
        stream.pix_fmt = "yuv420p"
        for index, image in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(image, format="bgr24")
            frame.pts, frame.time_base = index, Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
