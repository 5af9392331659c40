"""The words of the life cycle, Vietnamese first: states, actions, reasons, deadlines, exceptions.

Words in use by the police (law and forms) are kept as they are; `cases.lifecycle` holds the table that uses them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One meaning in Vietnamese and English."""

    vi: str
    en: str


BY_HAND = "signed_by_hand"
"""The reason that says a paper was signed in ink, and stamped."""
WRONG = "wrong_"
"""What the reason of a withdrawal begins with; the kind of paper follows."""
BY_EYE = "by_eye"
"""The doubt of a case that an officer opened by eye."""
DOUBT_WORDS: dict[str, Words] = {
    BY_EYE: Words(
        "Cán bộ lập bằng mắt từ hình ảnh công dân gửi, không quy tắc nào đo: phải có hai cán bộ xác nhận.",
        "Opened by an officer's eye from what a citizen sent, measured by no rule: two officers must confirm.",
    ),
}
"""Doubts that the review itself raises; those of the rules stand in `detector.rules.reasons`."""

STATE_WORDS: dict[str, Words] = {
    "NEW": Words("Mới phát hiện, chờ duyệt", "Detected, pending review"),
    "CHECK": Words("Đang xác minh", "Verifying"),
    "MORE": Words("Yêu cầu bổ sung chứng cứ", "More evidence requested"),
    "SECOND": Words("Chờ cán bộ thứ hai", "Awaiting a second officer"),
    "CONFIRMED": Words("Xác nhận vi phạm", "Violation confirmed"),
    "REJECTED": Words("Bác bỏ", "Rejected"),
    "DUP": Words("Trùng lặp", "Duplicate"),
    "REMIND": Words("Nhắc nhở", "Reminder, no sanction"),
    "OWNER": Words("Chờ xác định chủ phương tiện", "Owner being identified"),
    "NOTICED": Words("Đã gửi thông báo vi phạm", "Notice sent"),
    "NORESP": Words("Quá hạn 20 ngày chưa đến giải quyết", "No response after 20 days"),
    "MOVED": Words("Đã chuyển kết quả", "Transferred"),
    "WARNED": Words("Đã gửi thông báo cho cơ quan đăng kiểm, đăng ký xe", "Warning placed with the registries"),
    "RECORD": Words("Đã lập biên bản vi phạm hành chính", "Record made"),
    "EXPLAIN": Words("Chờ giải trình", "Awaiting explanation"),
    "TOSIGN": Words("Đã trình ký", "Submitted for signature"),
    "SIGNED": Words("Đã ký số", "Digitally signed"),
    "DECIDED": Words("Đã ra quyết định xử phạt", "Decision issued"),
    "SERVED": Words("Đã giao quyết định", "Decision served"),
    "PAID": Words("Đã nộp phạt, đã thi hành", "Paid, executed"),
    "FORCE": Words("Cưỡng chế", "Enforcement"),
    "APPEAL": Words("Khiếu nại, khởi kiện", "Complaint or lawsuit"),
    "EXPIRED": Words("Hết thời hiệu", "Time-barred"),
    "CLOSED": Words("Kết thúc, lưu hồ sơ", "Closed, archived"),
}

ACTION_WORDS: dict[str, Words] = {
    "detect": Words("Phát hiện", "Detect"),
    "confirm": Words("Xác nhận vi phạm", "Confirm the violation"),
    "reject": Words("Bác bỏ", "Reject"),
    "remind": Words("Nhắc nhở", "Remind only"),
    "check": Words("Chuyển xác minh", "Send to verification"),
    "request_more": Words("Yêu cầu bổ sung chứng cứ", "Request more evidence"),
    "cannot_tell": Words("Không kết luận được, chuyển cán bộ khác", "Cannot tell, hand to another officer"),
    "mark_duplicate": Words("Đánh dấu trùng lặp", "Mark as duplicate"),
    "amend": Words("Đổi điều khoản hoặc mức tiền", "Change clause or amount"),
    "undo": Words("Hoàn tác", "Undo"),
    "reopen": Words("Mở lại hồ sơ", "Reopen the case"),
    "seek_owner": Words("Xác định chủ phương tiện", "Identify the owner"),
    "send_notice": Words("Gửi thông báo vi phạm", "Send the notice"),
    "no_response": Words("Ghi nhận quá hạn 20 ngày", "Note that 20 days have passed"),
    "transfer": Words("Chuyển kết quả", "Transfer the result"),
    "place_warning": Words("Gửi cảnh báo đăng kiểm, đăng ký", "Place a warning with the registries"),
    "identify": Words("Đã xác định người vi phạm", "Violator identified"),
    "object": Words("Người dân phản hồi, xác minh lại", "Answer or dispute received, verify again"),
    "make_record": Words("Lập biên bản", "Make the record"),
    "await_explanation": Words("Chờ giải trình", "Await an explanation"),
    "extend": Words("Gia hạn vụ việc phức tạp", "Extend a complex case"),
    "submit": Words("Trình ký", "Submit for signature"),
    "send_back": Words("Trả lại, không ký", "Return unsigned"),
    "sign": Words("Ký số", "Sign"),
    "issue": Words("Ra quyết định xử phạt", "Issue the decision"),
    "serve": Words("Giao quyết định", "Serve the decision"),
    "pay": Words("Ghi nhận đã nộp phạt", "Note the payment"),
    "enforce": Words("Cưỡng chế", "Enforce"),
    "appeal": Words("Ghi nhận khiếu nại, khởi kiện", "Note a complaint or lawsuit"),
    "uphold": Words("Giữ nguyên quyết định", "Uphold the decision"),
    "annul": Words("Hủy quyết định", "Annul the decision"),
    "expire": Words("Ghi nhận hết thời hiệu", "Note the time-bar"),
    "close": Words("Kết thúc, lưu hồ sơ", "Close and archive"),
    "withdraw": Words("Thu hồi văn bản ghi sai", "Withdraw a wrong paper"),
    "lift_warning": Words("Rút cảnh báo đăng kiểm, đăng ký", "Lift the warning at the registries"),
}

REASONS: dict[str, Words] = {
    "evidence_sufficient": Words(
        "Hình ảnh cho thấy rõ hành vi vi phạm và phương tiện.", "The pictures show the act and the vehicle clearly."
    ),
    "verified": Words("Đã xác minh, đủ căn cứ.", "Verified, the grounds are sufficient."),
    "no_violation": Words("Không có hành vi vi phạm.", "There was no violation."),
    "insufficient_grounds": Words("Không đủ căn cứ.", "The grounds are insufficient."),
    "wrong_vehicle": Words(
        "Phương tiện được đánh dấu không phải phương tiện vi phạm.", "The marked vehicle is not the one that did it."
    ),
    "priority_vehicle": Words("Xe ưu tiên đang làm nhiệm vụ.", "A priority vehicle on duty."),
    "controller_directed": Words(
        "Theo hiệu lệnh của người điều khiển giao thông.", "Directed by a traffic controller."
    ),
    "permit": Words("Có giấy phép còn hiệu lực.", "A valid permit covers it."),
    "diversion": Words(
        "Phân luồng tạm thời (ngập úng, sự cố, thi công).", "A temporary diversion (flood, incident, road works)."
    ),
    "loading_hours": Words("Trong giờ được phép dừng, xếp dỡ hàng.", "Within the hours for stopping and loading."),
    "queue_or_jam": Words("Dừng chờ đèn hoặc do ùn tắc.", "Standing at a light or in a jam."),
    "technical_fault": Words(
        "Lỗi kỹ thuật: camera, nhận dạng hoặc sơ đồ vùng.", "A technical fault: camera, detection or zone drawing."
    ),
    "warning_period": Words("Đang trong thời gian nhắc nhở.", "The warning period is running."),
    "minor": Words("Hành vi nhẹ, nhắc nhở là đủ.", "A minor act, a reminder is enough."),
    "offender_unknown": Words(
        "Không xác định được người vi phạm qua camera.", "The offender cannot be identified by camera."
    ),
    "owner_or_plate": Words("Xác minh biển số, chủ phương tiện.", "Plate or owner to be verified."),
    "on_site": Words("Cử lực lượng kiểm tra tại chỗ.", "A patrol is sent to the place."),
    "evidence_received": Words("Đã nhận bổ sung chứng cứ.", "The requested evidence has arrived."),
    "plate_unreadable": Words("Không đọc được biển số.", "The plate cannot be read."),
    "sign_not_visible": Words("Không thấy biển báo, vạch kẻ.", "The sign or marking cannot be seen."),
    "act_not_visible": Words("Chưa thấy rõ hành vi.", "The act cannot be seen clearly."),
    "time_doubtful": Words("Thời gian ghi hình chưa chắc chắn.", "The time of the recording is in doubt."),
    "same_act": Words("Cùng một hành vi với hồ sơ khác.", "The same act as in another case."),
    "decided_in_error": Words("Quyết định trước có sai sót.", "The earlier decision was wrong."),
    "new_evidence": Words("Có chứng cứ mới.", "There is new evidence."),
    "other": Words("Lý do khác (ghi rõ).", "Another reason (to be written down)."),
    "undone": Words("Bấm nhầm, hoàn tác ngay.", "A slip, taken back at once."),
    "no_circumstance": Words("Không có tình tiết tăng nặng, giảm nhẹ.", "No aggravating or mitigating circumstance."),
    "mitigating_one": Words("Có một tình tiết giảm nhẹ.", "One mitigating circumstance."),
    "mitigating_more": Words("Có từ hai tình tiết giảm nhẹ.", "Two or more mitigating circumstances."),
    "aggravating_one": Words("Có một tình tiết tăng nặng.", "One aggravating circumstance."),
    "aggravating_more": Words("Có từ hai tình tiết tăng nặng.", "Two or more aggravating circumstances."),
    "other_clause": Words("Điều khoản khác đúng với hiện trường.", "Another clause fits the scene."),
    "owner_unknown": Words("Chưa có thông tin chủ phương tiện.", "The owner is not known yet."),
    "owner_known": Words("Đã có thông tin chủ phương tiện.", "The owner is known."),
    "reminder_sent": Words("Gửi lại thông báo.", "The notice is sent again."),
    "signed_by_hand": Words("Văn bản được ký tay, đóng dấu.", "The paper was signed in ink and stamped."),
    "deadline_passed": Words("Đã hết thời hạn.", "The time limit has passed."),
    "lives_elsewhere": Words("Chủ phương tiện cư trú nơi khác.", "The owner lives elsewhere."),
    "beyond_power": Words("Vượt thẩm quyền xử phạt của đơn vị.", "Beyond the unit's power to sanction."),
    "owner_absent": Words("Chủ phương tiện không đến giải quyết.", "The owner did not come."),
    "owner_came": Words("Chủ phương tiện, người vi phạm đến làm việc.", "The owner or violator came."),
    "driver_named": Words("Chủ phương tiện đã cung cấp người điều khiển.", "The owner named the driver."),
    "returned_result": Words("Nơi nhận đã trả kết quả.", "The receiving unit sent the result back."),
    "dispute": Words("Không đồng ý với thông báo.", "The notice is disputed."),
    "vehicle_sold": Words("Xe đã bán, cho mượn hoặc bị chiếm đoạt.", "The vehicle was sold, lent or stolen."),
    "on_paper": Words("Biên bản giấy, có chữ ký.", "Record on paper, signed."),
    "electronic": Words("Biên bản điện tử, ký số.", "Electronic record, digitally signed."),
    "written": Words("Giải trình bằng văn bản.", "A written explanation."),
    "written_on_paper": Words(
        "Giải trình bằng văn bản; biên bản giấy có chữ ký.", "A written explanation; the record on paper is signed."
    ),
    "oral_on_paper": Words(
        "Giải trình trực tiếp; biên bản giấy có chữ ký.", "An oral explanation; the record on paper is signed."
    ),
    "oral": Words("Giải trình trực tiếp.", "An oral explanation."),
    "complex": Words("Vụ việc nhiều tình tiết phức tạp.", "A case of many complex circumstances."),
    "complete": Words("Hồ sơ đầy đủ.", "The file is complete."),
    "explained": Words("Đã xem xét giải trình.", "The explanation was considered."),
    "file_incomplete": Words("Hồ sơ chưa đầy đủ.", "The file is incomplete."),
    "wrong_clause": Words("Điều khoản, mức phạt chưa đúng.", "Clause or amount is not right."),
    "lawful": Words("Đúng thẩm quyền, đúng pháp luật.", "Within power and lawful."),
    "numbered": Words("Đã lấy số, đóng dấu.", "Numbered and sealed."),
    "by_hand": Words("Giao trực tiếp.", "Handed over."),
    "by_post": Words("Gửi bưu điện bảo đảm.", "Registered post."),
    "electronically": Words("Gửi điện tử.", "Sent electronically."),
    "posted_publicly": Words("Niêm yết công khai.", "Posted publicly."),
    "paid_online": Words("Nộp qua Cổng dịch vụ công.", "Paid on the public service portal."),
    "paid_in_person": Words("Nộp tại ngân hàng, kho bạc.", "Paid at a bank or the treasury."),
    "not_paid": Words("Quá hạn chưa nộp phạt.", "Overdue and not paid."),
    "complaint": Words("Khiếu nại.", "A complaint."),
    "lawsuit": Words("Khởi kiện.", "A lawsuit."),
    "upheld": Words("Giữ nguyên quyết định.", "The decision stands."),
    "annulled": Words("Quyết định bị hủy.", "The decision was annulled."),
    "time_barred": Words("Đã hết thời hiệu.", "The time-bar has passed."),
    "finished": Words("Đã giải quyết xong.", "Everything is done."),
    "wrong_notice": Words("Thông báo vi phạm ghi sai.", "The notice is wrong."),
    "wrong_record": Words("Biên bản ghi sai.", "The record is wrong."),
    "wrong_result": Words("Kết quả thu thập ghi sai.", "The result sheet is wrong."),
    "wrong_decision": Words("Dự thảo quyết định ghi sai.", "The draft of the decision is wrong."),
    "resolved": Words("Vi phạm đã được giải quyết.", "The violation is resolved."),
    "ground_gone": Words(
        "Căn cứ của cảnh báo không còn (thông báo bị thu hồi, hồ sơ được điều chỉnh, xác minh lại).",
        "The warning's ground is gone (its notice was withdrawn, the case amended or verified again).",
    ),
    "warning_wrong": Words("Cảnh báo đã gửi sai.", "The warning was sent wrongly."),
}

EXCEPTION_WORDS: dict[str, Words] = {
    "priority_vehicle": Words("Xe ưu tiên đang làm nhiệm vụ?", "A priority vehicle on duty?"),
    "controller_directed": Words("Có hiệu lệnh của người điều khiển giao thông?", "Directed by a traffic controller?"),
    "permit": Words("Có giấy phép (sử dụng tạm, vào đường cấm)?", "A permit for it (temporary use, entry)?"),
    "diversion": Words("Đang phân luồng (ngập úng, sự cố, thi công)?", "A diversion (flood, incident, road works)?"),
    "loading_hours": Words("Trong giờ được phép dừng, xếp dỡ?", "Within loading hours?"),
}
