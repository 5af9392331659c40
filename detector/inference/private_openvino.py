"""OpenVINO as `ov`, without its reports: by itself it tells Google of every import and writes an id into HOME.

Where its telemetry cannot be imported OpenVINO goes on without. Whoever needs OpenVINO takes it from here; what runs
where people are fined tells nobody.
"""

import sys
from types import ModuleType
from typing import cast

sys.modules["openvino_telemetry"] = cast(ModuleType, None)

import openvino as ov  # noqa: E402
import openvino.opset13 as steps  # noqa: E402
from openvino.preprocess import ColorFormat, PrePostProcessor  # noqa: E402

__all__ = ["ColorFormat", "PrePostProcessor", "ov", "steps"]
