"""Behind `phatnguoi detect`: picture files in, what the street network sees in each as JSON-able rows out.

A picture that cannot be read does not stop the others: its row carries `error` and no detections, and the command
line ends with exit code 2 when any row does.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from detector.inference import load_registry
from detector.inference.picture import Pixels
from detector.inference.stills import StillDetector
from detector.types import Detections, InferenceError, ObjectClass, SourceError

Row = dict[str, Any]


def detect_images(
    paths: Iterable[Path], *, registry: Path, network: str | None = None, score_min: float | None = None
) -> list[Row]:
    """One row per path, in order: `{"image", "detections": [{"kind", "score", "xyxy"}]}`, best detection first.

    `xyxy` is in px of the picture as shown (its EXIF rotation applied), clipped to it. A picture that cannot be
    read has no detections and `"error"` says why. `score` is calibrated: of boxes with 0.8, eight in ten are right.
    What may be a car or a truck is told as both, each with its own score.

    Args:
        paths: pictures in any format OpenCV reads.
        registry: the `registry.toml` that lists the networks.
        network: a name from it, its default detector when None.
        score_min: detections that score less are left out, the network's own value when None (see `StillDetector`).

    Raises:
        ConfigError: the registry is not valid.
        InferenceError: no such network, or its files are missing, altered or unusable.
    """
    networks = load_registry(registry)
    chosen = networks.network(network) if network else networks.default("detect")
    if chosen is None:
        raise InferenceError(f"{registry}: [defaults] names no network for `detect`; name one, or give its name")
    detector = StillDetector(chosen, second=networks.second(chosen), score_min=score_min)
    try:
        return [_row(path, detector) for path in paths]
    finally:
        detector.close()


def read_image(path: Path) -> Pixels:
    """The picture in a file, (h, w, 3) uint8 BGR, upright by its EXIF rotation.

    Raises:
        SourceError: no such file, damaged, or not a picture that OpenCV can decode.
    """
    try:
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        raise SourceError(f"{path}: cannot read the picture ({error.strerror}); check the path") from error
    try:
        image = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
    except cv2.error as error:
        raise SourceError(f"{path}: cannot decode the picture ({error.err}); save it as JPEG or PNG") from error
    if image is None and cv2.haveImageReader(str(path)):
        raise SourceError(f"{path}: the picture is damaged or cut off ({len(data)} bytes); copy it again")
    if image is None:
        raise SourceError(f"{path}: not a picture ({len(data)} bytes); expected JPEG, PNG, WebP, BMP or TIFF")
    return np.asarray(image, np.uint8)


def _row(path: Path, detector: StillDetector) -> Row:
    try:
        image = read_image(path)
    except SourceError as error:
        return {"image": str(path), "detections": [], "error": str(error)}
    return {"image": str(path), "detections": _rows(detector.detect(image), (image.shape[1], image.shape[0]))}


def _rows(seen: Detections, size_wh: tuple[int, int]) -> list[Row]:
    seen = seen[np.argsort(-seen.score, kind="stable")]
    xyxy = np.clip(seen.xyxy, 0, np.array(size_wh * 2, np.float32))
    return [
        {
            "kind": ObjectClass(int(kind)).label,
            "score": round(float(score), 4),
            "xyxy": [round(float(side), 2) for side in box],
        }
        for kind, score, box in zip(seen.kind, seen.score, xyxy, strict=True)
    ]
