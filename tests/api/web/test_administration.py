"""The pages beside review in a real Chromium: dealt cases, plates, the law table, accounts, clocks and quality."""

import itertools

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from cases.accounts import list_users
from cases.heartbeat import Beat, Heart
from cases.records import User
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
    assert browser.until("document.getElementById('clocks').textContent.includes('hết ngày')"), (
        "its last day, not the next"
    )
    browser.keys(Keys.PAGE_DOWN)
    browser.until("document.querySelector('[role=region]').scrollTop > 100")
    browser.keys("x")
    browser.until("document.activeElement.id === 'plate'")
    assert browser.until("document.activeElement.selectionEnd === document.activeElement.value.length")
    browser.keys(Keys.ESCAPE)


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
    browser.until("document.querySelector('[data-user=\"an.tran\"] [data-password-due]') !== null")
    fits = "(one => one.scrollWidth <= one.clientWidth)(document.querySelector('main section'))"
    for screen in ("tablet", "small tablet", "control room"):
        browser.screen(screen)
        assert browser.until(fits), f"every field is in sight on a {screen}"
    assert _barriers_in_both_themes(browser, "/users") == {"/users dark": [], "/users light": []}
    _a_change_waits_for_its_button(browser, server)
    _closing_is_asked_about(browser, server)


def _account(server: Server) -> User:
    return next(one for one in list_users(server.context.sessions) if one.name == "an.tran")


def _a_change_waits_for_its_button(browser: Browser, server: Server) -> None:
    role = browser.driver.find_element(By.CSS_SELECTOR, "[data-user='an.tran'] select[name=role]")
    wards = browser.driver.find_element(By.CSS_SELECTOR, "[data-user='an.tran'] input[name=wards]")
    role.send_keys(Keys.ARROW_DOWN)
    wards.send_keys(", Ba Đình", Keys.TAB)
    browser.until(
        "document.querySelector('[data-user=\"an.tran\"][data-changed] [data-discard]')?.offsetParent != null"
    )
    assert (_account(server).role, set(_account(server).wards)) == ("officer", {"Hoàn Kiếm", "Cửa Nam"})
    browser.driver.find_element(By.CSS_SELECTOR, "[data-user='an.tran'] [data-discard]").click()
    browser.until("document.querySelector('[data-user=\"an.tran\"] select[name=role]').value === 'officer'")
    browser.until("document.activeElement.closest('[data-user]')?.dataset.user === 'an.tran'")
    role.send_keys(Keys.ARROW_DOWN)
    wards.send_keys(", Ba Đình", Keys.ENTER)
    browser.until("document.getElementById('message-text')?.textContent.startsWith('Đã ghi thay đổi của an.tran')")
    browser.until("!document.querySelector('[data-user=\"an.tran\"]').dataset.changed")
    assert (_account(server).role, set(_account(server).wards)) == ("operator", {"Hoàn Kiếm", "Cửa Nam", "Ba Đình"})


def _closing_is_asked_about(browser: Browser, server: Server) -> None:
    turn = "[data-user='an.tran'] [data-turn]"
    browser.driver.find_element(By.CSS_SELECTOR, turn).click()
    browser.until("document.activeElement.id === 'confirm-no'")
    browser.keys(Keys.ENTER)
    browser.until("document.getElementById('confirm') === null")
    assert _account(server).active, "the first key press leads back"
    browser.driver.find_element(By.CSS_SELECTOR, turn).click()
    browser.until("document.getElementById('confirm')?.textContent.includes('an.tran')")
    browser.driver.find_element(By.ID, "confirm-yes").click()
    browser.until("document.querySelector('[data-user=\"an.tran\"] [data-open=false]') !== null")
    assert not _account(server).active


def test_a_password_of_the_administrators_choice_is_replaced_before_anything_else(
    browser: Browser, server: Server
) -> None:
    given, own = PASSWORD, "chỉ mình tôi biết 7"
    with server.client("root") as root:
        new = {"name": "vy", "display_name": "Lê Vy", "role": "officer", "password": given}
        assert root.post("/api/v1/users", json=new).status_code == 201
    browser.driver.get(f"{server.url}/cases/x")
    browser.until("location.pathname === '/login'")
    _enter(browser, "vy", given)
    browser.until("document.querySelector('#replace-password h1')?.textContent === 'Hãy đặt mật khẩu của riêng bạn'")
    assert browser.barriers() == []
    for old, new_one, again, told in (
        ("sai hoàn toàn", own, own, "Mật khẩu hiện tại chưa đúng."),
        (given, own, own + "x", "Hai lần nhập mật khẩu mới không giống nhau."),
        (given, "ngan", "ngan", "Mật khẩu quá yếu"),
        (given, given, given, "Mật khẩu mới trùng với mật khẩu cũ"),
    ):
        _replace(browser, old, new_one, again)
        browser.until(f"document.getElementById('password-fault').textContent.startsWith('{told}')")
    _replace(browser, given, own, own)
    browser.says("Đã đổi mật khẩu.")
    browser.open("/")
    browser.until("document.getElementById('account')?.textContent.startsWith('Lê Vy')")
    browser.driver.find_element(By.ID, "account").click()
    browser.until("document.activeElement.name === 'old'")
    assert browser.barriers() == []
    _fill(browser, own, given, given)
    browser.driver.execute_script(
        "const form = document.getElementById('own-password'); form.requestSubmit(); form.requestSubmit()"
    )
    browser.says("Đã đổi mật khẩu.")
    browser.until("document.getElementById('account-dialog') === null")
    sent = "performance.getEntriesByType('resource').filter((one) => one.name.endsWith('/session/password')).length"
    assert browser.until(sent) == 1, "a second press would meet the end of all logins"
    browser.open("/")
    _enter_again(browser, "vy", given)


def _enter(browser: Browser, name: str, password: str) -> None:
    browser.until("document.querySelector('#login')?.textContent")
    browser.driver.find_element(By.ID, "name").send_keys(name)
    browser.driver.find_element(By.ID, "password").send_keys(password + Keys.ENTER)


def _enter_again(browser: Browser, name: str, password: str) -> None:
    browser.driver.find_element(By.ID, "logout").click()
    _enter(browser, name, password)
    browser.ready("/")


def _fill(browser: Browser, *typed: str) -> None:
    for name, value in zip(("old", "new", "again"), typed, strict=True):
        field = browser.driver.find_element(By.CSS_SELECTOR, f"#own-password [name={name}]")
        field.clear()
        field.send_keys(value)


def _replace(browser: Browser, *typed: str) -> None:
    _fill(browser, *typed)
    browser.driver.find_element(By.ID, "change-password").click()


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
