"""Desks besides the officers' in a real Chromium: owners' answers, complaints, logs, the law's two hands."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait
from sqlalchemy import select

import cases.audit
from cases.accounts import add_user
from cases.citizen.lookup import answer
from cases.clock import utc_now
from cases.database import read_transaction
from cases.evidence import FolderStore
from cases.known import list_answers
from cases.law import seed_table
from cases.lifecycle import Action, State
from cases.records import AnswerKind, DocumentKind, Notice
from tests.api.media import items
from tests.api.server import PASSWORD, Server, running
from tests.api.web.browser import Browser
from tests.cases.builders import CHIEF, LAN, MINH, opened
from tests.cases.walking import DIRECTOR, HOA, Walk

TO_SERVED = (Action.SEND_NOTICE, Action.MAKE_RECORD, Action.SUBMIT, Action.SIGN, Action.ISSUE, Action.SERVE)


@pytest.fixture(scope="module")
def server(chromium: webdriver.Chrome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("desks"), known_share=0.0, blind_share=0.0) as server:
        for name in ("root2", "kho"):
            add_user(server.context.sessions, name=name, password=PASSWORD, role="administrator")
        add_user(server.context.sessions, name="pho", password=PASSWORD, role="commander")
        yield server


@pytest.fixture(scope="module")
def ids(server: Server) -> list[str]:
    """A case whose notice was sent, one whose decision was served, one that is the same act as the first."""
    context, media = server.context, items()
    assert isinstance(context.store, FolderStore)
    made = [opened(context.database, context.store, number, items=media).case_id for number in range(3)]
    for case_id, by, steps in zip(made, (LAN, CHIEF), (TO_SERVED[:1], TO_SERVED), strict=False):
        walk = Walk(context.database, case_id, store=context.store)
        walk.take(by, Action.CONFIRM)
        for action in steps:
            walk.take(DIRECTOR if action is Action.SIGN else HOA, action)
    Walk(context.database, made[2]).take(MINH, Action.MARK_DUPLICATE, duplicate_of=made[0])
    return made


def says(server: Server, case_id: str, kind: AnswerKind, text: str) -> None:
    """The owner, on the look-up page."""
    with read_transaction(server.context.sessions) as session:
        mine = Notice.case_id == case_id, Notice.kind == DocumentKind.NOTICE
        notice_id = session.scalars(select(Notice.id).where(*mine)).one()
    answer(server.context.sessions, notice_id=notice_id, kind=kind, text=text, contact="", now=utc_now())


def test_what_an_owner_answers_is_dealt_with_and_replied_to(browser: Browser, server: Server, ids: list[str]) -> None:
    says(server, ids[0], AnswerKind.NOT_DRIVER, "Con trai tôi lái")
    browser.log_in("hoa")
    browser.until("document.getElementById('answers-waiting')?.textContent === '1 ý kiến chưa xử lý'")
    assert browser.until("document.querySelector('header').offsetHeight") < 60, "the places stand on one line"
    browser.driver.find_element(By.ID, "answers-waiting").click()
    browser.until(f"document.querySelector('#rows tr')?.dataset.id === '{ids[0]}'")
    browser.keys(Keys.ENTER)
    browser.ready(f"/cases/{ids[0]}")
    browser.until("document.getElementById('papers-wait') && document.querySelector('#answers [data-waits]')")
    browser.until("document.getElementById('find-driver')?.textContent.includes('xác định người điều khiển')")
    assert browser.barriers() == []
    assert browser.until("document.querySelector('#answers').closest('[role=region]').clientHeight") > 300
    browser.keys("y")
    browser.until("document.activeElement.name === 'dealing'")
    form = browser.driver.find_element(By.CSS_SELECTOR, "#answers [data-dealing]")
    form.find_element(By.CSS_SELECTOR, "button").click()
    browser.until("document.querySelector('#answers select').matches(':invalid')")  # nothing is chosen for the officer
    form.find_element(By.CSS_SELECTOR, "[value=driver_found]").click()
    form.find_element(By.CSS_SELECTOR, "button").click()
    browser.says("Hãy ghi rõ bằng lời; không để trống.")
    form.find_element(By.NAME, "note").send_keys("Con trai đến nhận", Keys.ENTER)
    browser.says("Đã ghi nhận việc xử lý ý kiến.")
    browser.until("!document.getElementById('papers-wait') && !document.querySelector('#answers [data-waits]')")
    assert browser.until("document.activeElement.id") == "decision"
    browser.keys("d")
    browser.until("document.activeElement.name === 'kind' && document.activeElement.value === 'record'")
    browser.driver.find_element(By.CSS_SELECTOR, "#answers textarea").send_keys("Đã ghi nhận người lái xe.")
    browser.driver.find_element(By.CSS_SELECTOR, "#answers article form button").click()
    browser.until(
        "document.querySelector('#answers .said, #answers p b')?.closest('article').textContent.includes('hoa trả lời')"
    )


def test_a_commander_is_told_of_complaints_on_the_first_page_and_led_to_them(
    browser: Browser, server: Server, ids: list[str]
) -> None:
    says(server, ids[1], AnswerKind.COMPLAINT, "Quyết định sai biển số")
    browser.log_in("pho")
    browser.until("document.getElementById('complaints-waiting')?.textContent === '1 khiếu nại chờ giải quyết'")
    browser.until("document.getElementById('answers-waiting')?.textContent.endsWith(' ý kiến chưa xử lý')")
    assert browser.barriers() == []
    assert browser.until("document.documentElement.scrollWidth <= innerWidth")
    browser.driver.find_element(By.ID, "complaints-waiting").click()
    browser.until(f"[...document.querySelectorAll('#rows tr')].map((row) => row.dataset.id).join() === '{ids[1]}'")
    browser.until("document.getElementById('complaints-waiting') === null")
    browser.log_in("lan")
    browser.until("document.getElementById('answers-waiting') !== null")
    assert not browser.driver.find_elements(By.ID, "complaints-waiting")


def test_a_complaint_waits_for_another_commander_who_upholds_it(
    browser: Browser, server: Server, ids: list[str]
) -> None:
    browser.log_in("chief")
    browser.open(f"/cases/{ids[1]}")
    told = "document.getElementById('waiting-actions')?.textContent"
    browser.until(f"{told}?.includes('Người đã xác nhận hoặc ký không được tự giải quyết')")
    assert "Giữ nguyên" in browser.text("waiting-actions")
    first = "document.querySelector('#choices button')"  # keeps its key, and says why it does nothing
    assert browser.until(f"{first}.ariaDisabled + {first}.textContent").startswith("true1Giữ nguyên")
    browser.keys("1")
    browser.until("document.getElementById('message-text')?.textContent.startsWith('Giữ nguyên quyết định: ')")
    assert not browser.driver.find_elements(By.ID, "form")
    browser.log_in("pho")
    browser.driver.find_element(By.CSS_SELECTOR, "#state [value=todo]").click()
    browser.until(f"document.querySelector('#rows tr')?.dataset.id === '{ids[1]}'")
    browser.keys(Keys.ESCAPE, Keys.ENTER)
    browser.ready(f"/cases/{ids[1]}")
    browser.until("document.getElementById('answers')?.textContent.includes('Quyết định sai biển số')")
    browser.keys("y")
    browser.until("document.activeElement.name === 'text'")  # who complains is owed words
    browser.keys(Keys.ESCAPE)
    uphold = "[...document.querySelectorAll('#choices button')].find((one) => one.textContent.includes('Giữ nguyên'))"
    browser.until(f"{uphold} !== undefined")
    browser.driver.execute_script(f"{uphold}.click()")
    browser.until("document.activeElement.id === 'note'")
    browser.keys(Keys.ENTER)
    browser.says("Lý do này cần ghi chú bằng lời: hãy viết đã thấy gì hoặc vì sao.")
    browser.keys("Biển số đúng với ảnh gốc", Keys.ENTER)
    browser.until("document.getElementById('state').textContent === 'Đã giao quyết định'")
    assert Walk(server.context.database, ids[1]).case().state is State.SERVED


def test_a_commander_lays_down_what_a_decided_case_is(browser: Browser, server: Server, ids: list[str]) -> None:
    browser.log_in("hoa")
    browser.open(f"/cases/{ids[1]}")
    assert not browser.driver.find_elements(By.ID, "known"), "nobody but a commander"
    browser.log_in("pho")
    browser.open(f"/cases/{ids[1]}")
    browser.driver.find_element(By.CSS_SELECTOR, "#known summary").click()
    browser.driver.find_element(By.CSS_SELECTOR, "#known [value=violation]").click()
    why = browser.driver.find_element(By.ID, "known-note")
    why.send_keys(" ", Keys.ENTER)
    assert not browser.driver.find_elements(By.ID, "known-here"), "a blank is no reason"
    why.send_keys("Hai người đã xem ảnh gốc", Keys.ENTER)
    browser.says("Đã đặt đáp án.")
    browser.until("document.getElementById('known-here')?.textContent.includes('“Hai người đã xem ảnh gốc”')")
    assert browser.barriers() == []
    (laid,) = list_answers(server.context.sessions, actor=CHIEF)
    assert (laid.case_id, laid.verdict, laid.set_by) == (ids[1], "violation", "pho")
    browser.driver.find_element(By.ID, "known-drop").click()
    browser.says("Đã bỏ đáp án.")
    browser.until("document.getElementById('known-here') === null")
    assert list_answers(server.context.sessions, actor=CHIEF) == []


def test_a_case_is_taken_out_with_a_reason_and_the_log_says_so(
    browser: Browser, ids: list[str], tmp_path: Path
) -> None:
    saves = {"behavior": "allow", "downloadPath": str(tmp_path)}
    browser.driver.execute_cdp_cmd("Browser.setDownloadBehavior", saves)
    for account, purposes in (("lan", 0), ("hoa", 1), ("pho", 2)):
        browser.log_in(account)
        browser.open(f"/cases/{ids[1]}")
        browser.until("document.getElementById('log')?.children.length > 0")
        assert browser.until("[...document.querySelectorAll('#export [name=purpose]')].length + 1") == purposes + 1
    browser.driver.find_element(By.CSS_SELECTOR, "#export summary").click()
    browser.driver.find_element(By.CSS_SELECTOR, "#export [value=court]").click()
    assert "BẢN GỐC KHÔNG LÀM MỜ" in browser.text("export")
    reason = browser.driver.find_element(By.ID, "export-reason")
    reason.send_keys("   ", Keys.ENTER)
    assert not browser.driver.find_elements(By.ID, "export-taken"), "a blank is no reason"
    reason.clear()
    reason.send_keys("Tòa án yêu cầu, công văn 12", Keys.ENTER)
    browser.until(f"document.getElementById('export-taken')?.textContent.includes('{ids[1]}-court.zip')")
    saved = tmp_path / f"{ids[1]}-court.zip"
    WebDriverWait(browser.driver, 20).until(lambda _: saved.exists())
    names = ZipFile(saved).namelist()
    assert any(name.startswith("original/") for name in names) and any(name.startswith("copies/") for name in names)
    assert browser.barriers() == []
    browser.driver.find_element(By.CSS_SELECTOR, "#export-log a").click()
    browser.ready("/audit")
    browser.until("document.querySelectorAll('#log-rows tr').length === 1")
    assert "Tòa án yêu cầu, công văn 12" in browser.text("log-rows") and "pho" in browser.text("log-rows")


def test_duplicates_and_originals_lead_to_each_other_and_marked_copies_tell_their_moment(
    browser: Browser, ids: list[str]
) -> None:
    browser.log_in()
    browser.open(f"/cases/{ids[2]}")
    browser.until(f"document.querySelector('#original a')?.textContent === '{ids[0]}'")
    moments = []
    for name in ("after", "before-annotated", "during-annotated"):
        browser.driver.find_element(By.CSS_SELECTOR, f"[data-name='{name}.jpg']").click()
        browser.until(f"document.querySelector('[data-name=\"{name}.jpg\"]').ariaPressed === 'true'")
        moments.append(float(browser.text("moment").removeprefix("giây ").replace(",", ".")))
    assert moments[1] < moments[2] < moments[0], "a marked copy's moment is that of the still it was drawn on"
    browser.driver.find_element(By.CSS_SELECTOR, "#original a").click()
    browser.ready(f"/cases/{ids[0]}")
    browser.until(f"document.querySelector('#duplicates a')?.dataset.same === '{ids[2]}'")


def press(browser: Browser, action: str) -> None:
    """The key that a step's button names."""
    name = f"[...document.querySelectorAll('#choices button')].find((one) => one.textContent.slice(1) === '{action}')"
    browser.keys(browser.until(f"{name}?.querySelector('kbd')?.textContent"))


def test_a_case_is_closed_by_keys_once_its_warning_is_lifted(browser: Browser, server: Server) -> None:
    context = server.context
    case_id = opened(context.database, context.store, 61, items=items()).case_id  # type: ignore[arg-type]
    walk = Walk(context.database, case_id, store=context.store)  # type: ignore[arg-type]
    walk.take(LAN, Action.CONFIRM)
    warned = (Action.SEND_NOTICE, Action.NO_RESPONSE, Action.PLACE_WARNING, Action.MAKE_RECORD)
    for action in (*warned, Action.SUBMIT, Action.SIGN, Action.ISSUE, Action.SERVE, Action.PAY):
        walk.take(DIRECTOR if action is Action.SIGN else HOA, action)
    browser.log_in("hoa")
    browser.open(f"/cases/{case_id}")
    waits = "document.getElementById('waiting-actions')?.textContent"
    browser.until(f"{waits}?.includes('Kết thúc, lưu hồ sơ: Cảnh báo ở cơ quan đăng kiểm, đăng ký xe vẫn còn')")
    assert browser.barriers() == []
    press(browser, "Rút cảnh báo đăng kiểm, đăng ký")
    press(browser, "Vi phạm đã được giải quyết.")
    browser.until("document.getElementById('note')?.placeholder === 'Số, ngày văn bản rút cảnh báo'")
    browser.keys("Công văn 12", Keys.ENTER)
    browser.until(f"!{waits}?.includes('Kết thúc, lưu hồ sơ')")
    press(browser, "Kết thúc, lưu hồ sơ")
    browser.until("document.getElementById('note')")
    browser.keys(Keys.ENTER)
    assert WebDriverWait(browser.driver, 20).until(lambda _: walk.case().state is State.CLOSED)


def test_an_auditor_finds_checks_and_takes_away_the_logs_by_keys(
    browser: Browser, ids: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.log_in("audit")
    browser.driver.find_element(By.CSS_SELECTOR, "nav a[href='/audit']").click()
    browser.ready("/audit")
    browser.until("document.getElementById('chain') !== null")
    assert "chưa được kiểm tra" in browser.text("chain")
    browser.keys("c")
    browser.until("document.getElementById('chain').textContent.startsWith('Chuỗi nhật ký nguyên vẹn')")
    browser.keys("f", ids[2].lower(), Keys.ESCAPE)
    browser.until(f"[...document.querySelectorAll('#log-rows a')].every((one) => one.textContent === '{ids[2]}')")
    assert browser.until("document.querySelectorAll('#log-rows tr').length") == 2
    assert "Đánh dấu trùng lặp" in browser.text("log-rows") and "Phát hiện" in browser.text("log-rows")
    _days_are_taken_as_they_are_meant(browser)
    _the_file_is_taken_or_told_why_not(browser, tmp_path, monkeypatch)
    found = {}
    for key, theme in zip("23", ("dark", "light"), strict=True):
        browser.keys(key)
        browser.until(
            f"document.querySelectorAll('[data-log]')[{int(key) - 1}].getAttribute('aria-pressed') === 'true'"
        )
        found[theme] = browser.barriers()
        browser.driver.find_element(By.ID, "theme").click()
    assert found == {"dark": [], "light": []}
    browser.until("document.querySelectorAll('form button, main select').length === 2")
    browser.keys(Keys.ESCAPE, "1")
    browser.until("document.querySelectorAll('#log-rows tr').length === 2")
    browser.keys("j", Keys.ENTER)
    browser.ready(f"/cases/{ids[2]}")


def test_an_auditor_reads_a_plate_and_is_offered_no_form(browser: Browser, ids: list[str]) -> None:
    browser.log_in("audit")
    browser.open(f"/cases/{ids[0]}")
    browser.until("document.getElementById('plate-shown') !== null")
    assert not browser.driver.find_elements(By.CSS_SELECTOR, "#plate, #plate-say")


def _days_are_taken_as_they_are_meant(browser: Browser) -> None:
    """Typed, pasted, emptied; a day the calendar lacks bars the file until it is mended."""
    last = browser.driver.find_element(By.ID, "audit-to")
    for typed, stands, wrong in (
        ("29/02/2024", "29/02/2024", False),
        ("29/02/2023", "29/02/2023", True),
        ("29/02/2100", "29/02/2100", True),
        ("2096-02-29", "29/02/2096", False),
        ("2026-13-01", "2026-13-01", True),
        ("", "", False),
        ("31/12/9999", "31/12/9999", False),
    ):
        last.send_keys(Keys.CONTROL, "a", Keys.NULL, Keys.BACKSPACE, typed, Keys.TAB)
        barred = "document.getElementById('audit-file').disabled"
        field = "document.getElementById('audit-to')"
        browser.until(f"{barred} === {str(wrong).lower()} && {field}.value === '{stands}'")
        assert (last.get_attribute("aria-invalid") == "true") is wrong, typed
    browser.until("document.querySelectorAll('#log-rows tr').length === 2")
    assert not browser.driver.find_element(By.ID, "message").is_displayed(), "no day was refused"


def _the_file_is_taken_or_told_why_not(browser: Browser, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saves = {"behavior": "allow", "downloadPath": str(folder)}
    browser.driver.execute_cdp_cmd("Browser.setDownloadBehavior", saves)
    browser.keys(Keys.ESCAPE, "e")
    WebDriverWait(browser.driver, 20).until(lambda _: (folder / "nhat-ky-decisions.csv").exists())
    assert (folder / "nhat-ky-decisions.csv").read_bytes().count(b"\r\n") == 3
    browser.until("!document.getElementById('audit-file').disabled")
    with monkeypatch.context() as patched:
        patched.setattr(cases.audit, "MOST_ROWS", 1)
        browser.keys("e")
        browser.until("document.getElementById('message-text')?.textContent.startsWith('Quá nhiều dòng cho một tệp')")


def test_a_law_change_is_approved_beneath_what_it_changes(browser: Browser, server: Server) -> None:
    row = seed_table().find("nd168-6-3-e")
    assert row is not None
    content = {**row.model_dump(mode="json", by_alias=True), "person_vnd": [900_000, 1_100_000], "points": 2}
    with server.client("root") as root:
        proposed = root.post("/api/v1/law/changes", json={"offence": content, "source": "NĐ 999/2027"})
        assert proposed.status_code == 201
    browser.log_in("root2", lands_on="/users")
    browser.open("/law")
    told = browser.until(
        "(rows => rows.length ? rows.map((row) => [row.dataset.field, ...[...row.cells].map((one) => one.textContent)])"
        " : null)([...document.querySelectorAll('#changes [data-field]')])"
    )
    assert told == [
        ["person_vnd", "Cá nhân (đồng)", "800.000 – 1.000.000", "900.000 – 1.100.000"],
        ["points", "Trừ điểm", "0", "2"],
        ["organisation", "Tổ chức (đồng), tính ra: gấp đôi cá nhân", "1.600.000 – 2.000.000", "1.800.000 – 2.200.000"],
    ]
    told = browser.until("document.querySelector('#changes [data-warning=from_past]')?.textContent")
    assert "01/01/2025" in told
    approve = browser.driver.find_element(By.CSS_SELECTOR, "#changes [data-approve]")
    table = browser.driver.find_element(By.CSS_SELECTOR, "#changes table")
    assert approve.rect["y"] >= table.rect["y"] + table.rect["height"]
    assert browser.barriers() == []
    _another_comes_first(server, content)
    approve.click()
    browser.until("document.getElementById('message-text')?.textContent.startsWith('Điều khoản này vừa được thay đổi')")
    changed = f"[data-change='{proposed.json()['id']}']"
    browser.until(f"document.querySelector(\"{changed} [data-field='points']\")?.cells[1].textContent === '4'")
    browser.driver.find_element(By.CSS_SELECTOR, f"{changed} [data-approve]").click()
    browser.until("document.getElementById('law-version').textContent.endsWith('cùng 2 thay đổi đã duyệt')")


def test_a_change_is_proposed_field_by_field_and_faults_are_told_by_their_names(
    browser: Browser, server: Server
) -> None:
    browser.log_in("root", lands_on="/users")
    browser.open("/law")
    browser.until("document.querySelectorAll('#offences tr').length > 3")
    browser.driver.execute_script("document.querySelector('#offences tr:last-child button').click()")
    browser.until("document.activeElement?.name === 'act_vi'")
    assert browser.barriers() == []
    field = {name: browser.driver.find_element(By.NAME, name) for name in ("person_vnd_1", "points", "rest", "source")}
    field["source"].send_keys("NĐ 999/2027 Điều 3")
    browser.driver.find_element(By.CSS_SELECTOR, "#proposal summary").click()
    rest = str(field["rest"].get_attribute("value"))
    amount = str(field["person_vnd_1"].get_attribute("value"))
    for name, wrong, right, told in (
        ("person_vnd_1", "12 triệu", amount, "Cá nhân (đồng)"),
        ("person_vnd_1", "1", amount, "Cá nhân (đồng)"),
        ("points", "99", "3", "Trừ điểm: phải từ 12 trở xuống (đang ghi: 99)"),
        ("rest", "{,}", rest, "Các trường ít thay đổi (JSON)"),
        ("rest", '{"time_bar_years": 99}', rest, "Thời hiệu (năm): phải từ 5 trở xuống (đang ghi: 99)"),
    ):
        field[name].clear()
        field[name].send_keys(wrong)
        browser.driver.find_element(By.CSS_SELECTOR, "#proposal [type=submit]").click()
        browser.until(f"document.getElementById('message-text')?.textContent.startsWith('Ô chưa đúng: {told}')")
        field[name].clear()
        field[name].send_keys(right)
    browser.driver.find_element(By.CSS_SELECTOR, "#proposal [type=submit]").click()
    browser.until("document.getElementById('proposal') === null")
    rows = browser.until(
        "(rows => rows.length ? rows.map((row) => row.dataset.field) : null)"
        "([...document.querySelectorAll('#changes details[open] [data-field]')])"
    )
    assert rows == ["points", "organisation"], "only what was changed differs"
    assert browser.until("document.activeElement.dataset.edit"), "back at the row that was chosen"
    browser.driver.find_element(By.CSS_SELECTOR, "#changes [data-refuse]").click()
    browser.until("document.getElementById('message-text')?.textContent.endsWith('đã từ chối')")
    assert browser.until("document.activeElement.id") == "changes"


def _another_comes_first(server: Server, content: dict[str, Any]) -> None:
    """Another change of the same row is proposed and approved meanwhile."""
    with server.client("root") as root, server.client("kho") as kho:
        row = {**content, "points": 4}
        other = root.post("/api/v1/law/changes", json={"offence": row, "source": "NĐ 1000/2027"}).json()
        assert kho.post(f"/api/v1/law/changes/{other['id']}/decision", json={"approve": True}).status_code == 200


def _a_campaign_goes_by_keys_alone(browser: Browser) -> None:
    """Once by Tab from the list of campaigns, left alone; then by its key, which the help tells."""
    browser.keys(Keys.ESCAPE, "?")
    browser.until("document.querySelector('#help-keys')?.textContent.includes('xxóa đợt đang chọn')")
    browser.keys(Keys.ESCAPE)
    browser.until("document.getElementById('help-keys') === null")
    browser.keys("c")
    browser.until("document.activeElement.id === 'campaign'")
    browser.keys(Keys.TAB)
    assert browser.until("document.activeElement.id") == "campaign-drop"
    browser.keys(Keys.ENTER)
    browser.until("document.activeElement.id === 'confirm-no'")
    assert browser.barriers() == []
    browser.keys(Keys.ENTER)
    browser.until("document.getElementById('confirm-no') === null")
    assert browser.until("document.getElementById('campaign').value") == "Cả năm"
    browser.keys("x")
    browser.until("document.activeElement.id === 'confirm-no'")
    browser.driver.find_element(By.ID, "confirm-yes").send_keys(Keys.ENTER)


def test_a_weak_password_and_a_chosen_campaign_are_told_in_words(browser: Browser, server: Server) -> None:
    browser.log_in("kho", lands_on="/users")
    form = browser.driver.find_element(By.ID, "new-user")
    form.find_element(By.NAME, "name").send_keys("tam.ngo")
    form.find_element(By.NAME, "password").send_keys("ngan", Keys.ENTER)
    browser.until("document.getElementById('message-text')?.textContent.startsWith('Mật khẩu quá yếu')")
    browser.log_in("chief")
    browser.open("/reports")
    browser.driver.find_element(By.CSS_SELECTOR, "#period [value=last_year]").click()
    first = browser.until("document.getElementById('first').value")
    assert first.startswith("01/01/")
    browser.driver.find_element(By.CSS_SELECTOR, "main summary").click()
    browser.driver.find_element(By.NAME, "campaign").send_keys("Cả năm", Keys.ENTER)
    browser.until("document.getElementById('campaign').value === 'Cả năm'")
    browser.driver.find_element(By.CSS_SELECTOR, "#period [value=month]").click()
    browser.until("document.getElementById('campaign').value === ''")
    browser.driver.find_element(By.CSS_SELECTOR, "#campaign [value='Cả năm']").click()
    assert browser.until("document.getElementById('first').value") == first
    browser.driver.find_element(By.NAME, "campaign").send_keys("Cả năm", Keys.ENTER)
    browser.says("Tên này đã có; hãy chọn tên khác.")
    _a_campaign_goes_by_keys_alone(browser)
    browser.says("Đã xóa đợt “Cả năm”.")
    assert browser.until("document.activeElement.id") == "period"
    browser.until("document.getElementById('campaign').disabled")
    browser.open("/intake")
    browser.driver.find_element(By.CSS_SELECTOR, "main summary").click()
    browser.driver.find_element(By.CSS_SELECTOR, "#register-period [value=last_year]").click()
    browser.until("document.getElementById('register').href.includes('-12-31')")
