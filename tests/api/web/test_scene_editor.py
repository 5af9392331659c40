"""Drawing a camera's scene in a real Chromium: a zone by hand, its faults, a version, and a second person's word."""

from typing import Any

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
OTHER = "CAM-9"


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
    browser.until("document.querySelector('#faults .bad')?.textContent === 'Vùng zone-1 ö, Mã:'")
    told = browser.text("faults")
    assert 'không đúng dạng: chỉ dùng chữ cái không dấu, chữ số, “_”, “.”, “-” (đang ghi: "zone-1 ö")' in told
    assert not browser.driver.find_element(By.ID, "save").is_enabled()
    label = "(one) => [one.text(), one.fontSize() * one.getStage().scaleX()]"
    kind, drawn = (browser.until(f"Konva.stages.at(-1).find('.{name}').map({label}).at(-1)") for name in ("kind", "id"))
    assert (kind[0], drawn[0]) == ("Cấm dừng xe và đỗ xe", "zone-1 ö"), "what it is comes before its id"
    assert kind[1] > drawn[1] > 8
    name.send_keys(Keys.BACKSPACE * 2)
    browser.driver.find_element(By.CSS_SELECTOR, "#thing-kind option[value=no_parking]").click()
    browser.driver.find_element(By.ID, "thing-limit").send_keys("90")


def _commander_activates(browser: Browser, server: Server) -> None:
    browser.driver.find_element(By.ID, "logout").click()
    browser.log_in("chief")
    browser.open(AT)
    browser.until("document.querySelector('[data-compare]') !== null")
    assert not browser.driver.find_elements(By.CSS_SELECTOR, "[data-activate]"), "nothing is put in force unseen"
    browser.driver.find_element(By.CSS_SELECTOR, "[data-compare]").click()
    browser.until("document.querySelector('[data-activate]') !== null")
    assert "CHƯA CÓ PHIÊN BẢN NÀO ĐANG ÁP DỤNG" in browser.text("difference").upper()
    assert browser.text("diff-counts") == "2 mới · 0 thay đổi · 0 bỏ · 0 giữ nguyên"
    browser.driver.find_element(By.CSS_SELECTOR, "[data-activate]").click()
    browser.says("Phiên bản 1 đang được áp dụng.")
    browser.until("document.querySelector('#versions li').textContent.includes('Đang áp dụng')")
    row = versions(server.context.sessions, actor=AUDITOR, camera_id=CAMERA)[0]
    assert (row.in_force, row.drawn_by, row.activated_by, row.note) == (True, "cam", "chief", "vạch mới")


def test_what_differs_is_drawn_and_told_before_it_is_put_in_force(
    browser: Browser, server: Server, ids: list[str]
) -> None:
    _saved(server, _street(), _street(changed=True))
    browser.log_in("chief")
    browser.open(f"/scenes/{OTHER}")
    browser.driver.find_element(By.CSS_SELECTOR, "[data-compare='2']").click()
    browser.until("document.querySelectorAll('#difference [data-diff]').length === 5")
    assert browser.text("diff-counts") == "1 mới · 3 thay đổi · 1 bỏ · 1 giữ nguyên"
    told = {name: _told(browser, name) for name in ("southbound", "kerb", "walk", "left", "yard")}
    assert told == {
        "southbound": ["changed", "Chiều được đi ↓ ↑ (quay 180°)"],
        "kerb": ["changed", "Vị trí, hình dạng 3 điểm dời xa nhất 10,4 % chiều rộng hình · 3 điểm · diện tích +50 %",
                 "Loại Cấm đỗ xe Cấm dừng xe và đỗ xe", "Được đứng tối đa mặc định (180 giây) 30 giây",
                 "Áp dụng cho mọi xe cơ giới Ô tô con, Ô tô tải",
                 "Thời gian hiệu lực Luôn có hiệu lực T2, T3 06:00–22:00 trừ ngày lễ"],
        "walk": ["removed", "Loại Vỉa hè", "Được đứng tối đa 20 giây"],
        "left": ["changed", "Cổng ra vị trí cũ dời xa nhất 41,7 % chiều rộng hình"],
        "yard": ["new", "Loại Bỏ qua"],
    }  # fmt: skip
    _both_are_drawn(browser)
    browser.driver.find_element(By.CSS_SELECTOR, "[data-diff=kerb] button").click()
    assert browser.until("document.querySelector('[data-diff=kerb] button').ariaPressed") == "true"
    below = browser.driver.find_element(By.CSS_SELECTOR, "[data-activate]").rect["y"]
    assert below > browser.driver.find_element(By.CSS_SELECTOR, "[data-diff=yard]").rect["y"]
    found = {}
    for screen in ("control room", "tablet"):
        browser.screen(screen)
        for theme in ("dark", "light"):
            found[f"{screen} {theme}"] = browser.barriers()
            browser.driver.find_element(By.ID, "theme").click()
        assert browser.until("document.documentElement.scrollWidth <= innerWidth"), screen
    assert {place: faults for place, faults in found.items() if faults} == {}


def test_what_was_not_compared_is_not_put_in_force(browser: Browser, server: Server, ids: list[str]) -> None:
    third = _street(changed=True) | {"turns": []}
    _saved(server, third)
    browser.log_in("chief")
    browser.open(f"/scenes/{OTHER}")
    browser.driver.find_element(By.CSS_SELECTOR, "[data-compare='3']").click()
    browser.until("document.getElementById('difference')?.querySelector('h2').textContent.includes('phiên bản 1')")
    with server.client("chief") as chief:
        assert chief.post(f"/api/v1/scenes/{OTHER}/versions/2/activation").status_code == 200
    browser.driver.find_element(By.CSS_SELECTOR, "[data-activate]").click()
    browser.until("document.getElementById('message-text')?.textContent.startsWith('Phiên bản đang áp dụng vừa thay')")
    browser.until("document.getElementById('difference').querySelector('h2').textContent.includes('phiên bản 2')")
    assert browser.text("diff-counts") == "0 mới · 0 thay đổi · 1 bỏ · 4 giữ nguyên"
    assert [
        row.number for row in versions(server.context.sessions, actor=AUDITOR, camera_id=OTHER) if row.in_force
    ] == [2]
    browser.driver.find_element(By.CSS_SELECTOR, "[data-activate]").click()
    browser.says("Phiên bản 3 đang được áp dụng.")
    browser.until("document.getElementById('difference') === null")
    browser.log_in("cam")
    browser.open(f"/scenes/{OTHER}")
    browser.driver.find_element(By.CSS_SELECTOR, "[data-compare='1']").click()
    browser.until("document.getElementById('diff-close') !== null")
    assert not browser.driver.find_elements(By.CSS_SELECTOR, "[data-activate]"), "what was retired is saved anew"
    browser.keys(Keys.ESCAPE)
    browser.until("document.getElementById('difference') === null && document.getElementById('save') !== null")


def _street(*, changed: bool = False) -> dict[str, Any]:
    """A scene of another camera, and what somebody made of it."""
    kerb: dict[str, Any] = {"id": "kerb", "kind": "no_parking", "polygon": [[100, 100], [300, 100], [300, 300]]}
    south: dict[str, Any] = {"id": "southbound", "kind": "one_way", "polygon": [[0, 0], [900, 0], [900, 500], [0, 500]],
             "direction": [[9, 9], [9, 400]]}  # fmt: skip
    walk: dict[str, Any] = {
        "id": "walk",
        "kind": "sidewalk",
        "polygon": [[700, 100], [900, 100], [900, 300]],
        "limit_s": 20,
    }
    same = {"id": "check", "kind": "load_check", "polygon": [[1, 1], [90, 1], [90, 90]]}
    left: dict[str, Any] = {
        "id": "left",
        "kind": "no_left_turn",
        "enter": [[100, 500], [300, 500]],
        "leave": [[10, 100], [10, 300]],
    }
    if changed:
        hours = {"days": ["mon", "tue"], "from": "06:00", "to": "22:00", "holidays": "excluded"}
        kerb |= {"kind": "no_stopping", "limit_s": 30, "classes": ["car", "truck"], "calendar": [hours],
                 "polygon": [[100, 100], [400, 100], [400, 300]]}  # fmt: skip
        south |= {"direction": [[9, 400], [9, 9]]}
        walk = {"id": "yard", "kind": "ignore", "polygon": [[600, 10], [700, 10], [700, 90]]}
        left |= {"leave": [[410, 100], [410, 300]]}
    camera = {"id": OTHER, "name": "Hàng Bài", "ward": "Hoàn Kiếm"}
    return {"version": 1, "camera": camera, "size": [960, 540], "zones": [south, kerb, walk, same], "turns": [left]}


def _saved(server: Server, *scenes: dict[str, Any]) -> None:
    """Drawn by an operator; the very first is in force."""
    with server.client("cam") as cam, server.client("chief") as chief:
        for scene in scenes:
            known = versions(server.context.sessions, actor=AUDITOR, camera_id=OTHER)
            body = {"scene": scene, "note": "", "based_on": known[0].number if known else None}
            kept = cam.post(f"/api/v1/scenes/{OTHER}/versions", json=body)
            assert kept.status_code == 201, kept.text
            if not known:
                assert chief.post(f"/api/v1/scenes/{OTHER}/versions/1/activation").status_code == 200


def _told(browser: Browser, name: str) -> list[str]:
    """What the comparison says of a thing: what became of it, then its rows."""
    row = "(row) => [...row.cells].map((cell) => cell.textContent).join(' ')"
    script = f"[one.dataset.way, ...[...one.querySelectorAll('tbody tr')].map({row})]"
    return list(browser.until(f"((one) => {script})(document.querySelector('[data-diff={name}]'))"))


def _both_are_drawn(browser: Browser) -> None:
    """What is in force and what is new stand on the street in their own colours."""
    browser.until("document.querySelector('#compare-canvas canvas') !== null")
    colours = browser.until(
        "((canvas) => { const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;"
        " const near = (r, g, b) => { let n = 0; for (let i = 0; i < data.length; i += 4)"
        " if (Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 30) n += 1; return n; };"
        " return [near(255, 158, 61), near(77, 184, 255), near(213, 219, 226)]; })"
        "(document.querySelector('#compare-canvas canvas'))"
    )
    assert all(count > 50 for count in colours), colours


def test_a_zone_is_drawn_by_keys_alone(browser: Browser, ids: list[str]) -> None:
    browser.log_in("cam")
    browser.open(AT)
    browser.until("document.querySelectorAll('#things button').length >= 2")
    before = len(browser.driver.find_elements(By.CSS_SELECTOR, "#things button"))
    right, down, left = Keys.ARROW_RIGHT, Keys.ARROW_DOWN, Keys.ARROW_LEFT
    browser.keys("2", right, " ", right * 5, " ", down * 5, " ", left, Keys.ENTER)
    browser.until(f"document.querySelectorAll('#things button').length === {before + 1}")
    points = browser.until("document.querySelector('#thing textarea').value")
    assert points == "499.2, 270\n595.2, 270\n595.2, 366"


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


def test_a_trial_tells_a_ground_by_which_riders_are_giants(browser: Browser, server: Server, ids: list[str]) -> None:
    """Its points are in centimetres: a rider of 45 px is 160 of them high."""
    scene = plain_scene(scene_text(camera_id=OTHER), name=OTHER)
    corners, side = [[0, 0], [900, 0], [900, 500], [0, 500]], 160 / 45
    scene["ground"] = {"px": corners, "m": [[x * side, y * side] for x, y in corners]}
    _saved(server, scene)
    root = tracks_folder(server.context.settings.data_dir)
    log = TrackLog(OTHER, "clip.mp4", scene_text(camera_id=OTHER), lambda stretch: save_stretch(root, stretch))
    lawful = line((300, 50), (300, 450), since_s=0, until_s=9, size=(30, 45))
    for frame in frames_of(*(Walk(id=number, where=lawful, until_s=9) for number in range(1, 15)), until_s=10):
        log.note(frame)
    log.close()
    browser.log_in("cam")
    browser.open(f"/scenes/{OTHER}")
    browser.until("document.querySelector('#try:not(:disabled)') !== null")
    browser.driver.find_element(By.ID, "try").click()
    browser.until("document.getElementById('trial-ground')?.textContent.includes('cao 160 m')")
    assert browser.barriers() == []


def test_who_may_not_draw_sees_the_scene_and_no_tools(browser: Browser, ids: list[str]) -> None:
    browser.log_in("audit")
    browser.open(AT)
    assert browser.until("document.querySelectorAll('#things button').length") >= 2
    assert browser.driver.find_elements(By.ID, "save") == []
    assert browser.driver.find_elements(By.CSS_SELECTOR, "[data-tool]:not(:disabled)") == []
