"""The pages beside review in a real Chromium: dealt cases, plates, the law table, accounts, clocks and quality."""

import itertools

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from cases.accounts import list_users
from cases.heartbeat import Beat, Heart
from cases.service import get_case, history
from tests.api.server import PASSWORD, Server
from tests.api.web.browser import Browser
from tests.cases.builders import AUDITOR


def test_dealt_cases_are_claimed_and_the_next_one_is_there_at_once(
    browser: Browser, server: Server, ids: list[str]
) -> None:
    browser.log_in()
    browser.keys("r")
    browser.ready(f"/cases/{ids[0]}")
    browser.until("document.getElementById('holding').textContent.startsWith('Bạn đang giữ')")
    browser.until("JSON.parse(sessionStorage.getItem('phatnguoi.order')).ids.length === 2")
    held = get_case(server.context.sessions, case_id=ids[2], actor=AUDITOR)
    assert held.assignee in (None, "lan")
    browser.keys("1", "1", Keys.ENTER)
    browser.until(f"document.body.dataset.ready === 'true' && location.pathname !== '/cases/{ids[0]}'")
    browser.until("document.getElementById('holding').textContent.startsWith('Bạn đang giữ')")
    row = history(server.context.sessions, case_id=ids[0], actor=AUDITOR)[-1]
    assert (row.actor, row.action) == ("lan", "confirm")


def test_the_plate_is_typed_and_the_law_shown(browser: Browser, server: Server, ids: list[str]) -> None:
    browser.log_in("minh")
    browser.open(f"/cases/{ids[4]}")
    browser.until("document.getElementById('plate') !== null")
    browser.keys("x")
    browser.until("document.activeElement.id === 'plate'")
    browser.keys("29e112345", Keys.ENTER)
    browser.until("document.getElementById('plate-state').textContent.startsWith('Do minh xác nhận')")
    assert browser.driver.find_element(By.ID, "plate").get_attribute("value") == "29-E1 123.45"
    assert "đ" in browser.text("amount")
    assert browser.until("document.querySelectorAll('#clocks li').length") >= 1


def test_a_plate_in_another_form_is_shown_as_it_would_be_kept_and_taken_on_purpose_only(
    browser: Browser, server: Server, ids: list[str]
) -> None:
    browser.log_in("minh")
    browser.open(f"/cases/{ids[6]}")
    browser.until("document.getElementById('plate') !== null")
    browser.keys("x")
    browser.until("document.activeElement.id === 'plate'")
    browser.keys("30K-123.45", Keys.ENTER)
    browser.until("document.getElementById('plate-form-kept')?.textContent === '30-K1 2345'")
    assert "30K-123.45" in browser.text("plate-form")
    assert browser.barriers() == []
    browser.keys(Keys.ENTER)
    browser.keys(Keys.ESCAPE)
    browser.until("document.getElementById('plate-form') === null && document.activeElement.id === 'plate'")
    with server.client("minh") as minh:
        assert minh.get(f"/api/v1/cases/{ids[6]}/plate").json()["words"] == [], "Enter alone keeps nothing"
    browser.keys(Keys.ENTER)
    browser.until("document.getElementById('plate-form') !== null")
    browser.keys("1")
    browser.until("document.getElementById('plate-state').textContent.startsWith('Do minh xác nhận')")
    with server.client("minh") as minh:
        assert minh.get(f"/api/v1/cases/{ids[6]}/plate").json()["shown"] == "30-K1 2345"
    assert not browser.driver.find_elements(By.ID, "form"), "the key decided nothing"


def test_the_law_table_and_quality_are_readable_by_whom_they_concern(browser: Browser, ids: list[str]) -> None:
    browser.log_in("chief")
    found = {}
    pages = (("/law", "#offences tr"), ("/quality", "#nothing-due, #due tr"), ("/scenes", "#cameras a"))
    for path, shown in pages:
        browser.open(path)
        browser.until(f"document.querySelector('{shown}') !== null")
        found |= _barriers_in_both_themes(browser, path)
        assert browser.until("document.documentElement.scrollWidth <= innerWidth"), path
    assert {place: faults for place, faults in found.items() if faults} == {}


def _barriers_in_both_themes(browser: Browser, path: str) -> dict[str, list[str]]:
    found = {}
    for theme in ("dark", "light"):
        found[f"{path} {theme}"] = browser.barriers()
        browser.driver.find_element(By.ID, "theme").click()
    return found


def test_an_administrator_keeps_accounts_and_sees_no_cases(browser: Browser, server: Server) -> None:
    browser.log_in("root", lands_on="/users")
    browser.until("document.querySelectorAll('#users tr').length > 3")
    assert browser.barriers() == []
    assert browser.driver.find_elements(By.CSS_SELECTOR, "nav a[href='/']") == []
    form = browser.driver.find_element(By.ID, "new-user")
    for name, value in (("name", "an.tran"), ("display_name", "Trần An"), ("wards", "Hoàn Kiếm, Cửa Nam"),
                        ("password", PASSWORD)):  # fmt: skip
        form.find_element(By.NAME, name).send_keys(value)
    form.find_element(By.NAME, "role").find_element(By.CSS_SELECTOR, "[value=officer]").click()
    form.find_element(By.CSS_SELECTOR, "button[type=submit]").click()
    browser.until("document.querySelector('[data-user=\"an.tran\"]') !== null")
    user = next(one for one in list_users(server.context.sessions) if one.name == "an.tran")
    assert (user.role, set(user.wards), user.active) == ("officer", {"Hoàn Kiếm", "Cửa Nam"}, True)
    browser.driver.find_element(By.CSS_SELECTOR, "[data-user='an.tran'] input[type=checkbox]").click()
    browser.until("!document.querySelector('[data-user=\"an.tran\"] input[type=checkbox]').checked")
    assert not next(one for one in list_users(server.context.sessions) if one.name == "an.tran").active


def test_cameras_and_reports_are_shown_as_they_stand(browser: Browser, server: Server, ids: list[str]) -> None:
    heart = Heart(server.context.settings.data_dir)
    assert heart.beat([Beat(camera_id="CAM-1", state="lost", problem="no answer")], waiting=0) == ""
    browser.log_in("chief")
    browser.open("/cameras")
    browser.until("document.querySelector('[data-camera=\"CAM-1\"]')?.textContent.includes('Mất tín hiệu')")
    assert browser.text("sick") == "1 / 1 có sự cố"
    browser.until("document.querySelector('#map [data-mark=\"CAM-1\"]') !== null")
    assert "Chưa cấu hình dữ liệu bản đồ" in browser.text("map-note")
    found = _barriers_in_both_themes(browser, "/cameras")
    browser.open("/reports")
    days = browser.driver.find_element(By.ID, "first")
    days.clear()
    days.send_keys("01/11/2026")
    browser.driver.find_element(By.ID, "last").clear()
    browser.driver.find_element(By.ID, "last").send_keys("30112026", Keys.TAB)
    browser.until("document.getElementById('last').value === '30/11/2026'")
    browser.until("document.querySelectorAll('section.card table tr').length > 2")
    _every_kind_has_its_name(browser)
    found |= _barriers_in_both_themes(browser, "/reports")
    assert browser.until("document.documentElement.scrollWidth <= innerWidth")
    assert {place: faults for place, faults in found.items() if faults} == {}
    heart.stop()


def _every_kind_has_its_name(browser: Browser) -> None:
    """Beneath the charts no name is left out and none covers another."""
    browser.until("document.querySelector('[data-label=\"Đi ngược chiều\"]') !== null")
    told = browser.until(
        "[...document.querySelectorAll('section.card')].map((one) => [...one.querySelectorAll('[data-label]')]"
        ".map((name) => [name, name.getBoundingClientRect()])"
        ".map(([name, at]) => [name.dataset.label, at.left, at.right]))"
    )
    for names in told:
        for one, following in itertools.pairwise(sorted(names, key=lambda name: float(name[1]))):
            assert one[2] <= following[1], names


def test_a_handler_issues_a_notice_and_gets_its_code_once(browser: Browser, server: Server, ids: list[str]) -> None:
    confirmed = ids[5]
    with server.client("minh") as minh:
        assert minh.post(f"/api/v1/cases/{confirmed}/claim").status_code == 200
        body = {"action": "confirm", "reason": "evidence_sufficient", "version": 1,
                "exceptions_considered": ["priority_vehicle", "controller_directed", "diversion"]}  # fmt: skip
        assert minh.post(f"/api/v1/cases/{confirmed}/decisions", json=body).status_code == 200
    browser.log_in("hoa")
    browser.open(f"/cases/{confirmed}")
    browser.until("document.querySelector('#documents summary') !== null")
    with server.client("hoa") as hoa:  # what the page asks for first is walked in test_whole_path
        said = hoa.put(f"/api/v1/cases/{confirmed}/plate", json={"text": "29E112345", "seq": 0})
        assert said.status_code == 200
    browser.driver.refresh()
    browser.until("document.querySelector('#documents summary') !== null")
    browser.driver.find_element(By.CSS_SELECTOR, "#documents summary").click()
    browser.until("document.getElementById('paper-plate').textContent === '29-E1 123.45'")
    when = browser.driver.find_element(By.CSS_SELECTOR, "#issue [data-timed] input")
    when.send_keys("31/02/2027 8:30")
    browser.until("document.querySelector('#issue [data-timed] [role=alert]')?.textContent.includes('dd/mm/yyyy')")
    when.clear()
    when.send_keys("05/12/2026 8:30")
    browser.driver.find_element(By.ID, "issue-paper").click()
    browser.until("document.getElementById('code')?.textContent.length > 5")
    browser.until("!document.querySelector('#documents details').open")
    browser.until("document.querySelector('#documents li a[download]') !== null")
    address = browser.driver.find_element(By.CSS_SELECTOR, "#documents li a[download]").get_attribute("href")
    with server.client("hoa") as hoa:
        assert hoa.get(str(address)).content.startswith(b"%PDF-")
        said = hoa.put(f"/api/v1/cases/{confirmed}/plate", json={"text": "29E199999", "seq": said.json()["seq"]})
        assert said.status_code == 200
    browser.driver.refresh()
    browser.until("document.querySelector('[data-plate-differs]')?.textContent.startsWith('Biển số đã sửa')")
    assert browser.until("![...document.querySelectorAll('#documents li select')].length")
