"""Problems of cameras and analyses: every code that a worker tells has words, and no line of a log reaches the page."""

import ast
import re
from pathlib import Path

import pytest

from api.catalogue import catalogue
from api.problem_words import ANALYSES, WHYS, analysis_words, problem_words
from detector.health import Condition
from pipelines.live.connection import reason
from pipelines.live.sight import WORDS

ROOT = Path(__file__).parents[2]
LIVE = ROOT / "pipelines" / "live"
RAISED = {"SourceError", "UntrustedError", "DeniedError", "UnfitError"}
BY_STATE = {"other"}


def told() -> dict[str, set[str]]:
    """Code -> names of the values it comes with, as the sources of the worker have them."""
    found: dict[str, set[str]] = {condition.value: set() for condition in WORDS}
    for path in LIVE.glob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or getattr(call.func, "id", "") not in (*RAISED, "Said"):
                continue
            given = {one.arg: one.value for one in call.keywords}
            codes = (
                [one.value for one in ast.walk(given["code"]) if isinstance(one, ast.Constant)]
                if "code" in given
                else []
            )
            for code in codes:
                if isinstance(code, str):
                    found[code] = {str(name) for name in given if name not in ("code", "values")}
    slower = {"rate", "asked"}
    return found | {"slowed": slower, "slowed_for": slower | {"kinds"}, "anew": set(), "ended": set()}


def uncoded() -> list[str]:
    """Raised by the worker's readers without a code."""
    found = []
    for name in ("connection", "reader", "trust", "playlist", "watch"):
        tree = ast.parse((LIVE / f"{name}.py").read_text(encoding="utf-8"))
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") in RAISED:
                found += [f"{name}:{call.lineno}"] * ("code" not in {one.arg for one in call.keywords})
    return found


def test_every_problem_of_a_stream_is_made_with_a_code() -> None:
    assert uncoded() == []
    assert {"denied", "unreachable", "broke_off", "unfit", "untrusted", "undrawn"} <= set(told())


def test_every_code_has_words_that_speak_of_its_values_alone() -> None:
    words = catalogue()["stream_problems"]
    assert set(words) == set(told()) | BY_STATE
    assert {condition.value for condition in Condition if condition is not Condition.FINE} <= set(words)
    for code, names in told().items():
        for text in words[code].values():
            assert set(re.findall(r"\{(\w+)\}", text)) <= names, code


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "refused"),
        (TimeoutError(110, "Connection timed out"), "no_answer"),
        (TimeoutError(), "no_answer"),
        (OSError(113, "No route to host"), "no_way"),
        (OSError(-2, "Name or service not known"), "no_name"),
        (OSError(1, "Server returned 404 Not Found"), "not_there"),
        (OSError(1, "Server returned 5XX Server Error reply"), "server_fault"),
        (OSError(1, "Invalid data found when processing input"), "no_stream"),
        (ConnectionResetError(104, "Connection reset by peer"), "cut"),
        (OSError(1, "Something new"), "other"),
    ],
    ids=str,
)
def test_why_a_connection_failed_is_told_in_words(error: Exception, why: str) -> None:
    told = problem_words("unreachable", {"why": reason(error)})
    assert told.vi == f"Không kết nối được: {catalogue()['stream_whys'][why]['vi']}."


def test_what_no_code_tells_is_no_line_of_a_log() -> None:
    assert problem_words("", {}) == problem_words("lost", {"why": "x"}) == problem_words("other", {})
    slowed = problem_words("slowed_for", {"rate": "2.5", "asked": "5", "kinds": "wrong_way,forbidden_turn"})
    assert slowed.vi.endswith("không đủ để phát hiện: Đi ngược chiều, Rẽ, quay đầu xe nơi bị cấm.")
    assert {code for code, _ in WHYS} | {"other"} == set(catalogue()["stream_whys"])


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("", None),
        ("the videos were not analysed within 3600 s", "too_long"),
        ("the analysis was ended", "stopped"),
        ("Đã dừng, dữ liệu được giữ; chạy lại để tiếp tục. / Stopped, state kept; run again to go on.", "stopped"),
        ("other videos are being analysed; try again in some minutes", "full"),
        ("report PA-1: holds no video; look at its photos in the console", "no_video"),
        ("scene.yaml: camera.source is 'device'; expected citizen, such a case must be verified", "not_citizen"),
        ("scene.yaml: size: is [9, 9] but a.mp4 has pictures of [8, 8]; draw the scene", "size"),
        ("a.mp4: no picture track (the file holds audio); give a recording of the camera's video", "unreadable"),
        ("a.mp4: holds no picture that can be decoded; copy it again from the recorder", "unreadable"),
        ("/tmp/x/scene.yaml: Vùng a: các cạnh cắt nhau / zones[0]: not simple", "scene"),
        ("ZeroDivisionError: division by zero", "other"),
    ],
)
def test_why_an_analysis_failed_is_told_in_words(line: str, code: str | None) -> None:
    told = analysis_words(line)
    assert (told and told.vi) == (code and catalogue()["analysis_problems"][code]["vi"])
    assert {one for one, _ in ANALYSES} | {"other"} == set(catalogue()["analysis_problems"])
