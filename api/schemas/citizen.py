"""Citizens' reports and answers, as officers see them, and the public's own API."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import Base64Bytes, ConfigDict, Field

from api.analyses import AnalysisState
from api.catalogue import WordOut
from api.problem_words import analysis_words
from api.schemas.base import In, Out
from cases.citizen.lookup import OwnCase
from cases.citizen.promote import LONGEST_PLACE, Seen
from cases.citizen.reports import SettledBy
from cases.records import AnswerKind, AnswerTask, CitizenAnswer, CitizenReport, Dealing, ReportState
from detector.types import ObjectClass, ViolationKind

Pixel = Annotated[float, Field(ge=0, le=32_768, allow_inf_nan=False)]


class ReportsQuery(In):
    """Which reports."""

    state: ReportState | None = None
    limit: int = Field(50, ge=1, le=200)


class RegisterQuery(In):
    """Which days, both included."""

    first: date
    last: date


class MediaOut(Out):
    """One file of a report."""

    name: str
    media_type: str
    size_bytes: int
    sha256: str


class CitizenReportOut(Out):
    """A report without who sent it."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    received_at: datetime
    occurred_at: datetime
    place: str
    ward: str
    what: str
    description: str
    media: list[MediaOut]
    state: ReportState
    cases: list[str]
    outcome: str
    handled_by: str | None
    handled_at: datetime | None

    @classmethod
    def of(cls, row: CitizenReport) -> Self:
        """From a record."""
        return cls.model_validate(row)


class SettleIn(In):
    """What came of a report; the citizen reads `outcome`."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"outcome": "Đã xác minh, lập hồ sơ xử lý.", "cases": ["PN-7K3M-Q2XD"]}]}
    )

    outcome: str = Field(min_length=1, max_length=2000)
    reason: SettledBy | None = Field(None, description="in the words of the register")
    cases: tuple[str, ...] = Field((), max_length=20)


class AnalysisIn(In):
    """The scene drawn for the report's number, in force, of its ward, saying `source: citizen`; no other one."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"camera_id": "PA-7K3M-Q2XD"}]})

    camera_id: str = Field(max_length=64, pattern=r"^[A-Za-z0-9_.\-]+$")


class AnalysisOut(Out):
    """How far the analysis of a report's videos is; `problem` is empty unless it failed.

    `problem` in English for logs, `told` in words.
    """

    model_config = ConfigDict(from_attributes=True)

    report_id: str
    camera_id: str
    state: AnalysisState
    problem: str
    told: WordOut | None

    @classmethod
    def of(cls, report_id: str, camera_id: str, state: AnalysisState, problem: str) -> Self:
        """From how far it is, and the line it failed with."""
        known = {"report_id": report_id, "camera_id": camera_id, "state": state}
        return cls.model_validate(known | {"problem": problem, "told": analysis_words(problem)})


class PromoteIn(In):
    """What an officer saw in one file: act, place, vehicle and its box (x1, y1, x2, y2, px) in the still."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "kind": "illegal_parking",
                    "vehicle": "car",
                    "file": "file-1.jpg",
                    "xyxy": [10, 10, 90, 80],
                    "place": "Trước số 12 Hàng Bài",
                }
            ]
        }
    )

    kind: ViolationKind
    vehicle: Literal["bicycle", "motorcycle", "car", "bus", "truck"] | None = None
    file: str = Field(max_length=40)
    xyxy: tuple[Pixel, Pixel, Pixel, Pixel]
    place: str = Field(
        min_length=1, max_length=LONGEST_PLACE, description="the officer's own words, printed for the accused"
    )
    t_s: float = Field(0.0, ge=0, le=86_400, description="second of the video; 0 for a photo")
    still_jpeg: Annotated[Base64Bytes, Field(max_length=12_000_000)] | None = Field(
        None, description="the picture of the video at `t_s`; none with a photo"
    )

    @property
    def seen(self) -> Seen:
        """For the service."""
        vehicle = None if self.vehicle is None else ObjectClass[self.vehicle.upper()]
        said = {"kind": self.kind, "vehicle": vehicle, "file": self.file, "xyxy": self.xyxy, "place": self.place}
        return Seen(**said, t_s=self.t_s, still=self.still_jpeg)  # type: ignore[arg-type]


class PromotedOut(Out):
    """The case."""

    case_id: str


class ReporterIn(In):
    """Why the sender must be known."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Cần bổ sung video gốc"}]})

    reason: str = Field(min_length=1, max_length=500)


class ReporterOut(Out):
    """Who sent a report; empty when they did not say, or once it was blanked."""

    reporter: str
    contact: str


class AnswerOut(Out):
    """What an owner answered, the reply, and what was done about it; `waiting` until somebody noted that."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    notice_id: str
    case_id: str
    kind: AnswerKind
    text: str
    contact: str
    at: datetime
    reply: str | None
    replied_by: str | None
    replied_at: datetime | None
    waiting: bool
    dealing: Dealing | None
    dealing_note: str
    dealt_by: str | None
    dealt_at: datetime | None

    @classmethod
    def of(cls, row: CitizenAnswer, task: AnswerTask | None) -> Self:
        """From the records; answers of earlier software may have no task."""
        columns = {column.key: getattr(row, column.key) for column in CitizenAnswer.__mapper__.column_attrs}
        done = (task.dealing, task.note, task.dealt_by, task.dealt_at) if task else (None, "", None, None)
        told = dict(zip(("dealing", "dealing_note", "dealt_by", "dealt_at"), done, strict=True))
        return cls(**columns, waiting=task is not None and task.dealt_at is None, **told)


class DealingIn(In):
    """What was done about an owner's answer."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"dealing": "driver_found", "note": "Người lái: con trai, đã có đơn."}]}
    )

    dealing: Literal["noted", "driver_found", "corrected", "unfounded", "other"]
    note: str = Field("", max_length=1000, description="needed but for `noted`")


class ReplyIn(In):
    """A reply to an owner."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "Đề nghị mang giấy ủy quyền đến đơn vị."}]})

    text: str = Field(min_length=1, max_length=4000)


class ReceivedOut(Out):
    """Number and code of a report; the code is given once."""

    id: str
    code: str


class LookupIn(In):
    """Plate and code, as the notice prints them."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"plate": "29A-123.45", "code": "ABCD-2345"}]})

    plate: str = Field(min_length=1, max_length=40)
    code: str = Field(min_length=1, max_length=40)


class OwnCaseOut(Out):
    """One's own case, by the field names of the police's portal."""

    so_thong_bao: str
    bien_kiem_soat: str
    mau_bien: str
    loai_phuong_tien: str
    thoi_gian_vi_pham: str
    dia_diem_vi_pham: str
    hanh_vi_vi_pham: str
    trang_thai: str
    don_vi_phat_hien_vi_pham: str
    noi_giai_quyet_vu_viec: str

    @classmethod
    def of(cls, own: OwnCase) -> Self:
        """From a look-up."""
        fields: dict[str, Any] = own.fields
        return cls(
            so_thong_bao=own.notice.number,
            bien_kiem_soat=own.notice.plate,
            mau_bien=fields["plate_colour"],
            loai_phuong_tien=fields["vehicle"],
            thoi_gian_vi_pham=fields["occurred"],
            dia_diem_vi_pham=fields["where"],
            hanh_vi_vi_pham=fields["act"],
            trang_thai="Thông báo đã hết giá trị" if own.void else "Đã xử phạt" if own.sanctioned else "Chưa xử phạt",
            don_vi_phat_hien_vi_pham=fields["agency"],
            noi_giai_quyet_vu_viec=fields["appear_where"] or fields["agency_address"],
        )
