"""A real Chromium window of a control-room screen, driven by keys; axe looks for barriers."""

import base64
import os
import shutil
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from tests.api.server import PASSWORD

WAIT_S = 40
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
GRAVE = {"serious", "critical"}
SCREENS = {"control room": (1366, 768), "tablet": (820, 1180), "small tablet": (1024, 768), "narrow": (1280, 720)}
TOUCHED = {"small tablet"}


def binary(*names: str) -> str:
    """The first of the programs that is installed; skips the test by name when none is."""
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"browser: none of {', '.join(names)} is installed (apt-get install chromium chromium-driver)")
    return found


def start_chromium(profile: Path) -> webdriver.Chrome:
    """One browser for many tests: starting it costs more than most of them."""
    options = webdriver.ChromeOptions()
    options.binary_location = binary("chromium", "chromium-browser", "google-chrome")
    for argument in ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1366,900",
                     f"--user-data-dir={profile}", *(["--no-sandbox"] if os.geteuid() == 0 else [])):  # fmt: skip
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(binary("chromedriver")))


class Browser:
    """The window at one server's console."""

    def __init__(self, driver: webdriver.Chrome, url: str) -> None:
        self.driver, self.url = driver, url
        self.screen("control room")
        driver.get(f"{url}/login")
        driver.delete_all_cookies()
        driver.execute_cdp_cmd("Storage.clearDataForOrigin", {"origin": url, "storageTypes": "all"})
        driver.get_log("browser")

    def screen(self, name: str) -> None:
        """Look at the console on another kind of screen."""
        width, height = SCREENS[name]
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": name in TOUCHED},
        )
        self.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": name in TOUCHED})

    def prefers(self, theme: str) -> None:
        """What the visitor's system asks pages to look like: dark or light."""
        media = [{"name": "prefers-color-scheme", "value": theme}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})

    def picture(self, name: str) -> None:
        """Keep what the window shows as a small JPEG in the folder `PHATNGUOI_PICTURES` names; without one, nothing."""
        folder = os.environ.get("PHATNGUOI_PICTURES")
        if folder:
            width, height = SCREENS["control room"]
            left, top = self.driver.execute_script("return [scrollX, scrollY]")
            clip = {"x": left, "y": top, "width": width, "height": height, "scale": 0.7}
            how = {"format": "jpeg", "quality": 50, "clip": clip}
            taken = self.driver.execute_cdp_cmd("Page.captureScreenshot", how)
            Path(folder, f"{name}.jpg").write_bytes(base64.b64decode(taken["data"]))

    def until(self, script: str) -> Any:
        """Wait until a JavaScript expression is true and return it."""
        return WebDriverWait(self.driver, WAIT_S, poll_frequency=0.05).until(
            lambda driver: driver.execute_script(f"return {script}"), message=script
        )

    def ready(self, path: str) -> None:
        """Wait until the page at a path has drawn itself."""
        self.until(f"location.pathname === '{path}' && document.body.dataset.ready === 'true'")

    def open(self, path: str) -> None:
        """Go to an address and wait for it."""
        self.driver.get(self.url + path)
        self.ready(path)

    def keys(self, *keys: str) -> None:
        """Press keys where the focus is."""
        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    def text(self, element_id: str) -> str:
        """What an element shows."""
        return str(self.driver.find_element(By.ID, element_id).text)

    def says(self, text: str) -> None:
        """Wait for a message."""
        self.until(f"document.getElementById('message-text')?.textContent === '{text}'")

    def log_in(self, name: str = "lan", lands_on: str = "/") -> None:
        """From nothing, or from another account, to the first page."""
        self.driver.delete_all_cookies()
        self.driver.get(self.url)
        self.until("location.pathname === '/login' && document.querySelector('#login')?.textContent")
        self.driver.find_element(By.ID, "name").send_keys(name)
        self.driver.find_element(By.ID, "password").send_keys(PASSWORD + Keys.ENTER)
        self.ready(lands_on)

    def barriers(self) -> list[str]:
        """What axe finds serious or critical against WCAG 2.1 A and AA on the page as it stands."""
        self.driver.execute_script(AXE)
        found = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']})"
            ".then((report) => done(report.violations.map((v) =>"
            " ({id: v.id, impact: v.impact, nodes: v.nodes.map((n) => n.html.slice(0, 160))}))));"
        )
        return [f"{fault['id']}: {fault['nodes']}" for fault in found if fault["impact"] in GRAVE]

    def complaints(self) -> list[str]:
        """What the browser's console says beside expected refusals of the API; breaches of the page's policy too."""
        lines = [entry["message"] for entry in self.driver.get_log("browser")]
        return [line for line in lines if "Failed to load resource" not in line or "/api/v1/" not in line]
