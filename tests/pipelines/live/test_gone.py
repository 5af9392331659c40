"""An act established while its database is gone is a case once it is back; SQLite locked, PostgreSQL stopped."""

from pathlib import Path

import pytest

from tests.pipelines.live.gone import lose, postgresql, sqlite


def test_an_act_waits_for_a_locked_database(tmp_path: Path) -> None:
    with sqlite(tmp_path) as store:
        told = lose(tmp_path, store, seconds=0)
    assert told.refused >= 1
    assert (told.violations, told.cases, told.lost, told.sound) == (1, 1, 0, True)


def test_an_act_waits_for_a_server_that_was_stopped(tmp_path: Path) -> None:
    pytest.importorskip("psycopg", reason="PostgreSQL: its driver is not installed (pip install phatnguoi[postgres])")
    with postgresql() as store:
        if store is None:
            pytest.skip("PostgreSQL: no server binary on this machine (apt-get install postgresql)")
        told = lose(tmp_path, store, seconds=0)
    assert told.refused >= 1
    assert (told.violations, told.cases, told.lost, told.sound) == (1, 1, 0, True)
