"""Faults of documents in words: whatever pydantic or a validator refuses is told in Vietnamese, field by field."""

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import core_schema

from api.catalogue import catalogue
from api.fault_words import LANGUAGES, FieldFaultOut, fault_words, lines, place_words, word_of
from cases.faults import BadChangeError, BadSceneError
from cases.law import seed_table
from cases.law.changes import fitting
from cases.law.table import LawTable, Offence
from cases.scenes import check_scene
from detector.scene import Scene, parse_scene
from detector.scene.fault import Fault, FaultsError, faults
from tests.detector.scene.test_parse import FAULTS, GOOD

TYPES = get_args(core_schema.ErrorType)
BOUNDS = ("greater_than", "greater_than_equal", "less_than", "less_than_equal")
COUNTS = ("too_short", "too_long")
RAISED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("nullable", "default", "union", "definitions", "definition-ref", "model-field"), ()),
    **dict.fromkeys(("function-before", "function-after", "function-plain", "function-wrap"), ()),
    "model": ("model_type",),
    "model-fields": ("missing", "extra_forbidden", "model_attributes_type"),
    "tuple": ("tuple_type", "missing", *COUNTS),
    "list": ("list_type", *COUNTS),
    "dict": ("dict_type", *COUNTS),
    "str": ("string_type", "string_too_short", "string_too_long", "string_pattern_mismatch", "string_unicode"),
    "int": ("int_type", "int_parsing", "int_from_float", "int_parsing_size", *BOUNDS),
    "float": ("float_type", "float_parsing", "finite_number", *BOUNDS),
    "bool": ("bool_type", "bool_parsing"),
    "literal": ("literal_error",),
    "enum": ("enum",),
    "date": ("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"),
}
"""Kinds of pydantic's schemas, and the types of errors each of them raises."""
ENGLISH = re.compile(r"\b(?:should|must|input|valid|value|the|field|string|number|given|is|be|to|of)\b", re.IGNORECASE)
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**9), 10**9),
    st.floats(),
    st.text(max_size=70),
    st.just([]),
    st.just({}),
    st.lists(st.integers(-5, 5), max_size=5),
    st.dictionaries(st.text(max_size=4), st.integers(), max_size=2),
)


def kinds(schema: Any) -> Iterator[str]:
    """Every kind of schema within one."""
    if isinstance(schema, dict):
        if isinstance(schema.get("type"), str) and schema["type"] in get_args(core_schema.CoreSchemaType):
            yield schema["type"]
        for name, below in schema.items():
            if name not in ("serialization", "metadata"):
                yield from kinds(below)
    elif isinstance(schema, list | tuple):
        for below in schema:
            yield from kinds(below)


def said(fault: Fault, section: str) -> None:
    """Told in whole words of both languages, none of them pydantic's own."""
    assert fault.code and word_of(fault.code) != "other", fault
    told = FieldFaultOut.of(fault, section)
    text = re.sub(r"\(đang ghi: .*", "", told.told.vi, flags=re.DOTALL)
    text = re.sub(r"“[^”]*”|\([\w.\-]+\)", "", text) if "expected" not in fault.values else text.partition(":")[0]
    assert not ENGLISH.search(text) and "{" not in text, told
    assert re.search(r"[à-ỹđ]", told.told.vi) and told.where.vi and told.where.en and told.told.en, told


@pytest.mark.parametrize("model", [Scene, Offence, LawTable])
def test_every_error_that_the_models_can_raise_has_words_of_its_own(model: type[BaseModel]) -> None:
    found = set(kinds(TypeAdapter(model).core_schema))
    assert len(found) > 8 and found <= set(RAISED), found - set(RAISED)
    raised = {kind for schema in found for kind in RAISED[schema]}
    assert raised <= set(TYPES)
    assert {kind for kind in raised if word_of(kind) == "other"} == set()


@pytest.mark.parametrize("code", TYPES)
def test_no_type_of_pydantics_falls_through_to_english(code: str) -> None:
    fault = Fault("zones[0].limit_s", "Input should be something else", code, {"value": "7"})
    assert not ENGLISH.search(fault_words(fault, "vi")) and "chưa" in fault_words(fault, "vi") + "chưa"
    assert fault_words(fault, "vi") != fault.message


@pytest.mark.parametrize(("old", "new", "message"), FAULTS.values(), ids=FAULTS.keys())
def test_every_fault_of_a_scene_file_is_told_in_words(old: str, new: str, message: str) -> None:
    with pytest.raises(FaultsError) as refused:
        parse_scene(GOOD.replace(old, new, 1), name="s.yaml")
    for fault in refused.value.faults:
        said(fault, "scene_fields")
    told = lines(refused.value).splitlines()
    assert len(told) == len(refused.value.faults)
    assert all(line.startswith("s.yaml: ") and " / " in line for line in told)
    assert any(message.removeprefix("s.yaml: ") in line for line in told), told


def paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a document."""
    yield at
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in below:
        yield from paths(one, (*at, name))


def broken(document: Any, at: tuple[Any, ...], junk: Any) -> Any:
    """A copy with something else at a place; `...` takes it away."""
    if not at:
        return junk
    copy = dict(document) if isinstance(document, dict) else list(document)
    if len(at) == 1 and junk is ...:
        del copy[at[0]]
    else:
        copy[at[0]] = broken(document[at[0]], at[1:], junk)
    return copy


SCENE = yaml.safe_load(GOOD) | {"rules": {"dwell": {"pause_s": 4}}}
ROW = seed_table().offence[0].model_dump(mode="json", by_alias=True) | {"when": {"one_way_street": [True]}}
AT = {"scene": [at for at in paths(SCENE) if at], "law": [at for at in paths(ROW) if at]}


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(at=st.sampled_from(AT["scene"]), junk=JUNK | st.just(...), more=st.booleans())
def test_a_drawing_broken_anywhere_is_told_in_words(at: tuple[Any, ...], junk: Any, more: bool) -> None:
    try:
        check_scene(broken(SCENE, at, junk) | ({"colour": 1} if more else {}))
    except BadSceneError as error:
        for fault in error.faults:
            said(fault, "scene_fields")
    else:
        assert not more


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(at=st.sampled_from(AT["law"]), junk=JUNK | st.just(...))
def test_a_law_row_broken_anywhere_is_told_in_words(at: tuple[Any, ...], junk: Any) -> None:
    try:
        fitting(broken(ROW, at, junk))
    except BadChangeError as error:
        assert error.faults or error.why == "remedies"
        for fault in error.faults:
            said(fault, "law_fields")


@pytest.mark.parametrize(
    ("place", "where"),
    [
        ("", "Sơ đồ"),
        ("camera.lat", "Vĩ độ"),
        ("zones[0]", "Vùng kerb"),
        ("zones[0].polygon[2]", "Vùng kerb, Vị trí, hình dạng, điểm 3"),
        ("zones[0].polygon[2][1]", "Vùng kerb, Vị trí, hình dạng, điểm 3, y"),
        ("colour", "“colour”"),
        ("zones[0].calendar[1].days[0]", "Vùng kerb, Thời gian hiệu lực, mục 2, Thứ trong tuần, mục 1"),
        ("rules.dwell.pause_s", "Ngưỡng riêng của quy tắc (dwell.pause_s)"),
        ("ground.px[1]", "Số điểm mặt đường, Điểm trên hình, điểm 2"),
    ],
)
def test_places_read_as_the_page_names_them(place: str, where: str) -> None:
    assert place_words(Fault(place, "", within="kerb"), "scene_fields", "vi") == where


@pytest.mark.parametrize(
    ("change", "where", "told"),
    [
        ({"points": 13}, "Trừ điểm", "phải từ 12 trở xuống (đang ghi: 13)"),
        ({"act": {"vi": "", "en": "x"}}, "Mô tả hành vi, tiếng Việt", 'cần ít nhất 1 ký tự (đang ghi: "")'),
        ({"person_vnd": [5, 3]}, "Cá nhân (đồng)", "mức thấp nhất 5 lớn hơn mức cao nhất 3; hãy ghi mức thấp trước"),
        (
            {"to": "2000-01-01"},
            "Đến",
            "ngày cuối 2000-01-01 đứng trước ngày đầu 2025-01-01; hãy sửa một trong hai ngày",
        ),
        (
            {"id": "Ố"},
            "Mã",
            "không đúng dạng: 2 đến 64 ký tự: chữ thường không dấu, chữ số, “_”, “-”, bắt đầu bằng chữ"
            ' hoặc số (đang ghi: "Ố")',
        ),
    ],
)
def test_a_fault_of_a_law_row_reads_so(change: dict[str, Any], where: str, told: str) -> None:
    with pytest.raises(BadChangeError) as refused:
        fitting(ROW | {"when": {}} | change)
    (fault,) = (FieldFaultOut.of(one, "law_fields") for one in refused.value.faults)
    assert (fault.where.vi, fault.told.vi) == (where, told)


def test_words_of_faults_fill_the_same_gaps_in_both_languages() -> None:
    for code, words in catalogue()["faults"].items():
        gaps = [set(re.findall(r"\{(\w+)\}", words[language])) for language in LANGUAGES]
        assert gaps[0] == gaps[1], code


def test_a_request_that_does_not_fit_is_told_in_words() -> None:
    class Body(BaseModel):
        note: str

    with pytest.raises(ValidationError) as refused:
        Body.model_validate({"note": 5})
    (fault,) = faults(refused.value.errors())
    told = FieldFaultOut.of(fault, "details")
    assert (told.where.vi, told.told.vi) == ("ghi chú", "phải là chữ (đang ghi: 5)")
