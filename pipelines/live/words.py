"""States in the operators' own words; the console says the same (`api/catalogue/words.toml`, `streams`)."""

from pipelines.live.status import State

STATES = {
    State.CONNECTING: "Đang kết nối",
    State.LIVE: "Hoạt động",
    State.LOST: "Mất tín hiệu",
    State.DENIED: "Bị từ chối đăng nhập",
    State.UNTRUSTED: "Chứng thư không tin cậy",
    State.UNDRAWN: "Chưa có sơ đồ",
    State.UNFIT: "Hình không khớp sơ đồ",
    State.BLACK: "Hình tối đen",
    State.COVERED: "Bị che",
    State.FROZEN: "Hình đứng yên",
    State.MOVED: "Lệch hướng nhìn",
    State.BLURRED: "Hình mờ",
    State.OVERLOADED: "Máy quá tải",
    State.ENDED: "Đã dừng",
}
