"""One case from the camera to the citizen in a real Chromium: detected in a sample clip, confirmed by two officers,
noticed, signed, looked up and disputed by its owner, and back on an officer's desk.

With `PHATNGUOI_PICTURES=docs` each step leaves its screenshot there.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from cases.accounts import add_user
from cases.queue import Filter, list_cases
from cases.service import get_case, history
from tests.api.server import PASSWORD, Server, running
from tests.api.web.browser import Browser
from tests.cases.builders import AUDITOR
from tests.cases.notice.signer import PASSPHRASE, make_p12

ROOT = Path(__file__).parents[3]
PLATE = "29-E1 123.45"
MOST_KEYS = 3
"""A clear case takes no more."""


@pytest.fixture(scope="module")
def server(chromium: webdriver.Chrome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("path")
    detected(folder)
    key = make_p12(folder / "signer.p12")
    how = {"second_kinds": ("wrong_way",), "known_share": 0.0, "blind_share": 0.0, "signer_p12": key}
    with running(folder, **how) as server:
        title = "city_director"
        add_user(server.context.sessions, name="ky", password=PASSWORD, role="signer", title=title)
        yield server


def detected(data: Path) -> None:
    """The sample of a motorbike against a one-way street, through the real network; a few looks a second are enough."""
    clip, scene = ROOT / "samples/clips/wrong_way.mp4", ROOT / "samples/scenes/wrong_way.yaml"
    command = [sys.executable, "-m", "phatnguoi", "batch", clip, "--scene", scene, "--data", data, "--fps", 3]
    subprocess.run(list(map(str, command)), check=True, capture_output=True, cwd=ROOT)


@pytest.fixture
def ids(server: Server) -> list[str]:
    page = list_cases(server.context.sessions, actor=AUDITOR, where=Filter())
    return [case.id for case in page.cases]


def test_from_the_camera_to_the_citizen_and_back(browser: Browser, server: Server, ids: list[str]) -> None:
    (case_id,) = ids
    _confirms(browser, "lan", case_id, picture="path-1-review")
    assert get_case(server.context.sessions, case_id=case_id, actor=AUDITOR).state == "SECOND"
    _confirms(browser, "minh", case_id, picture="path-2-second")
    code = _issues(browser, case_id)
    _signs(browser, case_id)
    _hands_over(browser, case_id)
    _sends(browser, case_id)
    _disputes(browser, code)
    browser.log_in("minh")
    browser.open(f"/cases/{case_id}")
    browser.until("document.getElementById('answers')?.textContent.includes('Tôi không đi ngược chiều')")
    assert browser.text("state") == "Đang xác minh"
    browser.until("document.querySelector('#stage img')?.naturalWidth > 0")
    browser.picture("path-7-back")
    steps = [row.action.value for row in history(server.context.sessions, case_id=case_id, actor=AUDITOR)]
    assert steps == ["detect", "confirm", "confirm", "send_notice", "object"]


def _confirms(browser: Browser, name: str, case_id: str, *, picture: str) -> None:
    """A clear case in three keys, from the first look to the decision."""
    browser.log_in(name)
    browser.keys("r")
    browser.ready(f"/cases/{case_id}")
    browser.until("document.querySelector('#stage img')?.naturalWidth > 0")
    browser.picture(picture)
    browser.driver.execute_script(
        "window.pressed = 0; document.addEventListener('keydown', () => window.pressed++, true)"
    )
    browser.keys("1", "1", Keys.ENTER)
    browser.until("document.getElementById('message-text')?.textContent.startsWith('Đã ghi quyết định')")
    assert 0 < browser.driver.execute_script("return window.pressed") <= MOST_KEYS


def _issues(browser: Browser, case_id: str) -> str:
    browser.log_in("hoa")
    browser.until(f"document.getElementById('rows')?.textContent.includes('{case_id}')")
    browser.open(f"/cases/{case_id}")
    browser.until("document.querySelector('#documents summary') !== null")
    _says_the_plate(browser)
    browser.keys("d")
    browser.until("document.activeElement.name === 'kind'")
    browser.driver.find_element(By.CSS_SELECTOR, "#issue [name=owner]").send_keys("Nguyễn Thị Ưởng")
    browser.driver.find_element(By.ID, "issue-paper").click()
    browser.until("document.getElementById('code')?.textContent.length > 5")
    browser.until("(at => at.top >= 40 && at.bottom < 500)(document.getElementById('code').getBoundingClientRect())")
    browser.until("document.querySelector('#documents li a[download]') !== null")
    assert browser.until("document.activeElement.id") == "documents"
    assert f"· {PLATE} ·" in browser.text("documents")
    assert not browser.driver.find_elements(By.CSS_SELECTOR, "[data-hand-over]"), "nothing unsigned leaves the house"
    browser.picture("path-3-notice")
    return browser.text("code")


def _says_the_plate(browser: Browser) -> None:
    """No notice goes out on what the machine alone has read."""
    browser.keys("d")
    browser.until("document.getElementById('plate-first') !== null && document.getElementById('issue-paper').disabled")
    browser.driver.find_element(By.CSS_SELECTOR, "#plate-first button").click()
    browser.until("document.activeElement.id === 'plate'")
    plate = browser.driver.find_element(By.ID, "plate")
    plate.clear()
    plate.send_keys(PLATE, Keys.ENTER)
    browser.until(f"document.getElementById('paper-plate').textContent === '{PLATE}'")
    assert browser.until("!document.getElementById('issue-paper').disabled")


def _signs(browser: Browser, case_id: str) -> None:
    browser.log_in("ky")
    browser.until(f"document.querySelector('[data-to-sign=\"{case_id}\"]')?.textContent === 'Văn bản chờ ký'")
    browser.keys(Keys.ENTER)
    browser.ready(f"/cases/{case_id}")
    browser.until("document.querySelector('#documents [name=passphrase]') !== null")
    browser.keys("d")
    browser.until("document.activeElement.name === 'passphrase'")
    browser.driver.switch_to.active_element.send_keys("wrong" + PASSPHRASE + Keys.ENTER)
    browser.until("document.getElementById('message')?.dataset.bad")
    assert browser.until("document.querySelector('[name=passphrase]').value === ''")
    browser.driver.switch_to.active_element.send_keys(PASSPHRASE + Keys.ENTER)
    browser.says("Đã ký.")
    browser.until("document.querySelector('#documents').textContent.includes('ky đã ký')")
    assert browser.until("document.activeElement.id") == "documents", "Tab goes on from the papers"
    browser.picture("path-4-signed")


def _hands_over(browser: Browser, case_id: str) -> None:
    """An arrow key only looks through the channels; what was handed over stands there after the page is read anew."""
    browser.log_in("hoa")
    browser.open(f"/cases/{case_id}")
    browser.until("document.querySelector('[data-hand-over] select') !== null")
    browser.driver.execute_script("document.querySelector('[data-hand-over] select').focus()")
    channel = browser.driver.switch_to.active_element
    channel.send_keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN)
    browser.until("document.querySelector('[data-hand-over] select').value === 'vneid'")
    browser.driver.refresh()
    browser.until("document.querySelector('[data-hand-over] select') !== null")
    assert not browser.driver.find_elements(By.CSS_SELECTOR, "[data-handed]")
    browser.driver.execute_script("document.querySelector('[data-hand-over] select').focus()")
    browser.driver.switch_to.active_element.send_keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.TAB)
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    browser.until("document.getElementById('message-text')?.textContent.startsWith('Đã xếp sẵn hồ sơ cho VNeID: chưa')")
    assert browser.until("document.activeElement.id") == "documents"
    browser.until("document.querySelector('[data-handed=vneid]')?.textContent.includes('hoa đã chuyển qua VNeID')")
    browser.driver.refresh()
    assert browser.until("document.querySelectorAll('[data-handed]').length") == 1


def _sends(browser: Browser, case_id: str) -> None:
    browser.log_in("hoa")
    browser.open(f"/cases/{case_id}")
    browser.until("document.querySelectorAll('#choices button').length > 1")
    choose = "[...document.querySelectorAll('#choices button')].find((one) => one.textContent.includes('{}'))"
    browser.driver.execute_script(f"{choose.format('Gửi thông báo vi phạm')}.click()")
    if not browser.driver.find_elements(By.ID, "note"):
        browser.keys("1")
    browser.until("document.activeElement.id === 'note'")
    browser.keys(Keys.ENTER)
    browser.until("document.getElementById('message-text')?.textContent.startsWith('Đã ghi quyết định')")


def _disputes(browser: Browser, code: str) -> None:
    """The owner, who has no account; every citizens' page on the way is free of barriers in both themes."""
    browser.driver.delete_all_cookies()
    for path in ("/phan-anh", "/phan-anh/theo-doi", "/thong-ke", "/tra-cuu"):
        _is_free_of_barriers(browser, path)
    browser.driver.find_element(By.ID, "plate").send_keys("29e1-12345")
    browser.driver.find_element(By.ID, "code").send_keys(code.lower() + Keys.ENTER)
    browser.until("location.pathname === '/tra-cuu/ho-so' && [...document.images].every((one) => one.naturalWidth > 0)")
    assert browser.until("document.images.length") >= 3
    _is_free_of_barriers(browser, "/tra-cuu/ho-so")
    browser.picture("path-5-lookup")
    browser.driver.find_element(By.CSS_SELECTOR, "[name=kind][value=dispute]").click()
    browser.driver.find_element(By.ID, "text").send_keys("Tôi không đi ngược chiều, đường này hai chiều.")
    browser.driver.find_element(By.CSS_SELECTOR, "form[action='/tra-cuu/tra-loi'] button").click()
    browser.until("document.querySelector('article .said')?.textContent.includes('hai chiều')")
    browser.driver.execute_script("document.querySelector('article').scrollIntoView()")
    browser.picture("path-6-dispute")


def _is_free_of_barriers(browser: Browser, path: str) -> None:
    found = {}
    for theme in ("dark", "light"):
        browser.prefers(theme)
        browser.driver.get(browser.url + path)
        found[theme] = browser.barriers()
        assert browser.until("document.documentElement.scrollWidth <= innerWidth"), path
    assert found == {"dark": [], "light": []}, path
