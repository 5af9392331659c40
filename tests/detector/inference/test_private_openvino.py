"""OpenVINO runs without telling anybody: its telemetry is never loaded, its id is not written into HOME."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import sys, threading
import {module}
assert sys.modules["openvino_telemetry"] is None
assert [thread.name for thread in threading.enumerate()] == ["MainThread"]
"""


@pytest.mark.parametrize("module", ["detector.inference.openvino_graph", "models.recipes.export"])
def test_openvino_is_loaded_without_its_reports(module: str, tmp_path: Path) -> None:
    home = {**os.environ, "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", CODE.format(module=module)], env=home, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "intel").exists()
