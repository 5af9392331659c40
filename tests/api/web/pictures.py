"""`make pictures`, the part that no test walks: a citizen's report on the console, from a frame of a sample clip."""

import os
import sys
import tempfile
from io import BytesIO
from pathlib import Path

import av
from selenium.webdriver.common.by import By

from cases.citizen.media import Upload
from cases.citizen.reports import receive, report_form
from cases.clock import utc_now
from tests.api.server import Server, running
from tests.api.web.browser import Browser, start_chromium

CLIP = Path(__file__).parents[3] / "samples/clips/wrong_way.mp4"
AT_S, BOX = 5.9, (728, 182, 772, 276)
"""A moment of the clip, and the rider against the street's one way in it."""


def main(folder: str) -> None:
    """Take the picture into a folder."""
    os.environ["PHATNGUOI_PICTURES"] = folder
    with tempfile.TemporaryDirectory() as data, running(Path(data, "data")) as server:
        report_id = _send(server)
        driver = start_chromium(Path(data, "profile"))
        try:
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
        finally:
            driver.quit()


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
    main(sys.argv[1])
