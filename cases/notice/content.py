"""From a case, its law and what the officer filled in to the words of a paper."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from cases.evidence import Manifest
from cases.lifecycle import Track, track_of
from cases.notice.form import PLATE_COLOURS, VEHICLES, DocumentForm, local_time
from cases.records import Case
from cases.redaction import moments
from cases.settings import Settings

SOURCES = {
    "device": "phương tiện, thiết bị kỹ thuật nghiệp vụ (hệ thống camera giám sát)",
    "community": "dữ liệu từ camera do tổ chức, cá nhân cung cấp, đã được xác minh",
    "citizen": "dữ liệu do tổ chức, cá nhân cung cấp, đã được xác minh",
}
MOMENTS = {"before": "Trước khi vi phạm", "during": "Khi vi phạm", "after": "Sau khi vi phạm"}
CLOCKS = {"PTS": "thời gian gốc của luồng hình", "CORRECTED": "đã hiệu chỉnh", "NOMINAL": "danh định"}
MEASURED = {
    "heading_against_deg": "góc lệch so với hướng cho phép {:.0f}°",
    "travelled_m": "quãng đường {:.1f} m",
    "against_s": "đi ngược chiều {:.1f} giây",
    "dwell_s": "dừng, đỗ {:.0f} giây",
    "limit_s": "thời gian cho phép {:.0f} giây",
    "standing_s": "đứng yên {:.0f} giây",
}


def document_data(
    case: Case, manifest: Manifest, form: DocumentForm, settings: Settings, *, number: str, now: datetime, maker: str
) -> dict[str, Any]:
    """Every word the templates print; JSON values only."""
    law, here = case.offence or {}, now.astimezone(ZoneInfo(case.timezone))
    low, high = law.get("range_vnd") or (0, 0)
    return {
        **form.model_dump(mode="json", exclude={"owner", "appear_at"}),
        "owner": form.owner.model_dump(),
        "appear_at": local_time(form.appear_at, case.timezone) if form.appear_at else "",
        "plate_colour": PLATE_COLOURS[form.plate_colour],
        "agency": settings.agency_name,
        "agency_parent": settings.agency_parent,
        "agency_address": settings.agency_address,
        "agency_phone": settings.agency_phone,
        "place": settings.agency_place,
        "number": number,
        "issued_on": f"ngày {here:%d} tháng {here:%m} năm {here:%Y}",
        "issued_time": f"{here:%H} giờ {here:%M}, ngày {here:%d/%m/%Y}",
        "track": track_of(case.source_kind).value,
        "source_words": SOURCES[case.source_kind],
        "vehicle": VEHICLES.get(case.vehicle or "", ""),
        "occurred": local_time(case.occurred_at, case.timezone),
        "where": f"{case.camera_name}, {case.ward}",
        "act": law.get("act", {}).get("vi", ""),
        "provision": law.get("provision", ""),
        "range": f"{_money(low)} - {_money(high)} đồng" if high else "",
        "points": int(law.get("points") or 0),
        "amount": f"{_money(case.amount_vnd)} đồng" if case.amount_vnd else "",
        "remedies": [words["vi"] for words in law.get("remedies") or ()],
        "place_of_camera": f"{case.lat:.5f}, {case.lon:.5f}" if case.lat is not None and case.lon is not None else "",
        "case_id": case.id,
        "camera": case.camera_id if track_of(case.source_kind) is Track.DEVICE else "",
        "clock": CLOCKS.get(case.clock.value, case.clock.value),
        "manifest_sha256": case.manifest_sha256,
        "measured": [words.format(case.facts[name]) for name, words in MEASURED.items() if _is_number(case, name)],
        "stills": [
            {"file": f"{name}.jpg", "caption": _caption(case, manifest, name)} for name, _box in moments(manifest)
        ],
        "maker": maker,
    }


def _caption(case: Case, manifest: Manifest, name: str) -> str:
    moment = manifest.violation["finding"]["moments"][name]
    return f"{MOMENTS.get(name, name)} (giây {float(moment['t_s']):.1f} của luồng hình, hồ sơ {case.id})"


def _is_number(case: Case, name: str) -> bool:
    value = case.facts.get(name)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _money(amount: int) -> str:
    return f"{amount:,}".replace(",", ".")
