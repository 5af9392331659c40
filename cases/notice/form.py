"""What an officer fills in for a paper; everything else comes from the case, its clause of the law and the settings.

Field names follow the police's forms: notice Mẫu 01/73 (TT73/2024; TT13/2025 replaced its layout, which was not at
hand) and record mẫu số 01 (NĐ190/2025). What is left empty is printed as a dotted line to be filled in by hand.
"""

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from detector.plates.alphabet import normalised

PLATE_COLOURS = {
    "white": "nền trắng, chữ và số màu đen",
    "yellow": "nền vàng, chữ và số màu đen",
    "blue": "nền xanh, chữ và số màu trắng",
    "red": "nền đỏ, chữ và số màu trắng",
    "unknown": "chưa xác định",
}
VEHICLES = {
    "car": "Ô tô",
    "truck": "Ô tô tải",
    "bus": "Ô tô khách",
    "motorcycle": "Xe mô tô, xe gắn máy",
    "bicycle": "Xe đạp, xe đạp điện",
}
PLATE = re.compile(r"^[0-9A-ZĐ]{5,12}$")


def normal_plate(text: str) -> str:
    """Upper case, letters and digits only.

    Raises:
        ValueError: nothing like a plate is left.
    """
    plain = normalised(text)
    if not PLATE.fullmatch(plain):
        raise ValueError("expected a number plate of 5 to 12 letters and digits, e.g. 29A-123.45")
    return plain


def plate_or_none(text: str) -> str:
    """A plate as `normal_plate` spells it; empty where none is given."""
    return normal_plate(text) if text.strip() else ""


Line = Annotated[str, Field(max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]
Long = Annotated[str, Field(max_length=2000, pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$")]
Plate = Annotated[str, Field(max_length=20), AfterValidator(plate_or_none)]


class FormModel(BaseModel):
    """Frozen; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Owner(FormModel):
    """Owner of the vehicle, or the violator: a person or an organisation."""

    kind: Literal["person", "organisation"] = "person"
    name: Line = ""
    id_number: Line = Field("", description="số định danh cá nhân or mã số doanh nghiệp")
    address: Line = ""
    born: Line = ""
    gender: Line = ""
    nationality: Line = ""
    occupation: Line = ""
    representative: Line = ""


class DocumentForm(FormModel):
    """What the officer adds for a paper; each template prints the fields of its form."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "plate": "29A-123.45",
                    "plate_colour": "white",
                    "owner": {"name": "Nguyễn Văn A", "id_number": "001085012345", "address": "Hà Nội"},
                    "appear_at": "2026-12-05T08:00:00+07:00",
                    "appear_where": "Đội CSGT số 1, 86 Lý Thường Kiệt, phường Cửa Nam",
                }
            ]
        }
    )

    plate: Plate = Field("", description="as officers established it; empty where they could not, but on a notice")
    plate_colour: Literal["white", "yellow", "blue", "red", "unknown"] = "unknown"
    owner: Owner = Owner()
    appear_at: AwareDatetime | None = None
    appear_where: Line = ""
    appear_instead: Line = Field("", description="another place where the matter may be settled")
    papers: Line = "Giấy đăng ký xe, giấy phép lái xe, giấy tờ tùy thân, Thông báo này"
    preventive: Line = ""
    marks: Line = Field("", description="what tells the vehicle apart, where its plate is not established")
    sent_by: Line = Field("", description="the unit that sent the result, where another one did")
    seized: Line = Field("", description="exhibits, vehicle, papers kept")
    witness: Line = ""
    interpreter: Line = ""
    victim: Line = ""
    opinions: Long = ""
    reason_at_office: Line = "Vi phạm được phát hiện thông qua phương tiện, thiết bị kỹ thuật nghiệp vụ"
    circumstances: Line = ""
    explanation: Line = ""
    contact: Line = ""
    operator: Line = Field("", description="who operated the device, on its result sheet (NĐ135 Đ14.2.a)")
    verified: Line = Field("", description="what the verification found, in the decision (L-XLVPHC Đ68)")
    aggravating: Line = ""
    mitigating: Line = ""
    additional: Line = Field("", description="additional sanctions, in the decision")
    decider: Line = Field("", description="who takes the decision: name and title")
    pay_where: Line = ""


def local_time(at: datetime | None, zone: str) -> str:
    """As the police's portal writes a moment: `10:32, 20/12/2024`; dots where none is known."""
    from zoneinfo import ZoneInfo

    return at.astimezone(ZoneInfo(zone)).strftime("%H:%M, %d/%m/%Y") if at else "……… giờ ………, ngày …/…/……"
