"""Citizens' reports in a real Chromium: looked at on purpose, made a case by eye, answered with a reason, by keys."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from cases.citizen.media import Upload
from cases.citizen.reports import follow, own_report, receive, report_form
from cases.clock import utc_now
from cases.records import ReportState
from cases.service import get_case
from tests.api.media import clip, jpeg, street
from tests.api.server import Server
from tests.api.web.browser import Browser
from tests.cases.builders import AUDITOR

NASTY = '<img src=x onerror="document.title=1"> "12 Hàng Bài"'
BOX = (500, 200, 560, 300)


@pytest.fixture(scope="module")
def sent(server: Server) -> list[tuple[str, str]]:
    """(number, code) of a report with a photo and of one with a video, oldest first."""
    context, done = server.context, []
    for files in ([jpeg(street(2.0))], [clip()]):
        form = report_form(occurred_at=utc_now(), place=NASTY, ward="Hoàn Kiếm", what="wrong_way",
                           description="xe máy", contact="0912 345 678")  # fmt: skip
        uploads = [Upload("x", [data]) for data in files]
        row = receive(context.sessions, context.settings.citizen_files, form=form, uploads=uploads,
                      largest_bytes=1 << 24, now=utc_now())  # fmt: skip
        done.append((row.report.id, row.code))
    return done


def test_a_photo_is_opened_on_purpose_and_becomes_a_case(
    browser: Browser, server: Server, sent: list[tuple[str, str]]
) -> None:
    report_id = sent[0][0]
    browser.log_in()
    browser.driver.find_element(By.CSS_SELECTOR, "nav a[href='/intake']").click()
    browser.ready("/intake")
    browser.until("document.querySelectorAll('#reports li').length === 2")
    assert NASTY in browser.text("reports")
    assert "0912" not in browser.driver.page_source
    assert browser.until("document.querySelector('#report-files img').naturalWidth") <= 320
    browser.keys("1")
    browser.until("document.getElementById('open-first') !== null")
    browser.keys("o")
    browser.until("document.querySelector('#marker') !== null && document.querySelector('#open-case') !== null")
    for name, value in zip(("x1", "y1", "x2", "y2"), BOX, strict=True):
        browser.driver.find_element(By.ID, f"corner-{name}").send_keys(str(value))
    browser.until("document.querySelector('#marker rect').getAttribute('width') === '60'")
    place = browser.driver.find_element(By.ID, "case-place")
    assert place.get_attribute("value") == "", "the sender's word for the place is not taken over"
    place.send_keys("Trước số 12", Keys.ENTER)
    browser.says("Hãy chọn loại phương tiện: lỗi này chỉ xử phạt được khi biết phương tiện.")
    Select(browser.driver.find_element(By.NAME, "vehicle")).select_by_value("motorcycle")
    place.send_keys(Keys.ENTER)
    browser.until("document.getElementById('message-text')?.textContent.startsWith('Đã lập hồ sơ PN-')")
    row = own_report(server.context.sessions, report_id=report_id, actor=AUDITOR)
    case = get_case(server.context.sessions, case_id=row.cases[0], actor=AUDITOR)
    assert (row.state, case.source_kind, case.camera_name) == (ReportState.PROCESSED, "citizen", "Trước số 12")
    browser.open(f"/cases/{case.id}")
    browser.until("document.querySelector('#stage img')?.naturalWidth === 960")
    assert browser.driver.title.startswith("PN-")
    _the_quality_page_names_its_zone_in_words(browser, server, case.id)


def _the_quality_page_names_its_zone_in_words(browser: Browser, server: Server, case_id: str) -> None:
    """What was marked by eye has no zone; its code is nothing to read."""
    with server.client("minh") as minh:
        version = minh.post(f"/api/v1/cases/{case_id}/claim").json()["version"]
        body = {"action": "reject", "reason": "no_violation", "version": version}
        assert minh.post(f"/api/v1/cases/{case_id}/decisions", json=body).status_code == 200
    browser.log_in("chief")
    browser.open("/quality")
    told = browser.until("document.getElementById('precision')?.textContent")
    assert "Cán bộ đánh dấu bằng mắt, không có vùng" in told
    assert "by_eye" not in browser.text("precision")


def test_a_video_is_marked_by_hand_and_a_report_closed_with_a_reason(
    browser: Browser, server: Server, sent: list[tuple[str, str]]
) -> None:
    report_id, code = sent[1]
    browser.log_in()
    browser.open(f"/intake/{report_id}")
    browser.keys("o")
    browser.until("document.querySelector('#marker') !== null")
    browser.keys("1")
    browser.driver.execute_script(
        "const m = document.getElementById('marker'), f = m.getBoundingClientRect();"
        "const at = (type, x, y) => m.dispatchEvent(new PointerEvent(type, {bubbles: true, pointerId: 1,"
        " clientX: f.left + x * f.width, clientY: f.top + y * f.height}));"
        "m.setPointerCapture = () => undefined;"
        "at('pointerdown', .5, .5); at('pointermove', .75, .75); at('pointerup', .75, .75);"
    )
    assert browser.until("document.getElementById('corner-x1').value") == "480"
    Select(browser.driver.find_element(By.NAME, "vehicle")).select_by_value("car")
    browser.driver.find_element(By.ID, "case-place").send_keys("Trước số 12", Keys.ENTER)
    browser.until("document.getElementById('message-text')?.textContent.startsWith('Đã lập hồ sơ PN-')")
    browser.until(f"document.querySelector('#report h2')?.textContent.includes('{report_id}')")
    browser.keys("3", "3")
    browser.until("document.activeElement.id === 'outcome'")
    browser.keys(" Số liệu!", Keys.ENTER)
    browser.says("Đã kết thúc phản ánh.")
    row = follow(server.context.sessions, report_id=report_id, code=code)
    assert row.state is ReportState.CLOSED
    assert "chưa đủ căn cứ" in row.outcome and row.outcome.endswith("Số liệu!")


def test_only_a_commander_learns_who_sent_it_and_no_one_meets_a_barrier(
    browser: Browser, sent: list[tuple[str, str]]
) -> None:
    browser.log_in("chief")
    found = {}
    for screen in ("control room", "tablet"):
        browser.screen(screen)
        browser.open("/intake")
        browser.keys("f")
        browser.until("document.getElementById('report') !== null")
        for theme in ("dark", "light"):
            found[f"{screen} {theme}"] = browser.barriers()
            browser.driver.find_element(By.ID, "theme").click()
        assert browser.until("document.documentElement.scrollWidth <= innerWidth"), screen
    browser.keys("1")
    browser.until("document.querySelector('#ask-reporter input') === document.activeElement")
    browser.keys("Cần video gốc", Keys.ENTER)
    browser.until("document.getElementById('reporter')?.textContent.includes('0912 345 678')")
    assert {place: faults for place, faults in found.items() if faults} == {}
