"""Bundles are complete, made once, and show the very frames the rule named."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from cases.evidence import BundleRef, FolderStore, NetworkRef, verify_bundle
from cases.redaction import moments
from detector.scene import scene_hash
from detector.types import ClockGrade, EvidenceError, Moment, SourceError, Violation
from pipelines.evidence import EvidenceMaker
from pipelines.footage import RecordedFootage
from pipelines.scene_file import load_scene
from pipelines.video import open_recording, open_source
from tests.footage_maker import number_in, numbered, write_pictures, write_video
from tests.pipelines.street import FPS, SIZE_WH, Street, write_scene
from tests.pipelines.test_events import violation

STILLS = {"before.jpg", "during.jpg", "after.jpg"}
COPIES = {"before-annotated.jpg", "during-annotated.jpg", "after-annotated.jpg"}


def act(start_s: float, end_s: float, *, scene: str = "0" * 64) -> Violation:
    box = (80.0, 200.0, 120.0, 240.0)
    times_s = {"before": start_s - 1, "during": (start_s + end_s) / 2, "after": end_s}
    path = tuple((start_s + i, *box) for i in range(int(end_s - start_s) + 1))
    made = violation(
        t_start_s=start_s,
        t_end_s=end_s,
        moments={name: Moment(max(t_s, 0.0), box) for name, t_s in times_s.items()},
        path=path,
        zone_id="down",
    )
    return replace(made, camera_id="HN-TEST-1", scene_hash=scene, clock=ClockGrade.PTS)


@pytest.fixture
def maker(street: Street, tmp_path: Path) -> Callable[..., EvidenceMaker]:
    def make(video: Path | None = None, scene: Path | None = None, **options: float) -> EvidenceMaker:
        return EvidenceMaker(
            store=FolderStore(tmp_path / "evidence"),
            footage=RecordedFootage(open_recording(video or street.video, **options)),  # type: ignore[arg-type]
            scene_file=load_scene(scene or street.scene),
            network=NetworkRef(name="scripted", sha256="1" * 64),
        )

    return make


def folder(maker: EvidenceMaker, bundle: BundleRef) -> Path:
    store = maker.store
    assert isinstance(store, FolderStore)
    return store.root / bundle.location


def names(maker: EvidenceMaker, bundle: BundleRef) -> set[str]:
    return {path.name for path in folder(maker, bundle).iterdir()} - {"manifest.json"}


def test_a_bundle_is_complete_intact_and_says_what_judged(maker: Callable[..., EvidenceMaker]) -> None:
    mine = maker()
    scene = scene_hash(mine.scene_file.scene)
    bundle = mine.make(act(8.0, 12.0, scene=scene))
    assert names(mine, bundle) == STILLS | COPIES | {"vehicle.jpg", "clip.mp4"}
    assert verify_bundle(folder(mine, bundle)).faults == ()
    manifest = json.loads((folder(mine, bundle) / "manifest.json").read_bytes())
    assert {item["name"] for item in manifest["items"]} == names(mine, bundle)
    assert manifest["scene"] == {"camera_id": "HN-TEST-1", "sha256": scene, "text": mine.scene_file.text}
    assert manifest["network"] == {"name": "scripted", "sha256": "1" * 64}
    assert manifest["source"]["sha256"] == mine.footage.sha256
    assert (manifest["rule_version"], manifest["clock"]) == ("wrong_way/1", "PTS")
    assert manifest["software_version"].startswith("phatnguoi")
    assert manifest["window"] == {"start_s": 8.0, "end_s": 12.0, "start_at": None, "end_at": None}


def test_stills_are_the_exact_full_frames_and_the_copies_are_not_the_originals(
    maker: Callable[..., EvidenceMaker],
) -> None:
    mine = maker()
    place = folder(mine, mine.make(act(8.0, 12.0)))
    for name, t_s in (("before", 7.0), ("during", 10.0), ("after", 12.0)):
        still = cv2.imread(str(place / f"{name}.jpg"))
        assert still.shape[1::-1] == SIZE_WH
        assert number_in(np.asarray(still, np.uint8)) == round(t_s * FPS)
        copy = cv2.imread(str(place / f"{name}-annotated.jpg"))
        assert np.abs(copy[: still.shape[0]].astype(int) - still).max() > 60
    vehicle = cv2.imread(str(place / "vehicle.jpg"))
    assert vehicle.shape[1::-1] == (56, 56)


def test_the_clip_reaches_five_seconds_to_either_side(maker: Callable[..., EvidenceMaker]) -> None:
    mine = maker()
    place = folder(mine, mine.make(act(8.0, 12.0)))
    numbers = [number_in(frame.full()) for frame in open_source(open_recording(place / "clip.mp4")).frames()]
    assert 3.0 * FPS - 10 <= numbers[0] <= 3.0 * FPS
    assert 17.0 * FPS <= numbers[-1] <= 17.0 * FPS + 5
    starts_s = json.loads((place / "manifest.json").read_bytes())["violation"]["clip_starts_s"]
    assert starts_s == {"clip.mp4": pytest.approx(numbers[0] / FPS, abs=0.5 / FPS)}


def test_at_the_ends_of_the_recording_the_clip_holds_what_there_is(maker: Callable[..., EvidenceMaker]) -> None:
    mine = maker()
    place = folder(mine, mine.make(act(0.0, 23.8)))
    numbers = [number_in(frame.full()) for frame in open_source(open_recording(place / "clip.mp4")).frames()]
    assert numbers == list(range(240))


def test_a_long_act_gives_a_clip_of_its_beginning_and_one_of_its_end(
    maker: Callable[..., EvidenceMaker], tmp_path: Path
) -> None:
    video = write_video(
        tmp_path / "long.mp4", codec="mpeg4", frames=180, fps=2, size_wh=SIZE_WH, options={"qscale": "8"}
    )
    mine = maker(video)
    bundle = mine.make(act(6.0, 80.0))
    assert names(mine, bundle) == STILLS | COPIES | {"vehicle.jpg", "clip-start.mp4", "clip-end.mp4"}
    spans = {}
    for part in ("clip-start", "clip-end"):
        frames = list(open_source(open_recording(folder(mine, bundle) / f"{part}.mp4")).frames())
        spans[part] = [number_in(frame.full()) / 2 for frame in (frames[0], frames[-1])]
    assert spans["clip-start"][0] <= 1.0 and 26.0 <= spans["clip-start"][1] <= 28.5
    assert 54.0 <= spans["clip-end"][0] <= 60.0 and 85.0 <= spans["clip-end"][1] <= 87.5


def test_made_again_the_standing_bundle_is_returned_untouched(maker: Callable[..., EvidenceMaker]) -> None:
    first = maker().make(act(8.0, 12.0))
    mine = maker()
    before = {path: path.stat().st_mtime_ns for path in folder(mine, first).iterdir()}
    assert mine.make(act(8.0, 12.0)) == first
    assert {path: path.stat().st_mtime_ns for path in folder(mine, first).iterdir()} == before


def test_pictures_give_stills_and_no_clip(maker: Callable[..., EvidenceMaker], tmp_path: Path) -> None:
    pictures = write_pictures(tmp_path / "pictures", frames=30, size_wh=SIZE_WH)
    mine = maker(pictures, picture_fps=2.0)
    bundle = mine.make(act(4.0, 9.0))
    assert names(mine, bundle) == STILLS | COPIES | {"vehicle.jpg"}
    still = cv2.imread(str(folder(mine, bundle) / "before.jpg"))
    assert number_in(np.asarray(still, np.uint8)) == 6
    assert verify_bundle(folder(mine, bundle)).faults == ()


def test_marks_and_redaction_fit_the_frame_that_slow_footage_has_of_a_moment(
    maker: Callable[..., EvidenceMaker], tmp_path: Path
) -> None:
    """A white block drives 60 px a second, seen once a second; the middle of the act lies between two frames."""
    pictures = tmp_path / "slow"
    pictures.mkdir()
    for second in range(8):
        image = np.full((SIZE_WH[1], SIZE_WH[0], 3), 90, np.uint8)
        image[200:240, 60 * second : 60 * second + 40] = 255
        cv2.imwrite(str(pictures / f"{second}.png"), image)
    path = tuple((n / 5, 12.0 * n, 200.0, 12.0 * n + 40, 240.0) for n in range(36))
    shown = {name: Moment(path[n][0], path[n][1:]) for name, n in (("before", 3), ("during", 18), ("after", 33))}
    finding = replace(act(1.0, 6.6).finding, path=path, moments=shown)
    mine = maker(pictures, picture_fps=1.0)
    place = folder(mine, mine.make(replace(act(1.0, 6.6), finding=finding)))
    told = json.loads((place / "manifest.json").read_bytes())["violation"]["finding"]["moments"]
    assert {name: moment["xyxy"][0] for name, moment in told.items()} == {
        "before": 0.0,
        "during": 180.0,
        "after": 360.0,
    }
    vehicle = cv2.imread(str(place / "vehicle.jpg"))
    height, width = vehicle.shape[:2]
    assert vehicle[height // 4 : 3 * height // 4, width // 4 : 3 * width // 4].min() > 240


def test_a_picture_of_before_the_offender_came_is_not_marked_and_nothing_of_it_leaves(
    maker: Callable[..., EvidenceMaker], tmp_path: Path
) -> None:
    """Of a camera that kept keyframes alone: the one shown when the offender came in sight is of seconds before."""
    pictures = tmp_path / "slow"
    pictures.mkdir()
    for number in range(3):
        cv2.imwrite(str(pictures / f"{number}.png"), numbered(number, SIZE_WH))
    box = (80.0, 200.0, 120.0, 240.0)
    path = tuple((7.0 + n, *box) for n in range(5))
    times_s = {"before": 7.0, "during": 9.0, "after": 11.0}
    finding = replace(
        act(7.0, 11.0).finding, path=path, moments={name: Moment(t_s, box) for name, t_s in times_s.items()}
    )
    mine = maker(pictures, picture_fps=0.25)
    bundle = mine.make(replace(act(7.0, 11.0), finding=finding))
    place = folder(mine, bundle)
    told = json.loads((place / "manifest.json").read_bytes())["violation"]["finding"]["moments"]
    assert {name: moment["t_s"] for name, moment in told.items()} == times_s | {"before": 4.0}
    kept = moments(mine.store.manifest(bundle.location))
    assert kept == [("before", None), ("during", box), ("after", box)]
    reds = {
        name: int(((copy := cv2.imread(str(place / f"{name}-annotated.jpg")))[..., 2] > copy[..., 1] + 90.0).sum())
        for name in times_s
    }
    assert reds["before"] < reds["during"] / 4


def test_motion_jpeg_gives_a_matroska_clip(maker: Callable[..., EvidenceMaker], tmp_path: Path) -> None:
    mine = maker(write_video(tmp_path / "cam.avi", codec="mjpeg", frames=100, fps=10, size_wh=SIZE_WH))
    bundle = mine.make(act(4.0, 6.0))
    manifest = json.loads((folder(mine, bundle) / "manifest.json").read_bytes())
    clip = next(item for item in manifest["items"] if item["name"].startswith("clip"))
    assert (clip["name"], clip["media_type"]) == ("clip.mkv", "video/x-matroska")


def test_joined_recordings_show_the_part_in_which_it_happened(
    maker: Callable[..., EvidenceMaker], tmp_path: Path
) -> None:
    first = write_video(tmp_path / "a.ts", frames=40, fps=10, size_wh=SIZE_WH)
    second = write_video(
        tmp_path / "b.ts", frames=160, fps=10, size_wh=SIZE_WH, picture=lambda i, size_wh: numbered(40 + i, size_wh)
    )
    (tmp_path / "joined.ts").write_bytes(first.read_bytes() + second.read_bytes())
    mine = maker(tmp_path / "joined.ts")
    place = folder(mine, mine.make(act(9.0, 11.0)))
    for name, number in (("before", 80), ("during", 100), ("after", 110)):
        assert number_in(np.asarray(cv2.imread(str(place / f"{name}.jpg")), np.uint8)) == number
    numbers = [number_in(frame.full()) for frame in open_source(open_recording(place / "clip.mp4")).frames()]
    assert numbers[0] <= 40 and 160 <= numbers[-1] <= 165


def test_a_recording_that_has_gone_leaves_nothing_half_made(
    maker: Callable[..., EvidenceMaker], street: Street, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(street.video.read_bytes())
    mine = maker(copy, write_scene(tmp_path / "scene.yaml"))
    copy.unlink()
    with pytest.raises(SourceError, match=r"copy\.mp4"):
        mine.make(act(8.0, 12.0))
    assert [path for path in (tmp_path / "evidence").rglob("*") if path.is_file()] == []


def test_an_id_that_is_no_file_name_is_refused(maker: Callable[..., EvidenceMaker]) -> None:
    with pytest.raises(EvidenceError, match="violation id"):
        maker().make(replace(act(8.0, 12.0), id="../outside"))
