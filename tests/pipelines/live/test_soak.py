"""A short soak over samples: every figure is there, and files begin anew when they are over."""

from pathlib import Path

import pytest

from detector.types import ConfigError
from pipelines.live.soak import SoakRequest, pairs_of, run_soak
from tests.pipelines.live.parked import make_parked, open_parked, write_kerb
from tests.pipelines.street import write_registry

SAMPLES = Path(__file__).parents[3] / "samples"


def request(tmp_path: Path, *, seconds: float) -> SoakRequest:
    pair = make_parked(tmp_path, length_s=4), write_kerb(tmp_path, "KERB", limit_s=60)
    registry = write_registry(tmp_path / "registry.toml")
    return SoakRequest(pairs=[pair], cameras=2, seconds=seconds, rate_hz=2, network=None, registry=registry)


def test_figures_tell_what_two_cameras_cost(tmp_path: Path) -> None:
    told = run_soak(request(tmp_path, seconds=9), open_network=open_parked)
    assert (told["cameras"], told["rate_hz"]) == (2, 2)
    assert told["seconds"] == pytest.approx(9, abs=3)
    assert told["reconnects"] >= 2, "4 s of film in 9 s"
    assert told["frames"]["analysed"] + told["frames"]["held"] >= 5
    assert 0 <= told["lost_share"] <= 1
    assert told["verdict_s"]["p50"] <= told["verdict_s"]["p95"]
    assert told["rss_mb"]["last"] <= told["rss_mb"]["most"]
    assert (told["cpu_s_per_camera_s"] > 0, told["lost_acts"]) == (True, 0)


def test_too_short_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is too short to measure"):
        run_soak(request(tmp_path, seconds=0.5), open_network=open_parked)


def test_the_samples_serve_where_nothing_is_given(tmp_path: Path) -> None:
    assert len(pairs_of(SAMPLES)) >= 6
    with pytest.raises(ConfigError, match="no sample clips"):
        pairs_of(tmp_path)
