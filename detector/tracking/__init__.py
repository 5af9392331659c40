"""Detections in, road users followed over time out: association, Kalman filter, stillness, path."""

from detector.tracking.settings import TrackerSettings
from detector.tracking.tracker import Tracker

__all__ = ["Tracker", "TrackerSettings"]
