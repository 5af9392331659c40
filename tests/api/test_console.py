"""The console in a real Chromium, by keyboard alone: log in, walk the queue, look, decide, go on to the next case."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cases.evidence import FolderStore
from cases.service import accesses, get_case, history
from tests.api.media import items
from tests.api.server import PASSWORD, Server, running
from tests.cases.builders import AUDITOR, opened

selenium = pytest.importorskip("selenium", reason="browser: selenium is not installed (pip install phatnguoi[dev])")

from selenium import webdriver  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

CASES = 6
WAIT_S = 40


def _binary(*names: str) -> str:
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"browser: none of {', '.join(names)} is installed (apt-get install chromium chromium-driver)")
    return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    _binary("chromium", "chromium-browser", "google-chrome")
    _binary("chromedriver")
    with running(tmp_path_factory.mktemp("data")) as server:
        yield server


@pytest.fixture(scope="module")
def ids(server: Server) -> list[str]:
    """Cases oldest first; the second may only end in a reminder and its time is unknown."""
    store, content = server.context.store, items()
    assert isinstance(store, FolderStore)
    database = server.context.database
    return [
        opened(database, store, n, items=content, reminder_only=n == 1, cannot_tell=("queue",) * (n == 0)).case_id
        for n in range(CASES)
    ]


class Browser:
    """A Chromium window of a control-room screen, driven by keys."""

    def __init__(self, server: Server, profile: Path) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = _binary("chromium", "chromium-browser", "google-chrome")
        for argument in ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1366,900",
                         f"--user-data-dir={profile}", *(["--no-sandbox"] if os.geteuid() == 0 else [])):  # fmt: skip
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(_binary("chromedriver")))
        self.url = server.url
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": 1366, "height": 768, "deviceScaleFactor": 1, "mobile": False},
        )

    def until(self, script: str) -> Any:
        """Wait until a JavaScript expression is true and return it."""
        return WebDriverWait(self.driver, WAIT_S, poll_frequency=0.05).until(
            lambda driver: driver.execute_script(f"return {script}"), message=script
        )

    def ready(self, path: str) -> None:
        """Wait until the page at a path has drawn itself."""
        self.until(f"location.pathname === '{path}' && document.body.dataset.ready === 'true'")

    def keys(self, *keys: str) -> None:
        """Press keys where the focus is."""
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    def text(self, element_id: str) -> str:
        """What an element shows."""
        return str(self.driver.find_element(By.ID, element_id).text)

    def log_in(self, name: str = "lan") -> None:
        """From nothing to the queue."""
        self.driver.get(self.url)
        self.until("location.pathname === '/login' && document.querySelector('button')?.textContent !== ''")
        self.driver.find_element(By.ID, "name").send_keys(name)
        self.driver.find_element(By.ID, "password").send_keys(PASSWORD + Keys.ENTER)
        self.ready("/")

    def complaints(self) -> list[str]:
        """What the browser's console says beside the expected refusals of the API."""
        lines = [entry["message"] for entry in self.driver.get_log("browser")]
        return [line for line in lines if "Failed to load resource" not in line or "/api/v1/" not in line]


@pytest.fixture
def browser(server: Server, ids: list[str], tmp_path: Path) -> Iterator[Browser]:
    browser = Browser(server, tmp_path / "profile")
    yield browser
    complaints = browser.complaints()
    browser.driver.quit()
    assert complaints == []


def test_officer_reviews_by_keyboard_alone(browser: Browser, server: Server, ids: list[str]) -> None:
    browser.log_in()
    browser.until(f"document.querySelectorAll('#rows tr').length === {CASES}")
    assert browser.text("total") == f"{CASES} hồ sơ"
    browser.keys("j", "j", "k", "k", Keys.ENTER)
    browser.ready(f"/cases/{ids[0]}")
    assert browser.text("kind") == "Đi ngược chiều"
    assert "Hướng đi lệch 171 độ" in browser.text("facts")
    assert "chờ đèn hoặc ùn tắc" in browser.text("doubts")
    assert "nguyên vẹn" in browser.text("verification")
    browser.until("document.querySelector('#stage img')?.naturalWidth === 960")
    assert browser.until("document.documentElement.scrollHeight <= innerHeight")
    _plays_the_clip(browser)
    _decides_in_three_keys(browser, ids)
    sessions = server.context.sessions
    rows = history(sessions, case_id=ids[0], actor=AUDITOR)
    assert [(row.actor, row.action, row.reason) for row in rows][1:] == [("lan", "confirm", "evidence_sufficient")]
    seen = accesses(sessions, case_id=ids[0], actor=AUDITOR)
    assert {"manifest.json", "during-annotated.jpg", "clip.mp4"} <= {row.item for row in seen}
    assert any(row.item == "clip.mp4" and "range" in row.details for row in seen)


def _plays_the_clip(browser: Browser) -> None:
    browser.keys("p")
    assert browser.until("(v => v && v.currentTime > 0.3 && v.videoWidth)(document.querySelector('video'))") == 960
    browser.keys(Keys.ARROW_RIGHT)
    browser.until("document.querySelector('#stage img') !== null")


def _decides_in_three_keys(browser: Browser, ids: list[str]) -> None:
    browser.keys("1")
    browser.until("!document.getElementById('exceptions').hidden")
    assert "xe ưu tiên" in browser.text("exceptions")
    browser.keys("1")
    browser.until("document.activeElement.id === 'note'")
    browser.keys(Keys.ENTER)
    browser.until("document.getElementById('state').textContent === 'Xác nhận vi phạm'")
    browser.ready(f"/cases/{ids[1]}")


def test_reminder_only_case_offers_no_confirmation_and_notes_are_kept(
    browser: Browser, server: Server, ids: list[str]
) -> None:
    browser.log_in("minh")
    browser.driver.get(f"{browser.url}/cases/{ids[1]}")
    browser.ready(f"/cases/{ids[1]}")
    assert "Chỉ nhắc nhở" in browser.text("kind")
    assert "Xác nhận vi phạm" not in browser.text("choices")
    browser.keys("c")
    browser.until("document.getElementById('holding').textContent.startsWith('Bạn đang giữ')")
    browser.keys("1", "b")
    browser.until("document.activeElement.id === 'note'")
    browser.keys(Keys.ENTER)
    browser.until("document.getElementById('message').classList.contains('bad')")
    browser.keys("xe cứu hộ", Keys.ENTER)
    browser.until("document.getElementById('state').textContent === 'Bác bỏ'")
    row = history(server.context.sessions, case_id=ids[1], actor=AUDITOR)[-1]
    assert (row.actor, row.reason, row.note) == ("minh", "other", "xe cứu hộ")


def test_held_case_names_its_holder_and_the_language_switches(browser: Browser, server: Server, ids: list[str]) -> None:
    with server.client("chief") as chief:
        assert chief.post(f"/api/v1/cases/{ids[3]}/claim").status_code == 200
    browser.log_in()
    browser.driver.get(f"{browser.url}/cases/{ids[3]}")
    browser.ready(f"/cases/{ids[3]}")
    browser.keys("v")
    browser.until("document.documentElement.lang === 'en' && document.body.dataset.ready === 'true'")
    assert browser.text("kind") == "Driving the wrong way"
    browser.keys("2")
    browser.until("document.getElementById('message').textContent === 'The case is held by chief.'")
    assert browser.text("holding").startswith("Held by chief until")
    assert get_case(server.context.sessions, case_id=ids[3], actor=AUDITOR).assignee == "chief"
    browser.keys("q")
    browser.ready("/")


def test_altered_evidence_is_cried_out(browser: Browser, server: Server, ids: list[str]) -> None:
    case = get_case(server.context.sessions, case_id=ids[4], actor=AUDITOR)
    still = server.context.settings.evidence / case.evidence_location / "after.jpg"
    still.chmod(0o644)
    still.write_bytes(still.read_bytes() + b"\0")
    browser.log_in()
    browser.driver.get(f"{browser.url}/cases/{ids[4]}")
    browser.ready(f"/cases/{ids[4]}")
    assert browser.text("verification") == "CHỨNG CỨ KHÔNG NGUYÊN VẸN: after.jpg"


def test_wrong_password_is_said_in_words(browser: Browser) -> None:
    browser.driver.get(browser.url + "/login")
    browser.until("document.querySelector('button')?.textContent !== ''")
    browser.driver.find_element(By.ID, "name").send_keys("lan")
    browser.driver.find_element(By.ID, "password").send_keys("wrong" + Keys.ENTER)
    browser.until("document.getElementById('message').textContent === 'Sai tên hoặc mật khẩu.'")
