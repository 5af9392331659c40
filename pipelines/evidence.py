"""Evidence of one violation: full-frame originals, annotated copies, the vehicle, clips, manifest.

Takes pictures of the footage at the moments the rule named; writes one sealed bundle into the store. Nothing here
opens a case: the caller does that once the bundle stands.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2

from cases.evidence import BundleRef, BundleWriter, EvidenceStore, NetworkRef, SourceRef, bundle_facts
from cases.evidence.disk import explain
from detector.types import EvidenceError, Finding, Moment, Violation
from pipelines.annotate import annotated, cropped
from pipelines.footage import Footage
from pipelines.plate_evidence import PlateWitness
from pipelines.scene_file import SceneFile
from pipelines.shots import Looks, box_at
from pipelines.video.source import Image

PRE_ROLL_S = 5.0
POST_ROLL_S = 5.0
WHOLE_CLIP_S = 60.0
"""Acts up to this long get one clip; longer ones (parking) get one of their beginning and one of their end."""
CLIP_PART_S = 20.0
JPEG_QUALITY = 95
_MEDIA_TYPES = {".mp4": "video/mp4", ".mkv": "video/x-matroska"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceMaker:
    """Makes the bundles of one source.

    Attributes:
        store: where bundles go.
        footage: the recording, or a live camera's last minutes.
        scene_file: the scene that judged.
        network: the network that saw.
        plates: reads the offender's plate; None where no plate is read.
    """

    store: EvidenceStore
    footage: Footage
    scene_file: SceneFile
    network: NetworkRef
    plates: PlateWitness | None = None

    def make(self, violation: Violation, looks: Looks | None = None) -> BundleRef:
        """The sealed bundle of a violation; an intact one made earlier is returned as it is.

        Args:
            looks: at its offender, where somebody has taken them; fetched otherwise.

        Raises:
            EvidenceError: the store cannot be written.
            SourceError: the footage does not hold (any more) what the rule saw.
        """
        standing = self.store.find(violation.id)
        if standing is not None:
            return standing
        looks = looks or Looks(self.footage, violation.finding, self.scene_file.scene.size)
        if self.plates is not None and self.plates.reads(violation.finding):
            looks.taken()
        with self.store.begin(violation.id) as writer:
            violation = self._add_stills(writer, violation, looks)
            clip_starts_s = self._add_clips(writer, violation.finding)
            violation = self._with_plate(writer, violation, looks)
            facts = bundle_facts(
                violation=violation,
                scene=self.scene_file.scene,
                scene_text=self.scene_file.text,
                network=self.network,
                source=SourceRef(name=self.footage.name, sha256=self.footage.sha256),
                clip_starts_s=clip_starts_s,
            )
            return writer.seal(facts)

    def _add_stills(self, writer: BundleWriter, violation: Violation, looks: Looks) -> Violation:
        """Adds them; the violation with every moment's box where its picture, perhaps an earlier frame, shows it.

        A picture of which the path does not tell where the offender was, a keyframe of before they came, is told by its
        own second: outside the act nothing is marked, and copies that leave keep nothing. Of an interlaced picture the
        still shows one field, for a comb hides plates; the clip keeps both.
        """
        moments, extra = dict(violation.finding.moments), dict(violation.extra)
        for t_s, still in looks.moments():
            image, caption = still.image, self._caption(violation, still.t_s)
            extra |= {"interlaced": True} if still.one_field else {}
            xyxy = box_at(violation.finding.path, still.t_s)
            for name, moment in violation.finding.moments.items():
                if moment.t_s != t_s:
                    continue
                moments[name] = Moment(still.t_s, moment.xyxy) if xyxy is None else Moment(t_s, xyxy)
                writer.add_bytes(f"{name}.jpg", "image/jpeg", _jpeg(image))
                copy = annotated(
                    image,
                    scene=self.scene_file.scene,
                    finding=violation.finding,
                    xyxy=moments[name].xyxy if _inside(moments[name], violation.finding) else None,
                    caption=caption,
                )
                writer.add_bytes(f"{name}-annotated.jpg", "image/jpeg", _jpeg(copy))
                if name == "during":
                    writer.add_bytes("vehicle.jpg", "image/jpeg", _jpeg(cropped(image, moments[name].xyxy)))
        return replace(violation, finding=replace(violation.finding, moments=moments), extra=extra)

    def _with_plate(self, writer: BundleWriter, violation: Violation, looks: Looks) -> Violation:
        """The violation with what its offender's plate says; the crops that voted become items."""
        if self.plates is None:
            return violation
        plate = self.plates.read(looks, violation.finding)
        if plate is None:
            return violation
        for name, crop in plate.crops().items():
            writer.add_bytes(name, "image/jpeg", crop)
        facts = plate.facts() | {"plate_network_sha256": self.plates.network_hash}
        return replace(violation, extra={**violation.extra, **facts})

    def _add_clips(self, writer: BundleWriter, finding: Finding) -> dict[str, float]:
        """The stream second each clip begins at, by file name: what was measured can be drawn over it."""
        starts_s: dict[str, float] = {}
        suffix = self.footage.clip_suffix
        if suffix is None:
            return starts_s
        try:
            with tempfile.TemporaryDirectory(prefix="phatnguoi-") as folder:
                for name, t_start_s, t_end_s in clip_windows(finding):
                    path = Path(folder) / f"{name}{suffix}"
                    starts_s[path.name] = round(self.footage.cut(t_start_s, t_end_s, path), 6)
                    writer.add_file(path.name, _MEDIA_TYPES[suffix], path)
        except OSError as error:  # FFmpeg's own errors are of this kind too
            raise explain(error, Path(tempfile.gettempdir())) from error
        return starts_s

    def _caption(self, violation: Violation, t_s: float) -> str:
        finding = violation.finding
        when = f"{violation.start_at:%Y-%m-%d %H:%M:%S}Z" if violation.start_at else "no calendar time"
        return f"{violation.camera_id} | {finding.kind.value} | {finding.zone_id} | start {when} | t={t_s:.2f}s"


def clip_windows(finding: Finding) -> Iterator[tuple[str, float, float]]:
    """(name, first, last stream second) of each clip of an act."""
    first, last = max(finding.t_start_s - PRE_ROLL_S, 0.0), finding.t_end_s + POST_ROLL_S
    if finding.t_end_s - finding.t_start_s <= WHOLE_CLIP_S:
        yield "clip", first, last
    else:
        yield "clip-start", first, finding.t_start_s + CLIP_PART_S
        yield "clip-end", finding.t_end_s - CLIP_PART_S, last


def _inside(moment: Moment, finding: Finding) -> bool:
    return finding.t_start_s - 1e-6 <= moment.t_s <= finding.t_end_s + 1e-6


def _jpeg(image: Image) -> bytes:
    done, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise EvidenceError(f"a still of {image.shape} could not be written as JPEG")
    return data.tobytes()
