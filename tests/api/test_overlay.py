"""What the console draws over evidence comes from the sealed manifest, in the pixels of the scene that judged."""

from collections.abc import Callable

import httpx
import pytest

from tests.api.server import Server


def test_overlay_gives_the_judged_zone_the_path_and_when_each_still_was_taken(
    lan: httpx.Client, case_id: str, server: Server
) -> None:
    answer = lan.get(f"/api/v1/cases/{case_id}/overlay")
    assert answer.status_code == 200, answer.text
    overlay, case = answer.json(), lan.get(f"/api/v1/cases/{case_id}").json()
    assert overlay["size"] == [960, 540]
    zones = [(zone["id"], zone["judged"], zone["direction"]) for zone in overlay["zones"]]
    assert zones == [("southbound", True, [[9, 9], [9, 400]])]
    assert (overlay["start_s"], overlay["end_s"]) == (case["start_s"], case["end_s"])
    assert overlay["path"][0] == [case["start_s"], 610.0, 402.0, 655.0, 498.0]
    assert {name: moment["t_s"] - case["start_s"] for name, moment in overlay["moments"].items()} == pytest.approx(
        {
            "before": 0.0,
            "during": 1.0,
            "after": 2.0,
        }
    )
    assert overlay["turns"] == []


def test_overlay_is_a_logged_reading_and_only_for_those_who_read_cases(
    lan: httpx.Client, client_of: Callable[[str | None], httpx.Client], case_id: str
) -> None:
    assert lan.get(f"/api/v1/cases/{case_id}/overlay").status_code == 200
    log = client_of("chief").get(f"/api/v1/cases/{case_id}/accesses").json()
    assert [(row["actor"], row["item"]) for row in log] == [("lan", "manifest.json"), ("chief", "accesses")]
    assert client_of("tuan").get(f"/api/v1/cases/{case_id}/overlay").status_code == 404
    assert client_of("root").get(f"/api/v1/cases/{case_id}/overlay").status_code == 403
