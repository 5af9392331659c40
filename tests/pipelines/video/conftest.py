"""Recordings shared by the tests of this folder, each encoded once per run."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from pipelines.video import Recording, open_recording
from tests.footage_maker import write_pictures, write_video

FRAMES = 36
FPS = 25
SIZE_WH = (160, 120)
X265 = "log-level=error:keyint=10:min-keyint=10"


@dataclass(frozen=True, kw_only=True)
class Format:
    """One way in which recorders store pictures."""

    name: str
    codec: str
    options: dict[str, str] = field(default_factory=dict)

    @property
    def pictures(self) -> bool:
        return self.codec == "pictures"


H264_B = {"bf": "2"}
FORMATS = [
    Format(name="h264.mp4", codec="libx264", options=H264_B),
    Format(name="h264.mkv", codec="libx264", options=H264_B),
    Format(name="h264.avi", codec="libx264", options=H264_B),
    Format(name="h264.ts", codec="libx264", options=H264_B),
    Format(name="h264-no-b-frames.avi", codec="libx264", options={"bf": "0"}),
    Format(name="h264-open-gop.mp4", codec="libx264", options={**H264_B, "x264-params": "open-gop=1"}),
    Format(name="h264-open-gop.ts", codec="libx264", options={**H264_B, "x264-params": "open-gop=1"}),
    Format(name="h265.mp4", codec="libx265", options={"x265-params": f"{X265}:open-gop=0"}),
    Format(name="h265.mkv", codec="libx265", options={"x265-params": f"{X265}:open-gop=0"}),
    Format(name="h265-open-gop.mp4", codec="libx265", options={"x265-params": f"{X265}:open-gop=1"}),
    Format(name="h265-open-gop.ts", codec="libx265", options={"x265-params": f"{X265}:open-gop=1"}),
    Format(name="mpeg4.mp4", codec="mpeg4", options=H264_B),
    Format(name="mpeg4.mkv", codec="mpeg4", options=H264_B),
    Format(name="mpeg4.avi", codec="mpeg4", options=H264_B),
    Format(name="mpeg4.ts", codec="mpeg4", options=H264_B),
    Format(name="mjpeg.mp4", codec="mjpeg"),
    Format(name="mjpeg.mkv", codec="mjpeg"),
    Format(name="mjpeg.avi", codec="mjpeg"),
    Format(name="folder of pictures", codec="pictures"),
]
FILES = [form for form in FORMATS if not form.pictures]


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Format], Recording]:
    """The recording in a format: 36 numbered frames at 25 a second, a keyframe every 10."""
    folder = tmp_path_factory.mktemp("formats")
    made: dict[str, Recording] = {}

    def record(form: Format) -> Recording:
        if form.name not in made:
            made[form.name] = _record(folder / form.name, form)
        return made[form.name]

    return record


def _record(path: Path, form: Format) -> Recording:
    if form.pictures:
        return open_recording(write_pictures(path, frames=FRAMES, size_wh=SIZE_WH), picture_fps=FPS)
    return open_recording(
        write_video(path, codec=form.codec, frames=FRAMES, fps=FPS, size_wh=SIZE_WH, options=form.options)
    )
