"""Drawing a camera's scene in a real Chromium: a zone by hand, its faults, a version, and a second person's word."""

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from cases.scenes import plain_scene, versions
from tests.api.server import Server
from tests.api.web.browser import Browser
from tests.cases.builders import AUDITOR

CAMERA = "CAM-1"
AT = f"/scenes/{CAMERA}"


def _click_at(browser: Browser, *points: tuple[float, float]) -> None:
    """Click on the street at shares of its width and height."""
    canvas = browser.driver.find_element(By.CSS_SELECTOR, "#canvas canvas")
    width, height = canvas.size["width"], canvas.size["height"]
    for x, y in points:
        offset = (round((x - 0.5) * width), round((y - 0.5) * height))
        ActionChains(browser.driver).move_to_element_with_offset(canvas, *offset).click().perform()


def _kept(server: Server) -> list[dict[str, object]]:
    rows = versions(server.context.sessions, actor=AUDITOR, camera_id=CAMERA)
    return [plain_scene(row.text, name=CAMERA) for row in rows]


def test_operator_draws_and_a_commander_puts_it_in_force(browser: Browser, server: Server, ids: list[str]) -> None:
    browser.log_in("cam")
    browser.open("/scenes")
    browser.until(f"document.querySelector('#cameras a')?.textContent === '{CAMERA}'")
    browser.driver.find_element(By.CSS_SELECTOR, "#cameras a").click()
    browser.ready(AT)
    browser.until("document.getElementById('faults').textContent.includes('Sơ đồ hợp lệ.')")
    browser.keys("2")
    _click_at(browser, (0.1, 0.2), (0.4, 0.2), (0.4, 0.6))
    browser.keys(Keys.ENTER)
    browser.until("document.getElementById('thing-id')?.value === 'zone-1'")
    _a_fault_is_named_at_its_place(browser)
    browser.driver.find_element(By.ID, "scene-note").send_keys("vạch mới")
    browser.until("document.getElementById('faults').textContent.includes('Sơ đồ hợp lệ.')")
    assert browser.barriers() == []
    browser.driver.find_element(By.ID, "save").click()
    browser.says("Đã lưu phiên bản 1; người khác cần cho áp dụng.")
    browser.until("document.querySelector('#versions li')?.textContent.includes('Cần người khác cho áp dụng')")
    zone = _kept(server)[0]["zones"][1]  # type: ignore[index]
    assert (zone["id"], zone["kind"], zone["limit_s"]) == ("zone-1", "no_parking", 90.0)
    for (x, y), (wanted_x, wanted_y) in zip(zone["polygon"], ((96, 108), (384, 108), (384, 324)), strict=True):
        assert abs(x - wanted_x) < 3 and abs(y - wanted_y) < 3
    _commander_activates(browser, server)


def _a_fault_is_named_at_its_place(browser: Browser) -> None:
    name = browser.driver.find_element(By.ID, "thing-id")
    name.send_keys(" ö")
    browser.until("document.querySelector('#faults .bad b')?.textContent === 'zones[1].id: '")
    assert not browser.driver.find_element(By.ID, "save").is_enabled()
    name.send_keys(Keys.BACKSPACE * 2)
    browser.driver.find_element(By.CSS_SELECTOR, "#thing-kind option[value=no_parking]").click()
    browser.driver.find_element(By.ID, "thing-limit").send_keys("90")


def _commander_activates(browser: Browser, server: Server) -> None:
    browser.driver.find_element(By.ID, "logout").click()
    browser.log_in("chief")
    browser.open(AT)
    browser.until("document.querySelector('[data-activate]') !== null")
    browser.driver.find_element(By.CSS_SELECTOR, "[data-activate]").click()
    browser.says("Phiên bản 1 đang được áp dụng.")
    browser.until("document.querySelector('#versions li').textContent.includes('Đang áp dụng')")
    row = versions(server.context.sessions, actor=AUDITOR, camera_id=CAMERA)[0]
    assert (row.in_force, row.drawn_by, row.activated_by, row.note) == (True, "cam", "chief", "vạch mới")


def test_who_may_not_draw_sees_the_scene_and_no_tools(browser: Browser, ids: list[str]) -> None:
    browser.log_in("audit")
    browser.open(AT)
    assert browser.until("document.querySelectorAll('#things button').length") >= 2
    assert browser.driver.find_elements(By.ID, "save") == []
    assert browser.driver.find_elements(By.CSS_SELECTOR, "[data-tool]:not(:disabled)") == []
