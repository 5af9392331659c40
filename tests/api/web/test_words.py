"""The console in Vietnamese: no page shows the English text of a word, a camera's trouble is told, no header is cut."""

import pytest

from api.catalogue import catalogue
from cases.heartbeat import Beat, Heart
from tests.api.server import Server
from tests.api.web.browser import Browser

PAGES = {
    "hoa": ("/", "/intake", "/scenes", "/scenes/CAM-1", "/cameras", "/reports", "/quality", "/law"),
    "chief": ("/audit", "/reports"),
    "cam": ("/scenes/CAM-1",),
}
CUT = (
    "[...document.querySelectorAll('header *, th')].filter((one) => one.clientWidth > 0 && one.scrollWidth >"
    " one.clientWidth + 1).map((one) => one.textContent)"
)


def english() -> set[str]:
    """What only an English reader is shown."""
    pairs = [words for section in catalogue().values() for words in section.values()]
    return {one["en"] for one in pairs if "{" not in one["en"]} - {one["vi"] for one in pairs} - {"English"}


@pytest.mark.parametrize("name", PAGES)
def test_no_page_shows_the_english_of_a_word_or_cuts_a_header(browser: Browser, ids: list[str], name: str) -> None:
    browser.log_in(name)
    strange = english()
    for path in (*PAGES[name], f"/cases/{ids[0]}"):
        browser.screen("narrow")
        browser.open(path)
        shown = browser.until("document.body.innerText.split(/[\\n\\t]+/).map((line) => line.trim())")
        assert {line for line in shown if line in strange} == set(), path
        assert browser.driver.execute_script(f"return {CUT}") == [], path


def test_what_is_wrong_with_a_camera_is_told_in_words(browser: Browser, server: Server, ids: list[str]) -> None:
    heart = Heart(server.context.settings.data_dir)
    lost = {"camera_id": "CAM-1", "state": "lost", "problem": "rtsp://x: cannot be opened (No route to host)"}
    heart.beat([Beat(**lost, code="unreachable", values={"why": "No route to host"})], waiting=0)
    browser.log_in("cam")
    browser.open("/cameras")
    told = "document.querySelector('[data-problem=\"CAM-1\"]')?.textContent"
    assert browser.until(told) == "Không kết nối được: mạng không tới được camera."
    browser.driver.find_element("id", "language").click()
    browser.until(f"{told} === 'Cannot be opened: the network does not reach the camera.'")
    heart.stop()
