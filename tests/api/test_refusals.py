"""The table of refusals in docs/cases.md, the codes the server answers with, and their words: all three the same."""

import ast
import re
from pathlib import Path

import pytest

from api.catalogue import catalogue
from api.problems import _CODES, _FAULTS, _TITLES, code_of
from cases import faults
from detector.types import PhatnguoiError

ROOT = Path(__file__).parents[2]
CONSOLES_OWN = {"network", "bad_picture", "other"}
WITH_WHY = ("bad_reason", "bad_query", "bad_change", "bad_scene")


def table() -> dict[str, int]:
    """Code -> status, as the papers have them."""
    text = (ROOT / "docs" / "cases.md").read_text(encoding="utf-8").partition("## Refusals")[2].partition("\n## ")[0]
    return {code: int(status) for code, status in re.findall(r"^\| `(\w+)` \| (\d{3}) \|", text, re.MULTILINE)}


def whys(code: str) -> set[str]:
    text = (ROOT / "docs" / "cases.md").read_text(encoding="utf-8").partition(f"`why` of `{code}` | when")[2]
    return set(re.findall(r"^\| `(\w+)` \| [^|]+ \|$", text.partition("\n\n")[0], re.MULTILINE))


def exact(words: set[str]) -> set[str]:
    return {word for word in words if any(word.startswith(f"{code}_") for code in WITH_WHY)}


def test_the_table_names_every_code_of_the_catalogue_and_of_the_server() -> None:
    words = set(catalogue()["problems"])
    server = {code for _, code in _FAULTS.values()} | set(_CODES.values()) | set(_TITLES)
    assert set(table()) == words - exact(words) - CONSOLES_OWN
    assert set(table()) == server
    assert {f"{code}_{why}" for code in WITH_WHY for why in whys(code)} == exact(words)


def test_the_table_tells_the_status_each_code_comes_with() -> None:
    told = table()
    assert {(status, code) for status, code in _FAULTS.values() if told[code] != status} == set()
    assert {code for status, code in _CODES.items() if told[code] != status} == set()


def _raised() -> set[tuple[int, str]]:
    """Status and code of every `ProblemError(...)` and `answer(...)` in the sources that states both."""
    found = set()
    for path in (ROOT / "api").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("ProblemError", "answer"):
                given = [one.value for one in node.args[:2] if isinstance(one, ast.Constant)]
                if len(given) == 2 and isinstance(given[0], int):
                    found.add((given[0], str(given[1])))
    return found


def test_what_is_refused_in_passing_stands_in_the_table_too() -> None:
    told, raised = table(), _raised()
    assert len(raised) > 10
    assert {(status, code) for status, code in raised if told.get(code) != status} == set()


def _reasons() -> set[tuple[str, str]]:
    """Code and `why` of every refusal in the sources that states one."""
    found = set()
    codes = {kind.__name__: code for kind, (_, code) in _FAULTS.items()}
    for path in [*(ROOT / "cases").rglob("*.py"), *(ROOT / "api").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (code := codes.get(getattr(node.func, "id", ""))):
                said = [
                    one.value.value for one in node.keywords if one.arg == "why" and isinstance(one.value, ast.Constant)
                ]
                found |= {(code, str(why)) for why in said}
    return found


def test_every_why_that_is_told_has_words() -> None:
    assert _reasons() == {(code, why) for code in WITH_WHY for why in whys(code)}


def test_what_was_typed_and_what_would_do_stand_in_the_words() -> None:
    """The console puts them there: nothing of what the server's own text says is lost to who reads Vietnamese."""
    words = catalogue()["problems"]
    for code in ("bad_query_limit", "bad_query_plate", "bad_change_title", "bad_change_remedies", "bad_scene_camera"):
        assert all("{typed}" in said and "{allowed}" in said for said in words[code].values()), code


@pytest.mark.parametrize(
    "fault", [one for one in vars(faults).values() if isinstance(one, type) and issubclass(one, PhatnguoiError)]
)
def test_every_fault_comes_out_as_a_code_of_the_table(fault: type[PhatnguoiError]) -> None:
    assert code_of(fault.__new__(fault)) in table()
