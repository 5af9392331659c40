"""Whether a camera still shows what its scene was drawn on: black, covered, frozen, blurred, moved.

Pure: small luma pictures in about once a second, a condition out. Seconds are the stream's; lengths are told in pixels
of a picture 1920 wide, whatever the camera's size.
"""

from detector.health.registration import View, shift_px
from detector.health.watch import BLIND, SAMPLE_WIDTH, Condition, HealthWatch

__all__ = ["BLIND", "SAMPLE_WIDTH", "Condition", "HealthWatch", "View", "shift_px"]
