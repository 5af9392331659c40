"""Drawing a camera's scene in a real Chromium: a zone by hand, its faults, a version, and a second person's word."""

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from cases.scenes import plain_scene, versions
from cases.tracks import TrackLog, save_stretch, tracks_folder
from tests.api.server import Server
from tests.api.web.browser import Browser
from tests.builders import Walk, frames_of, line, standing
from tests.cases.builders import AUDITOR, scene_text

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


def test_a_drawing_is_tried_on_what_was_kept_before_it_is_saved(
    browser: Browser, server: Server, ids: list[str]
) -> None:
    root = tracks_folder(server.context.settings.data_dir)
    log = TrackLog(CAMERA, "clip.mp4", scene_text(camera_id=CAMERA), lambda stretch: save_stretch(root, stretch))
    rider = Walk(id=17, where=line((400, 450), (400, 50), since_s=3, until_s=9, size=(30, 45)), since_s=3, until_s=9)
    for frame in frames_of(rider, Walk(id=4, where=standing((700, 400), size=(90, 60)), until_s=60), until_s=60):
        log.note(frame)
    log.close()
    browser.log_in("cam")
    browser.open(AT)
    browser.until("document.querySelector('#things button') !== null")
    browser.driver.find_element(By.CSS_SELECTOR, "#things button").click()
    browser.driver.find_element(By.CSS_SELECTOR, "#thing-kind option[value=no_parking]").click()
    browser.driver.find_element(By.ID, "thing-limit").send_keys("20")
    browser.until("document.querySelector('#try:not(:disabled)') !== null")
    browser.driver.find_element(By.ID, "try").click()
    browser.until("document.getElementById('trial-counts')?.textContent.startsWith('1 xuất hiện · 1 biến mất')")
    browser.driver.find_element(By.CSS_SELECTOR, "#trial-acts [data-effect=vanishes]").click()
    browser.until("document.querySelector('#trial-picture img')?.naturalWidth > 0")
    assert browser.text("trial-picture") == ids[0]
    assert browser.barriers() == []
    browser.driver.find_element(By.ID, "thing-limit").send_keys("0")
    browser.until("document.getElementById('trial-stale') !== null")


def test_who_may_not_draw_sees_the_scene_and_no_tools(browser: Browser, ids: list[str]) -> None:
    browser.log_in("audit")
    browser.open(AT)
    assert browser.until("document.querySelectorAll('#things button').length") >= 2
    assert browser.driver.find_elements(By.ID, "save") == []
    assert browser.driver.find_elements(By.CSS_SELECTOR, "[data-tool]:not(:disabled)") == []
