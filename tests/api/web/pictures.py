"""`make pictures`, the part that no test walks: a citizen's report, from a frame of a sample clip.

Where the demo has run also the queue, a review, a report and the logs, on a copy of the cases it opened.
"""

import os
import shutil
import sys
import tempfile
from io import BytesIO
from pathlib import Path

import av
from selenium import webdriver
from selenium.webdriver.common.by import By

from cases.citizen.media import Upload
from cases.citizen.reports import receive, report_form
from cases.clock import utc_now
from cases.queue import Filter, list_cases
from cases.scenes import plain_scene
from detector.types import ViolationKind
from tests.api.server import Server, running
from tests.api.web.browser import Browser, start_chromium
from tests.cases.builders import AUDITOR

CLIP = Path(__file__).parents[3] / "samples/clips/wrong_way.mp4"
AT_S, BOX = 5.9, (728, 182, 772, 276)
"""A moment of the clip, and the rider against the street's one way in it."""
SCENES = CLIP.parents[1] / "scenes"
CAMERA = SCENES / "illegal_parking.yaml"
DEMO_DAYS = {"first": "01/05/2026", "last": "31/05/2026"}
"""The month in which the sample clips are said to be taken."""


def main(folder: str, demo: str) -> None:
    """Take the pictures into a folder; `demo` is the data folder of `make demo`."""
    os.environ["PHATNGUOI_PICTURES"] = folder
    with tempfile.TemporaryDirectory() as scratch:
        driver = start_chromium(Path(scratch, "profile"))
        try:
            _intake(driver, Path(scratch, "data"))
            if not Path(demo, "phatnguoi.db").is_file():
                sys.exit(f"{demo}: no cases; run `make demo` first for pictures of the queue, a review and the logs")
            shutil.copytree(demo, Path(scratch, "demo"))
            _desks(driver, Path(scratch, "demo"))
        finally:
            driver.quit()


def _intake(driver: webdriver.Chrome, data: Path) -> None:
    with running(data) as server:
        report_id = _send(server)
        browser = Browser(driver, server.url)
        browser.log_in()
        browser.open(f"/intake/{report_id}")
        browser.keys("o", "1")
        browser.until("document.querySelector('#marker') !== null && document.querySelector('#open-case') !== null")
        for name, value in zip(("x1", "y1", "x2", "y2"), BOX, strict=True):
            driver.find_element(By.ID, f"corner-{name}").send_keys(str(value))
        driver.find_element(By.ID, "case-place").send_keys("Trước số 12 Hàng Bông")
        browser.until("document.querySelector('#report-files img')?.naturalWidth > 0")
        browser.picture("console-intake")


def _desks(driver: webdriver.Chrome, data: Path) -> None:
    with running(data) as server:
        where = Filter(kinds=(ViolationKind.WRONG_WAY,))
        case_id = list_cases(server.context.sessions, actor=AUDITOR, where=where).cases[0].id
        browser = Browser(driver, server.url)
        browser.log_in()
        browser.until("document.querySelectorAll('#rows tr').length > 3")
        browser.picture("console-queue")
        browser.open(f"/cases/{case_id}")
        browser.until("document.querySelector('#stage img')?.naturalWidth > 0")
        browser.until("document.querySelectorAll('#strip img').length > 3")
        browser.keys("c")
        browser.until("document.getElementById('holding').textContent.startsWith('Bạn đang giữ')")
        browser.picture("console-review")
        _scenes(browser, server)
        browser.log_in("audit")
        browser.open("/reports")
        for name, day in DEMO_DAYS.items():
            driver.find_element(By.ID, name).clear()
            driver.find_element(By.ID, name).send_keys(day)
        browser.until("document.querySelectorAll('.recharts-bar-rectangle').length > 5")
        browser.picture("console-reports")
        browser.open("/audit")
        browser.keys("c")
        browser.until("document.getElementById('chain').textContent.startsWith('Chuỗi nhật ký nguyên vẹn')")
        browser.picture("console-audit")


def _scenes(browser: Browser, server: Server) -> None:
    """A scene drawn by one person and compared by another with the one in force; the cameras on the map."""
    scene = plain_scene(CAMERA.read_text(encoding="utf-8"), name=CAMERA.name)
    camera_id = str(scene["camera"]["id"])
    address = f"/api/v1/scenes/{camera_id}/versions"
    with server.client("cam") as cam, server.client("chief") as chief:
        for number, note in ((1, ""), (2, "Lề đường dài hơn, 3 phút")):
            body = {"scene": scene, "note": note, "based_on": number - 1 or None}
            cam.post(address, json=body).raise_for_status()
            if number == 1:
                chief.post(f"{address}/1/activation").raise_for_status()
            scene["zones"][0] |= {"limit_s": 180.0, "polygon": [[x * 0.9, y] for x, y in scene["zones"][0]["polygon"]]}
    browser.log_in("chief")
    browser.open(f"/scenes/{camera_id}")
    browser.until("document.querySelectorAll('#things button').length > 1 && !document.getElementById('no-picture')")
    browser.driver.find_element(By.CSS_SELECTOR, "#things button").click()
    browser.until("document.getElementById('faults').textContent.includes('Sơ đồ hợp lệ.')")
    browser.picture("console-scene")
    browser.driver.find_element(By.CSS_SELECTOR, "[data-compare='2']").click()
    browser.until("document.querySelectorAll('#difference [data-diff]').length === 1")
    browser.until("document.querySelector('#compare-canvas canvas')?.width > 300")
    browser.picture("console-compare")
    browser.open("/cameras")
    browser.until("document.querySelectorAll('#map [data-mark]').length > 0")
    browser.picture("console-cameras")


def _send(server: Server) -> str:
    """A report with one photo."""
    with av.open(str(CLIP)) as video:
        frame = next(one for one in video.decode(video=0) if (one.time or 0.0) >= AT_S)
    photo = BytesIO()
    frame.to_image().save(photo, "JPEG", quality=90)
    told = "Xe máy chạy ngược chiều trước mặt tôi."
    form = report_form(
        occurred_at=utc_now(), place="12 Hàng Bông", ward="Hoàn Kiếm", what="wrong_way", description=told
    )
    done = receive(server.context.sessions, server.context.settings.citizen_files, form=form,
                   uploads=[Upload("photo.jpg", [photo.getvalue()])], largest_bytes=1 << 24, now=utc_now())  # fmt: skip
    return done.report.id


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
