"""OpenVINO runs without telling anybody: its telemetry is never loaded, nothing is written into HOME."""

import os
import subprocess
import sys
from pathlib import Path

CODE = """
import sys, threading
from detector.inference.openvino_graph import OpenVinoGraph
assert sys.modules["openvino_telemetry"] is None
assert [thread.name for thread in threading.enumerate()] == ["MainThread"]
"""


def test_openvino_is_loaded_without_its_reports(tmp_path: Path) -> None:
    home = {**os.environ, "HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", CODE], env=home, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert list(tmp_path.iterdir()) == []
