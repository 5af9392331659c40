"""The plates of the clips' offenders as finder and reader see them: the number that was drawn, or none, never another.

Who did what comes from the exact truth; pictures, finder and reader are real.
"""

import pytest

from detector.inference.registry import default_registry_path, load_registry
from pipelines.footage import RecordedFootage
from pipelines.plate_evidence import PlateWitness, event_plate, open_witness
from pipelines.scene_file import load_scene
from pipelines.shots import Looks
from pipelines.video.recording import open_recording
from tests.samples.test_samples import SAMPLES, violations_of

DRAWN: dict[str, tuple[str | None, ...]] = {
    "forbidden_turn": ("29X52278",),
    "illegal_parking": ("30X79315",),
    "no_entry": ("30X79583",),
    "sidewalk_encroachment": (None, None),
    "sidewalk_riding": ("33XY76085", "33XL72330"),
    "uncovered_load": ("30X21685",),
    "wrong_way": ("29XK89939",),
}
"""What the offenders of each clip bear, by the act's beginning; None: goods, and a motorbike whose plate shows bars."""


@pytest.fixture(scope="module")
def witness() -> PlateWitness:
    found = open_witness(load_registry(default_registry_path()))
    assert found is not None
    return found


@pytest.mark.parametrize("kind", DRAWN)
def test_the_case_bears_the_number_that_was_drawn(kind: str, witness: PlateWitness) -> None:
    clip = SAMPLES / "clips" / f"{kind}.mp4"
    size_wh = load_scene(SAMPLES / "scenes" / f"{kind}.yaml").scene.size
    footage = RecordedFootage(open_recording(clip))
    acts = sorted(violations_of(clip), key=lambda violation: violation.finding.t_start_s)
    plates = [witness.read(Looks(footage, act.finding, size_wh), act.finding) for act in acts]
    told = [None if plate is None else event_plate(plate.facts()) for plate in plates]
    assert tuple(None if plate is None else plate["text"] for plate in told) == DRAWN[kind]
