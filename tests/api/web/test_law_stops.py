"""The law page in a real Chromium while a row that earlier software let in stops the table."""

from collections.abc import Iterator

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from cases.accounts import add_user
from cases.clock import utc_now
from cases.database import write_transaction
from cases.law import seed_table
from cases.ledger import seal
from cases.records import LawChange
from tests.api.server import PASSWORD, Server, running
from tests.api.web.browser import Browser


@pytest.fixture
def server(chromium: webdriver.Chrome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("stopped")) as server:
        add_user(server.context.sessions, name="root2", password=PASSWORD, role="administrator")
        yield server


def test_an_old_row_that_stops_the_law_table_is_named_and_mended_in_the_console(
    chromium: webdriver.Chrome, server: Server
) -> None:
    browser = Browser(chromium, server.url)  # not the fixture: a table that is stopped is a fault the page does tell of
    row = seed_table().find("nd168-6-3-e")
    assert row is not None
    content = {**row.model_dump(mode="json", by_alias=True), "points": 13}
    with write_transaction(server.context.sessions) as session:
        proposed = {"source": "NĐ 1", "proposed_by": "root", "proposed_at": utc_now()}
        decided = {"status": "approved", "decided_by": "root2", "decided_at": utc_now(), "decision_note": ""}
        change = LawChange(offence_id=row.id, content=content, **proposed, **decided)
        seal(session, change, actor="root2", at=utc_now(), did="approved", offence_id=row.id)
    browser.log_in("root", lands_on="/users")
    browser.open("/law")
    browser.until("document.getElementById('law-stopped')?.textContent.includes('Dòng nd168-6-3-e của bảng luật')")
    browser.until("document.querySelector('#law-stopped button') !== null")
    assert browser.barriers() == []
    browser.driver.find_element(By.CSS_SELECTOR, "#law-stopped button").click()
    browser.until("document.querySelector('#proposal [name=source]') !== null")
    browser.driver.find_element(By.CSS_SELECTOR, "#proposal [name=source]").send_keys("NĐ 168/2024", Keys.ENTER)
    browser.until("document.getElementById('proposal') === null")
    with server.client("root2") as root2:
        new = root2.get("/api/v1/law/changes").json()[0]
        approved = root2.post(f"/api/v1/law/changes/{new['id']}/decision", json={"approve": True, "note": ""})
        assert approved.status_code == 200, approved.text
    browser.driver.refresh()
    browser.until("document.querySelectorAll('#offences tr').length > 10")
    assert not browser.driver.find_elements(By.ID, "law-stopped")
