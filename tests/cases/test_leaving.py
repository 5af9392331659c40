"""What leaves the house shows neither a bystander's face nor another's plate: stills, clips, papers, pages, exports."""

import contextlib
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from pypdf import PdfReader
from scipy import ndimage

from cases.citizen.lookup import own_case, own_stills
from cases.citizen.media import preview
from cases.export import export_case
from cases.lifecycle import Action
from cases.notice.issue import document_pdf
from cases.records import DocumentKind
from pipelines.redaction import redact_clip
from pipelines.video import cut_clip, open_recording
from tests.cases.builders import CHIEF, NOON
from tests.cases.installation import OFFENDER, SIZE_WH, Installation, install
from tests.cases.notice.issuing import paper
from tests.cases.walking import HOA, Walk
from tests.footage_maker import write_video

Picture = NDArray[np.float64]
FACE, PLATE = (150, 200, 200, 262), (330, 300, 450, 332)
"""A bystander, and the plate of a vehicle that did nothing."""
KEPT = 0.15
"""Of the fine detail of a region at most this share may be left, and no more of it may still be recognised."""
STILLS = ("before.jpg", "during.jpg", "after.jpg")


def street() -> Image.Image:
    """A street with the offender, a face and another's plate."""
    picture = Image.effect_noise(SIZE_WH, 30).convert("RGB")
    draw = ImageDraw.Draw(picture)
    draw.rectangle(OFFENDER, fill=(200, 30, 30))
    x1, y1, x2, y2 = FACE
    draw.ellipse(FACE, fill=(224, 180, 150))
    for side in (x1 + 12, x2 - 18):
        draw.ellipse((side, y1 + 20, side + 6, y1 + 26), fill=(20, 20, 20))
    draw.line((x1 + 14, y2 - 16, x2 - 14, y2 - 16), fill=(120, 20, 20), width=3)
    draw.rectangle(PLATE, fill="white")
    draw.text((PLATE[0] + 4, PLATE[1] + 2), "51F 123.45", fill="black", font=ImageFont.load_default(22))
    return picture


def jpeg(picture: Image.Image) -> bytes:
    data = BytesIO()
    picture.save(data, "JPEG", quality=92)
    return data.getvalue()


def detail(picture: Image.Image, region: tuple[int, int, int, int]) -> Picture:
    """What makes a face or a plate recognisable: everything finer than a few pixels."""
    shown = picture.convert("L").resize(SIZE_WH)
    grey = np.asarray(shown, float)
    fine = grey - ndimage.gaussian_filter(grey, 4.0)
    x1, y1, x2, y2 = region
    return np.asarray(fine[y1:y2, x1:x2])


def recognisable(picture: Image.Image) -> list[str]:
    """Which of the two a picture still shows."""
    found = []
    for name, region in (("face", FACE), ("plate", PLATE)):
        was, now = detail(street(), region), detail(picture, region)
        alike = abs(float((was * now).sum())) / float((was * was).sum())
        if now.std() > KEPT * was.std() or alike > KEPT:
            found.append(name)
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    media = {name: jpeg(street()) for name in STILLS} | {"clip.mp4": b"packets" * 40}
    made = install(tmp_path_factory.mktemp("leaving") / "data", cases=2, media=media)
    yield made
    made.database.close()


def opened(data: bytes) -> Image.Image:
    with Image.open(BytesIO(data)) as picture:
        return picture.convert("RGB")


def embedded(data: bytes) -> list[Image.Image]:
    """Every picture within a picture's bytes, as thumbnails and credentials would carry one, itself first."""
    found, at = [], data.find(b"\xff\xd8\xff")
    while at >= 0:
        with contextlib.suppress(OSError):
            found.append(opened(data[at:]))
        at = data.find(b"\xff\xd8\xff", at + 3)
    return found


def test_the_test_itself_sees_a_face_and_a_plate() -> None:
    assert recognisable(opened(jpeg(street()))) == ["face", "plate"]
    slightly = Image.fromarray(np.uint8(ndimage.gaussian_filter(np.asarray(street(), float), (1, 1, 0))))
    assert recognisable(slightly) == ["face", "plate"], "a little blur does not do"


def test_exported_copies_and_their_credentials_show_neither(made: Installation, tmp_path: Path) -> None:
    path = export_case(
        made.database.sessions, made.store, made.keys, case_id=made.case_ids[1], actor=CHIEF, purpose="owner",
        reason="Công văn 12", target=tmp_path / "case.zip", now=NOON,
    ).path  # fmt: skip
    with zipfile.ZipFile(path) as archive:
        copies = {name: archive.read(name) for name in archive.namelist() if name.endswith((".jpg", ".mp4", ".png"))}
    assert {f"copies/{name}" for name in STILLS} <= set(copies)
    for name, data in copies.items():
        pictures = embedded(data)
        assert pictures
        if name.endswith("vehicle.jpg"):
            assert pictures[0].size == (OFFENDER[2] - OFFENDER[0], OFFENDER[3] - OFFENDER[1])
            continue
        assert [recognisable(picture) for picture in pictures] == [[]] * len(pictures), name


def test_papers_and_the_owners_page_show_neither(made: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    # Ultralytics, where another test has loaded it, puts a function in this one's place that knows no `fp`.
    monkeypatch.setattr(Image, "open", lambda fp, formats=None, plain=Image.open: plain(fp, formats=formats))
    life = Walk(made.database, made.case_ids[1])
    notice = paper(made).document
    shown = own_stills(made.store, own_case(made.database.sessions, notice_id=notice.id))
    assert set(STILLS) <= set(shown)
    assert {name: recognisable(opened(shown[name])) for name in STILLS} == {key: [] for key in STILLS}
    life.take(HOA, Action.SEEK_OWNER)
    for kind in (DocumentKind.NOTICE, DocumentKind.RESULT, DocumentKind.RECORD):
        row = notice if kind is DocumentKind.NOTICE else paper(made, kind=kind).document
        pages = PdfReader(BytesIO(document_pdf(made.store, row, signed=False))).pages
        pictures = [image.image for page in pages for image in page.images if image.image is not None]
        whole = [one.convert("RGB") for one in pictures if abs(one.width / one.height - SIZE_WH[0] / SIZE_WH[1]) < 0.01]
        assert len(whole) == (0 if kind is DocumentKind.RECORD else len(STILLS)), kind
        assert [recognisable(one) for one in whole] == [[]] * len(whole), kind


def test_a_citizens_photo_in_a_list_shows_neither(tmp_path: Path) -> None:
    path = tmp_path / "file-1.jpg"
    path.write_bytes(jpeg(street()))
    assert recognisable(opened(preview(path))) == []


def clip_of(path: Path) -> None:
    """One second of the street."""
    with av.open(str(path), "w", format="mp4") as file:
        stream = file.add_stream("libx264", rate=10, options={"crf": "12"})
        stream.width, stream.height, stream.pix_fmt = *SIZE_WH, "yuv420p"
        for _ in range(10):
            file.mux(stream.encode(av.VideoFrame.from_image(street())))
        file.mux(stream.encode(None))


def frames(path: Path) -> list[Image.Image]:
    with av.open(str(path)) as file:
        assert [stream.type for stream in file.streams] == ["video"], "no sound goes out"
        return [frame.to_image() for frame in file.decode(video=0)]


@pytest.mark.parametrize("rotation_deg", [90, 180, 270])
def test_of_footage_that_lies_on_its_side_the_offender_stays_visible_and_nobody_else(
    tmp_path: Path, rotation_deg: int
) -> None:
    """Path and box are of the upright picture, the clip's packets of the one that lies."""

    def lying(_: int, size_wh: tuple[int, int]) -> NDArray[np.uint8]:
        stood = np.random.default_rng(1).integers(0, 256, (240, 320, 3), np.uint8)
        cv2.rectangle(stood, (40, 30), (99, 79), (0, 0, 255), -1)
        image = np.ascontiguousarray(np.rot90(stood, -rotation_deg // 90))
        assert image.shape[1::-1] == size_wh
        return image

    lies_wh = (320, 240) if rotation_deg == 180 else (240, 320)
    whole = write_video(
        tmp_path / "lying.mp4", frames=40, fps=10, size_wh=lies_wh, picture=lying, rotation_deg=rotation_deg
    )
    recording = open_recording(whole)
    assert recording.size_wh == (320, 240)
    starts_s = cut_clip(recording, 1.0, 3.0, tmp_path / "clip.mp4").t_start_s
    assert open_recording(tmp_path / "clip.mp4").rotation_deg == recording.rotation_deg
    box = (40.0, 30.0, 100.0, 80.0)
    redact_clip(tmp_path / "clip.mp4", tmp_path / "copy.mp4", path=[(0.0, *box), (1.9, *box)], starts_s=starts_s)
    for shown in frames(tmp_path / "copy.mp4")[:5]:
        assert shown.size == (320, 240)
        picture = np.asarray(shown).astype(int)
        red = picture[35:75, 45:95]
        assert red[..., 0].min() > 200 and red[..., 1:].max() < 60
        outside = picture.copy()
        outside[20:90, 30:110] = 127
        assert np.abs(np.diff(outside, axis=0))[100:].mean() < 12, "the noise is gone"


def test_no_frame_of_a_clip_shows_either_within_the_act_or_outside(tmp_path: Path) -> None:
    source, target = tmp_path / "clip.mp4", tmp_path / "copy.mp4"
    clip_of(source)
    assert recognisable(frames(source)[5]) == ["face", "plate"]
    box = tuple(float(side) for side in OFFENDER)
    redact_clip(source, target, path=[(10.3, *box), (10.7, *box)], starts_s=10.0)
    shown = frames(target)
    assert len(shown) == 10
    assert [recognisable(frame) for frame in shown] == [[]] * 10
    red = [np.asarray(frame)[430:480, 620:650].mean(axis=(0, 1)) for frame in shown]
    assert red[5][0] > 150 and red[5][1] < 80, "the offender stays visible within the act"
