"""Copies of stills that may leave the house: everything but the vehicle in question is made unrecognisable.

No network looks for faces or plates, so none can be overlooked: the whole picture outside the offender's box is
reduced to blocks of 1/48 of its width (a face or a plate keeps four or five of them at most) and smoothed. What lies
inside the box stays as it was, a passenger or a plate seen through it included; where no box is known, nothing stays.
"""

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw, UnidentifiedImageError

from cases.evidence import EvidenceStore, Manifest
from detector.types import EvidenceError

BLOCKS_ACROSS = 48
BOX_RGB = (220, 30, 30)
QUALITY = 88
Box = tuple[float, float, float, float]


def redacted(jpeg: bytes, keep: Box | None) -> bytes:
    """A JPEG with everything outside `keep` (xyxy, px) made unrecognisable; no metadata is taken over.

    Raises:
        EvidenceError: the bytes are not a picture.
    """
    try:
        with Image.open(BytesIO(jpeg)) as opened:
            picture = opened.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError) as error:
        raise EvidenceError(f"a still cannot be read as a picture ({error}); verify the bundle") from error
    copy = _blocks(picture)
    box = _inside(keep, picture.size) if keep else None
    if box:
        copy.paste(picture.crop(box), box[:2])
        ImageDraw.Draw(copy).rectangle(box, outline=BOX_RGB, width=max(picture.width // 640, 1))
    return _jpeg(copy)


def cut_out(jpeg: bytes, keep: Box) -> bytes:
    """The vehicle alone."""
    with Image.open(BytesIO(jpeg)) as opened:
        picture = opened.convert("RGB")
    box = _inside(keep, picture.size)
    return _jpeg(picture.crop(box) if box else _blocks(picture))


def redacted_stills(store: EvidenceStore, location: str) -> Iterator[tuple[str, bytes]]:
    """(item name, JPEG) of each still of a bundle that shows a moment, made fit to leave, and of the vehicle."""
    manifest = store.manifest(location)
    for name, keep in moments(manifest):
        still = store.local_path(location, f"{name}.jpg").read_bytes()
        yield f"{name}.jpg", redacted(still, keep)
        if name == "during" and keep:
            yield "vehicle.jpg", cut_out(still, keep)


def moments(manifest: Manifest) -> list[tuple[str, Box | None]]:
    """(still, the offender's box in it) in order of time; None where the moment lies outside the act."""
    finding: Mapping[str, Any] = manifest.violation.get("finding", {})
    found = sorted(finding.get("moments", {}).items(), key=lambda moment: float(moment[1]["t_s"]))
    return [
        (name, _box(moment) if _during(finding, moment) else None)
        for name, moment in found
        if manifest.item(f"{name}.jpg") is not None
    ]


def _box(moment: Mapping[str, Any]) -> Box:
    x1, y1, x2, y2 = (float(side) for side in moment["xyxy"])
    return x1, y1, x2, y2


def _during(finding: Mapping[str, Any], moment: Mapping[str, Any]) -> bool:
    return float(finding["t_start_s"]) - 1e-6 <= float(moment["t_s"]) <= float(finding["t_end_s"]) + 1e-6


def _blocks(picture: Image.Image) -> Image.Image:
    width = min(BLOCKS_ACROSS, picture.width)
    height = max(round(picture.height * width / picture.width), 1)
    small = picture.resize((width, height), Image.Resampling.BOX)
    return small.resize(picture.size, Image.Resampling.BICUBIC)


def _inside(box: Box, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    x1, y1 = max(round(box[0]), 0), max(round(box[1]), 0)
    x2, y2 = min(round(box[2]), size[0]), min(round(box[3]), size[1])
    return (x1, y1, x2, y2) if x2 > x1 and y2 > y1 else None


def _jpeg(picture: Image.Image) -> bytes:
    data = BytesIO()
    picture.save(data, "JPEG", quality=QUALITY)
    return data.getvalue()
