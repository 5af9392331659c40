"""One Chromium for all tests of the console, one server for each file."""

from collections.abc import Iterator

import pytest

pytest.importorskip("selenium", reason="browser: selenium is not installed (pip install phatnguoi[dev])")

from selenium import webdriver

from cases.evidence import FolderStore
from tests.api.media import items
from tests.api.server import Server, running
from tests.api.web.browser import Browser, start_chromium
from tests.cases.builders import opened

CASES = 8


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    driver = start_chromium(tmp_path_factory.mktemp("profile"))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def server(chromium: webdriver.Chrome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
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


@pytest.fixture
def browser(chromium: webdriver.Chrome, server: Server, ids: list[str]) -> Iterator[Browser]:
    browser = Browser(chromium, server.url)
    yield browser
    assert browser.complaints() == []
