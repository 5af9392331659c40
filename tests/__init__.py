"""Tests; they mirror the sources."""

import detector.inference.private_openvino  # noqa: F401  # before any test loads OpenVINO with its reports
