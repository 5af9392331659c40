"""A scene file with what lies beside it: its text, its hash, its reference picture."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from detector.scene import Scene, parse_scene, scene_hash
from detector.scene.fault import Fault, FaultsError
from pipelines.video.recording import Recording
from pipelines.video.source import Image


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneFile:
    """A checked scene, as it lies on disk.

    Attributes:
        path: the YAML file.
        text: its content, word for word, for the evidence.
        scene: the checked scene.
        hash: SHA-256 of what it says.
        reference: the view with empty pavements, or None.
        view: the one it was drawn on, where that is another; tells a camera that was turned, nothing else.
    """

    path: Path
    text: str
    scene: Scene
    hash: str
    reference: Image | None
    view: Image | None = None


def load_scene(path: Path) -> SceneFile:
    """Reads and checks a scene file and its reference picture.

    Raises:
        ConfigError: the file or the picture is missing or wrong; every fault named.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        told = f"cannot be read ({error.strerror}); give the path of a scene file"
        raise _fault(path, "", told, "unreadable") from error
    except UnicodeDecodeError as error:
        told = f"not a text file in UTF-8 (byte {error.start}); give a scene in YAML"
        raise _fault(path, "", told, "not_text") from error
    scene = parse_scene(text, name=str(path))
    return SceneFile(path=path, text=text, scene=scene, hash=scene_hash(scene), reference=_reference(path, scene))


def check_size(scene_file: SceneFile, recording: Recording) -> None:
    """The scene must be drawn on pictures of this very size, or every zone would lie elsewhere.

    Raises:
        ConfigError: the sizes differ.
    """
    width, height = scene_file.scene.size
    if (width, height) != recording.size_wh:
        real_width, real_height = recording.size_wh
        told = (
            f"is [{width}, {height}] but {recording.path} has pictures of [{real_width}, {real_height}];"
            " draw the scene on a still of this camera and set size to match"
        )
        real = {"recording": recording.path, "width": real_width, "height": real_height}
        raise _fault(scene_file.path, "size", told, "recording_size", **real)


def _reference(path: Path, scene: Scene) -> Image | None:
    if scene.reference is None:
        return None
    picture = path.parent / scene.reference
    image = cv2.imread(str(picture)) if picture.is_file() else None
    if image is None:
        told = f"{picture} is missing or no picture; put it there or remove the key"
        raise _fault(path, "reference", told, "reference_missing", picture=picture)
    if (image.shape[1], image.shape[0]) != scene.size:
        told = (
            f"{picture} is {image.shape[1]} x {image.shape[0]} px, expected the scene's size"
            f" {scene.size[0]} x {scene.size[1]}; take it from the same stream"
        )
        real = {"picture": picture, "width": image.shape[1], "height": image.shape[0]}
        raise _fault(path, "reference", told, "reference_size", **real)
    return np.asarray(image, np.uint8)


def _fault(path: Path, place: str, told: str, code: str, **values: object) -> FaultsError:
    shown = {name: str(value) for name, value in values.items()}
    return FaultsError([Fault(place, told, code, shown, file=str(path))])
