"""Looks from near at the project's own clips: their motorcycle riders stand accused.

Who did what comes from the exact truth; pictures and network are real.
"""

import pytest

from detector.inference import load_registry
from detector.inference.registry import default_registry_path
from detector.types import ObjectClass
from pipelines.footage import RecordedFootage
from pipelines.near_witness import open_near_witness
from pipelines.scene_file import load_scene
from pipelines.shots import Looks
from pipelines.video.recording import open_recording
from tests.samples.test_samples import SAMPLES, violations_of


@pytest.mark.parametrize("clip", ["wrong_way", "sidewalk_riding"])
def test_riders_of_motorcycles_stay_accused(clip: str) -> None:
    witness = open_near_witness(load_registry(default_registry_path()))
    assert witness is not None
    footage = RecordedFootage(open_recording(SAMPLES / "clips" / f"{clip}.mp4"))
    scene = load_scene(SAMPLES / "scenes" / f"{clip}.yaml").scene
    findings = [violation.finding for violation in violations_of(SAMPLES / "clips" / f"{clip}.mp4")]
    acts = [finding for finding in findings if finding.vehicle is ObjectClass.MOTORCYCLE]
    assert acts
    assert not [act for act in acts if witness.clears(Looks(footage, act, scene.size), act, scene)]
