"""The bench's street is one that a camera can judge: it is never taken for a frozen one, and its quiet can be known."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from detector.health import SAMPLE_WIDTH, Condition, HealthWatch
from pipelines.bench.footage import FPS, MOVING_S, STILL_S, SUB_WH, make_footage, make_settled
from pipelines.bench.work import SAMPLE
from tests.pipelines.live.crossings import RATE_HZ, watch

SIZE_WH = (256, 144)
ROUND_S = MOVING_S + STILL_S


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("street")


def shown(video: Path, *, keyframes: bool) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """What a camera's health is told from: keyframes, or a picture a second."""
    width, height = SAMPLE_WIDTH, round(SAMPLE_WIDTH * SIZE_WH[1] / SIZE_WH[0])
    with av.open(str(video)) as container:
        container.streams.video[0].codec_context.skip_frame = "NONKEY" if keyframes else "DEFAULT"
        for frame in container.decode(video=0):
            t_s = float(frame.time or 0)
            if keyframes or t_s % 1 < 1e-3:
                small = frame.reformat(width=width, height=height, format="gray")
                yield t_s, small.to_ndarray().astype(np.uint8)


def test_a_street_of_which_keyframes_alone_are_seen_is_not_taken_for_a_frozen_one(folder: Path) -> None:
    """It was, from the thirty-second second on, and what was not judged cost nothing."""
    video = make_footage(SAMPLE, folder / "duty.mp4", length_s=5 * ROUND_S, busy=False, size_wh=SIZE_WH)
    health = HealthWatch()
    told = [health.look(t_s, luma) for t_s, luma in shown(video, keyframes=True)]
    assert len(told) == 5 * ROUND_S / 2
    assert set(told) == {Condition.FINE}


def test_behind_its_first_part_a_settled_street_need_not_be_decoded_while_it_lies_still(folder: Path) -> None:
    since_s = make_settled(SAMPLE, folder / "settled.mp4", rounds=1, size_wh=SUB_WH)
    with av.open(str(folder / "settled.mp4")) as container:
        assert container.streams.video[0].frames / FPS == since_s + ROUND_S + 2
    health = HealthWatch()
    assert {health.look(t_s, luma) for t_s, luma in shown(folder / "settled.mp4", keyframes=False)} == {Condition.FINE}
    seen = watch(folder / "settled.mp4", dozes=True)
    judged = sum(since_s <= t_s < since_s + ROUND_S for t_s in seen.judged_s)
    assert judged <= ROUND_S * RATE_HZ - 20, "so many due frames were left out at least"
    assert sum(since_s <= t_s < since_s + MOVING_S for t_s in seen.judged_s) == MOVING_S * RATE_HZ
