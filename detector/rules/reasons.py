"""The catalogue of doubts: why a rule may not accuse, or what an officer must look at before deciding."""

from typing import NamedTuple


class Reason(NamedTuple):
    """One doubt in words, Vietnamese first."""

    vi: str
    en: str


REASONS: dict[str, Reason] = {
    "queue": Reason(
        "Các xe xung quanh cũng đang dừng: có thể đang chờ đèn hoặc ùn tắc.",
        "The vehicles around it stand too: it may be waiting at a light or in a jam.",
    ),
    "walking_pace": Reason(
        "Xe di chuyển chậm như đi bộ: có thể đang được dắt.", "So slow that somebody may be pushing it on foot."
    ),
    "class_unsure": Reason(
        "Không chắc loại phương tiện: có thể là loại không bị cấm ở đây.",
        "What kind of vehicle it is stays unsure: it may be one that is not bound here.",
    ),
    "vehicle_unsure": Reason(
        "Máy chưa chắc loại xe (ô tô con, tải, khách hay mô tô), mức phạt khác nhau: đối chiếu trên hình.",
        "The machine wavers between kinds of vehicle, and fines differ by them: compare the pictures.",
    ),
    "shadow": Reason(
        "Khung hình nằm trên một xe khác suốt đường đi: có thể là một phần của xe đó.",
        "Its box lies on another vehicle's all the way: it may be a part of that one.",
    ),
    "never_moved": Reason(
        "Chưa từng thấy di chuyển và nhận dạng yếu: có thể là vật cố định, không phải xe.",
        "Never seen to move and only faintly recognised: it may be a fixed thing and no vehicle.",
    ),
    "no_calendar_time": Reason(
        "Không rõ ngày giờ ghi hình: lịch hiệu lực của biển báo được coi là đang áp dụng.",
        "The recording has no calendar time: the zone's hours were taken as in force.",
    ),
    "container_time": Reason(
        "Ngày giờ lấy từ siêu dữ liệu của tệp, có thể là giờ sao chép: đối chiếu với giờ in trên hình.",
        "The date is the file's own metadata, which a copy may have rewritten: compare the time in the picture.",
    ),
    "mostly_predicted": Reason(
        "Xe bị che khuất phần lớn thời gian: đường đi chủ yếu là suy đoán, có thể nhầm với xe khác.",
        "Hidden for most of the time: its path is mostly predicted and may be another vehicle's.",
    ),
    "too_few_looks": Reason(
        "Quá ít khung hình để chắc chắn là cùng một xe: tốc độ phân tích thấp so với tốc độ xe.",
        "Too few looks to be sure that it was one vehicle: too few frames a second for its speed.",
    ),
    "driver_unseen": Reason(
        "Nơi chỉ cấm đỗ: hình ảnh không cho biết người lái có rời xe hay không.",
        "Only parking is forbidden here: the picture does not show whether the driver left.",
    ),
    "no_offender": Reason(
        "Không có biển số: người vi phạm phải được xác định tại chỗ.",
        "There is no plate: the offender must be identified on the spot.",
    ),
    "stream_gap": Reason(
        "Có lúc mất hình: xe được thấy lại đúng chỗ cũ, nhưng không ai thấy nó trong lúc mất hình.",
        "The picture was lost for a while: the vehicle was found again in its place but not seen meanwhile.",
    ),
    "common": Reason(
        "Trong giờ qua quá nhiều xe bị phát hiện cùng lỗi tại đây: kiểm tra biển báo và hình vẽ hiện trường trước.",
        "Too many were accused of this here within the hour: check signs and the drawn scene first.",
    ),
    "ground_unlikely": Reason(
        "Theo các điểm đo mặt đường, người đi xe máy cao thấp vô lý: mét và tốc độ có thể sai, kiểm tra hình vẽ hiện"
        " trường trước.",
        "By the measured ground points riders would be impossibly small or tall: metres and speeds may be wrong, check"
        " the drawn scene first.",
    ),
    "picture_frozen": Reason(
        "Có lúc hình đứng yên (máy quay lặp lại hình cũ): xe được thấy lại đúng chỗ cũ, nhưng không ai thấy nó lúc đó.",
        "The picture stood still for a while (the camera repeated an old one): the vehicle was found again in its"
        " place but not seen meanwhile.",
    ),
    "load_not_visible": Reason("Không nhìn rõ thùng hàng.", "The load cannot be seen."),
    "load_disagrees": Reason("Các lần nhìn thùng hàng không thống nhất.", "The looks at the load disagree."),
    "load_too_few_looks": Reason(
        "Quá ít hình nhìn rõ thùng hàng để kết luận.", "Too few clear looks at the load to decide."
    ),
}
