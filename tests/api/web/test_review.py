"""Reviewing in a real Chromium, by keyboard alone: log in, walk the queue, look, decide, go on to the next case."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from cases.service import accesses, get_case, history
from tests.api.server import PASSWORD, Server
from tests.api.web.browser import SCREENS, Browser
from tests.api.web.conftest import CASES
from tests.cases.builders import AUDITOR


def test_officer_reviews_by_keyboard_alone(browser: Browser, server: Server, ids: list[str]) -> None:
    browser.log_in()
    browser.until(f"document.querySelectorAll('#rows tr').length === {CASES}")
    assert browser.text("total") == f"{CASES} hồ sơ"
    browser.keys("j", "j", "k", "k", Keys.ENTER)
    browser.ready(f"/cases/{ids[0]}")
    assert browser.text("kind") == "Đi ngược chiều"
    assert "Hướng đi lệch 171 độ" in browser.text("facts")
    assert "chờ đèn hoặc ùn tắc" in browser.text("doubts")
    browser.until("document.getElementById('verification').textContent.includes('nguyên vẹn')")
    browser.until("document.querySelector('#stage img')?.naturalWidth === 960")
    assert browser.until("document.documentElement.scrollHeight <= innerHeight")
    _sees_what_was_measured(browser)
    _plays_the_clip(browser)
    _decides_in_three_keys(browser, ids)
    sessions = server.context.sessions
    rows = history(sessions, case_id=ids[0], actor=AUDITOR)
    assert [(row.actor, row.action, row.reason) for row in rows][1:] == [("lan", "confirm", "evidence_sufficient")]
    seen = [row.item for row in accesses(sessions, case_id=ids[0], actor=AUDITOR)]
    assert {"manifest.json", "during.jpg", "clip.mp4"} <= set(seen)
    assert seen.count("during.jpg") == 1, "one look is one line of the log"


def _sees_what_was_measured(browser: Browser) -> None:
    assert browser.until("document.getElementById('overlay').dataset.second") == "4.20"
    red = (
        "(c => { const copy = new OffscreenCanvas(c.width, c.height).getContext('2d', {willReadFrequently: true});"
        " copy.drawImage(c, 0, 0); const d = copy.getImageData(0, 0, c.width, c.height).data; let n = 0;"
        " for (let i = 0; i < d.length; i += 4) n += d[i] > 240 && d[i + 1] < 90 && d[i + 2] < 90 && d[i + 3] > 200;"
        " return n; })(document.getElementById('overlay'))"
    )
    assert browser.until(red) > 100, "the offender's box"
    browser.keys("o")
    browser.until(f"{red} === 0")
    browser.keys("o")
    assert browser.until(red) > 100


def _plays_the_clip(browser: Browser) -> None:
    browser.keys("p")
    assert browser.until("(v => v && v.currentTime > 0.3 && v.videoWidth)(document.querySelector('video'))") == 960
    browser.keys(Keys.ARROW_RIGHT)
    browser.until("document.querySelector('#stage img') !== null")


def _decides_in_three_keys(browser: Browser, ids: list[str]) -> None:
    browser.keys("1")
    assert "Xe ưu tiên" in browser.text("exceptions")
    browser.keys("1", Keys.ENTER)
    browser.ready(f"/cases/{ids[1]}")
    assert "Xác nhận vi phạm" in browser.text("message")


def test_reminder_only_case_offers_no_confirmation_and_notes_are_kept(
    browser: Browser, server: Server, ids: list[str]
) -> None:
    browser.log_in("minh")
    browser.open(f"/cases/{ids[1]}")
    assert "Chỉ nhắc nhở" in browser.text("kind")
    assert browser.until("document.querySelector('#choices button').ariaDisabled") == "true"
    browser.keys("1")
    browser.says("Xác nhận vi phạm: hồ sơ này chỉ có thể kết thúc bằng nhắc nhở")
    browser.keys("c")
    browser.until("document.getElementById('holding').textContent.startsWith('Bạn đang giữ')")
    browser.keys("2", "b")
    browser.until("document.activeElement.id === 'note'")
    browser.keys(Keys.ENTER)
    browser.says("Lý do này cần ghi chú bằng lời: hãy viết đã thấy gì hoặc vì sao.")
    assert browser.text("message").endswith("vì sao.") and browser.until(
        "document.getElementById('message').dataset.bad"
    )
    browser.keys("xe cứu hộ", Keys.ENTER)
    browser.ready(f"/cases/{ids[2]}")
    browser.says("Đã ghi quyết định: Bác bỏ")
    row = history(server.context.sessions, case_id=ids[1], actor=AUDITOR)[-1]
    assert (row.actor, row.reason, row.note) == ("minh", "other", "xe cứu hộ")


def test_held_case_names_its_holder_and_the_language_switches(browser: Browser, server: Server, ids: list[str]) -> None:
    with server.client("chief") as chief:
        assert chief.post(f"/api/v1/cases/{ids[3]}/claim").status_code == 200
    browser.log_in()
    browser.open(f"/cases/{ids[3]}")
    browser.keys("v")
    browser.until("document.documentElement.lang === 'en'")
    assert browser.text("kind") == "Driving the wrong way"
    browser.keys("2")
    browser.says("The case is held by chief.")
    assert browser.text("holding").startswith("Held by chief until")
    assert get_case(server.context.sessions, case_id=ids[3], actor=AUDITOR).assignee == "chief"
    browser.keys("q")
    browser.ready("/")


def test_a_case_decided_by_somebody_else_meanwhile_is_read_again(
    browser: Browser, server: Server, ids: list[str]
) -> None:
    browser.log_in()
    browser.open(f"/cases/{ids[5]}")
    with server.client("minh") as minh:
        assert minh.post(f"/api/v1/cases/{ids[5]}/claim").status_code == 200
        body = {"action": "check", "reason": "on_site", "version": 1}
        assert minh.post(f"/api/v1/cases/{ids[5]}/decisions", json=body).status_code == 200
        assert minh.post(f"/api/v1/cases/{ids[5]}/release").status_code == 200
    browser.keys("1", "1", Keys.ENTER)
    browser.says("Hồ sơ vừa được người khác thay đổi; đã tải lại.")
    browser.until("document.getElementById('state').textContent === 'Đang xác minh'")
    actions = [row.action for row in history(server.context.sessions, case_id=ids[5], actor=AUDITOR)]
    assert actions == ["detect", "check"]


def test_altered_evidence_is_cried_out(browser: Browser, server: Server, ids: list[str]) -> None:
    case = get_case(server.context.sessions, case_id=ids[4], actor=AUDITOR)
    still = server.context.settings.evidence / case.evidence_location / "after.jpg"
    still.chmod(0o644)
    still.write_bytes(still.read_bytes() + b"\0")
    browser.log_in()
    browser.open(f"/cases/{ids[4]}")
    browser.until("document.getElementById('verification').textContent === 'CHỨNG CỨ KHÔNG NGUYÊN VẸN: after.jpg'")


def test_a_session_that_ends_in_mid_decision_costs_no_word(browser: Browser, ids: list[str]) -> None:
    browser.log_in()
    browser.open(f"/cases/{ids[7]}")
    browser.keys("2", "1")
    browser.until("document.activeElement.id === 'note'")
    browser.keys("xe đang chờ đèn")
    browser.driver.delete_all_cookies()
    browser.keys(Keys.ENTER)
    browser.until("location.pathname === '/login' && document.querySelector('#login')?.textContent")
    browser.driver.find_element(By.ID, "name").send_keys("lan")
    browser.driver.find_element(By.ID, "password").send_keys(PASSWORD + Keys.ENTER)
    browser.ready(f"/cases/{ids[7]}")
    browser.keys("2", "1")
    assert browser.until("document.getElementById('note')?.value") == "xe đang chờ đèn"
    browser.keys(Keys.ESCAPE)


def test_stills_are_enlarged_and_the_keys_are_told(browser: Browser, ids: list[str]) -> None:
    browser.log_in()
    browser.open(f"/cases/{ids[7]}")
    browser.until("document.querySelector('#stage img')?.naturalWidth === 960")
    browser.keys("z")
    browser.until("document.getElementById('stage').dataset.zoom === '2.5'")
    browser.driver.execute_script(
        "const s = document.getElementById('stage'), f = s.getBoundingClientRect();"
        "const turn = {deltaY: -100, clientX: f.left + 9, clientY: f.top + 9, bubbles: true};"
        "s.dispatchEvent(new WheelEvent('wheel', turn))"
    )
    browser.until("document.getElementById('stage').dataset.zoom === '3.5'")
    assert browser.text("zoom") == "phóng 3,5 lần"
    browser.keys("-", "-", "-", "-")
    browser.until("document.getElementById('stage').dataset.zoom === '1'")
    browser.keys("?")
    browser.until("document.getElementById('help-keys')?.textContent.includes('hoàn tác')")
    browser.keys("2", Keys.ESCAPE)
    browser.until("document.getElementById('help-keys') === null")
    assert browser.until("document.querySelectorAll('#choices button').length > 3"), "no key went through"


def test_a_finger_enlarges_a_still_and_a_small_tablet_shows_all_of_it(browser: Browser, ids: list[str]) -> None:
    browser.log_in()
    browser.screen("small tablet")
    browser.open(f"/cases/{ids[3]}")
    browser.until("document.querySelector('#stage img')?.naturalWidth > 0")
    browser.driver.find_element(By.ID, "nearer").click()
    browser.until("document.getElementById('stage').dataset.zoom === '1.4'")
    browser.driver.find_element(By.ID, "farther").click()
    browser.until("document.getElementById('stage').dataset.zoom === '1'")
    assert browser.barriers() == []
    assert browser.until("document.documentElement.scrollWidth <= innerWidth")
    browser.screen("control room")
    browser.until("!document.getElementById('nearer').checkVisibility()")


def test_filters_stay_in_the_address_and_the_queue_follows_them(browser: Browser, ids: list[str]) -> None:
    browser.log_in()
    browser.driver.find_element(By.NAME, "ward").send_keys("Ba Đình")
    browser.until("document.getElementById('empty') !== null")
    browser.driver.refresh()
    browser.until("document.body.dataset.ready === 'true' && document.getElementById('empty') !== null")
    assert browser.until("document.querySelector('[name=ward]').value") == "Ba Đình"
    assert "state=" not in browser.driver.current_url


def test_wrong_password_is_said_in_words(browser: Browser) -> None:
    browser.driver.get(browser.url + "/login")
    browser.until("document.querySelector('#login')?.textContent")
    browser.driver.find_element(By.ID, "name").send_keys("lan")
    browser.driver.find_element(By.ID, "password").send_keys("wrong" + Keys.ENTER)
    browser.says("Sai tên hoặc mật khẩu.")


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_no_serious_fault_and_nothing_runs_over_the_edge(
    browser: Browser, ids: list[str], screen: str
) -> None:
    browser.screen(screen)
    browser.driver.get(f"{browser.url}/login")
    browser.until("document.querySelector('#login')?.textContent")
    found = {"/login": browser.barriers()}
    browser.log_in()
    for theme in ("dark", "light") if screen == "control room" else ("dark",):
        for path in ("/", f"/cases/{ids[6]}"):
            browser.open(path)
            browser.until("!document.querySelector('#verification') || document.querySelector('#stage img')")
            found[f"{path} {theme}"] = browser.barriers()
            assert browser.until("document.documentElement.scrollWidth <= innerWidth"), path
        browser.driver.find_element(By.ID, "theme").click()
    assert {place: faults for place, faults in found.items() if faults} == {}


def test_a_decision_can_be_taken_back_with_one_key(browser: Browser, server: Server, ids: list[str]) -> None:
    browser.log_in()
    browser.until(
        f"document.querySelectorAll('#rows tr').length > 1 && document.querySelector('[data-id=\"{ids[6]}\"]')"
    )
    browser.driver.find_element(By.CSS_SELECTOR, f"[data-id='{ids[6]}'] a").click()
    browser.ready(f"/cases/{ids[6]}")
    browser.keys("2", "1", Keys.ENTER)
    browser.ready(f"/cases/{ids[7]}")
    assert browser.until("document.activeElement.id === 'decision'"), "the next key works, and Tab goes on from here"
    browser.keys("u")
    browser.ready(f"/cases/{ids[6]}")
    browser.says(f"Đã hoàn tác {ids[6]}; hồ sơ trở lại như trước.")
    browser.until("document.getElementById('state').textContent === 'Mới phát hiện, chờ duyệt'")
    browser.until("document.getElementById('holding').textContent.startsWith('Bạn đang giữ')")
    actions = [row.action for row in history(server.context.sessions, case_id=ids[6], actor=AUDITOR)]
    assert actions == ["detect", "reject", "undo"]
    browser.until("document.getElementById('log').textContent.includes('Hoàn tác')")


def test_enter_and_escape_that_end_a_word_of_an_input_method_decide_nothing(
    browser: Browser, server: Server, ids: list[str]
) -> None:
    browser.log_in()
    browser.open(f"/cases/{ids[6]}")
    browser.keys("2", "b")
    browser.until("document.activeElement.id === 'note'")
    composed = {"text": "cứu", "selectionStart": 3, "selectionEnd": 3}
    browser.driver.execute_cdp_cmd("Input.imeSetComposition", composed)
    browser.until("document.getElementById('note').value === 'cứu'")
    for key, code in (("Enter", 13), ("Escape", 27)):
        pressed = {"type": "rawKeyDown", "key": key, "code": key, "windowsVirtualKeyCode": code}
        browser.driver.execute_cdp_cmd("Input.dispatchKeyEvent", pressed)
        browser.driver.execute_cdp_cmd("Input.dispatchKeyEvent", pressed | {"type": "keyUp"})
        assert browser.until("document.getElementById('decision').dataset.at") == "note", key
    browser.driver.execute_cdp_cmd("Input.insertText", {"text": "cứu hộ"})
    browser.keys(Keys.ENTER)
    browser.says("Đã ghi quyết định: Bác bỏ")
    rows = history(server.context.sessions, case_id=ids[6], actor=AUDITOR)
    assert [row.note for row in rows if row.action == "reject"][-1] == "cứu hộ", "the first Enter sent nothing"
