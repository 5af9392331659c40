"""Tracker settings for cameras that are seen rarely, such as every two seconds at keyframes.

What stands is still told from three looks that agree, and may still be missed once; so the times that count looks
grow with the time between them. What moves is a new road user at every look, since between looks it passes others:
only about its own size it may have gone. From one look a second on nothing changes.
"""

from dataclasses import replace

from detector.tracking.settings import TrackerSettings


def settings_at(step_s: float) -> TrackerSettings:
    """The settings for one look in `step_s` seconds."""
    usual = TrackerSettings()
    if step_s <= 1.0:
        return usual
    return replace(
        usual,
        motion=replace(
            usual.motion,
            first_speed_sizes_s=min(usual.motion.first_speed_sizes_s, 1.0 / step_s),
            wander_sizes_s=min(usual.motion.wander_sizes_s, 1.0 / step_s),
        ),
        match=replace(usual.match, rebind_gap_s=max(usual.match.rebind_gap_s, 1.5 * step_s)),
        life=replace(
            usual.life,
            lost_s=max(usual.life.lost_s, 1.5 * step_s),
            empty_s=max(usual.life.empty_s, 2.5 * step_s),
            twin_s=max(usual.life.twin_s, 1.5 * step_s),
        ),
        still=replace(usual.still, window_s=max(usual.still.window_s, 2.2 * step_s)),
    )
