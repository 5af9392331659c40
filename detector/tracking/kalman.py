"""Kalman filter over all tracks at once, in seconds.

State per track: centre x, centre y (px), log width, log height, each with its own rate of change; the four axes
are independent, so every covariance is three numbers and a step needs no matrix algebra. Process noise is
continuous white acceleration (Bar-Shalom, Li & Kirubarajan, Estimation with Applications to Tracking and
Navigation, 6.2.2), so two short steps equal one long one and any spacing of frames will do.
Spreads are relative to the box size: near and far objects alike.
"""

import numpy as np

from detector.tracking.boxes import to_state, to_xyxy
from detector.tracking.rows import Bool, Float, Index, Rows
from detector.tracking.settings import MotionSettings

FROZEN_PLACE_SIZES = 0.1
"""Spread of the place of an object that stands unseen, sizes."""
SWELL_MOST_LOG = 0.3
"""Growth between two looks beyond this is not believed."""


class BoxFilter(Rows):
    """Place, size and their rates for every track.

    Attributes:
        mean, rate: (n, 4) state and its rate per second.
        var, cov, rate_var: (n, 4) covariance of each axis: state, state with rate, rate.
    """

    def __init__(self, settings: MotionSettings) -> None:
        self.settings = settings
        self.mean = np.zeros((0, 4))
        self.rate = np.zeros((0, 4))
        self.var = np.zeros((0, 4))
        self.cov = np.zeros((0, 4))
        self.rate_var = np.zeros((0, 4))

    @property
    def size_px(self) -> Float:
        """(n,) square root of the predicted box area, px."""
        return np.asarray(np.exp(self.mean[:, 2:].sum(axis=1) / 2))

    @property
    def xyxy_px(self) -> Float:
        """(n, 4) boxes."""
        return to_xyxy(self.mean)

    def start(self, xyxy_px: Float) -> None:
        """Append one row per box, at rest with an unknown speed."""
        fresh = slice(len(self.mean), None)
        self.append(len(xyxy_px))
        self.mean[fresh] = to_state(xyxy_px)
        size = self.size_px[fresh, None]
        self.var[fresh] = self.noise_var(size)
        speed = self.settings.first_speed_sizes_s
        self.rate_var[fresh] = np.concatenate(
            [np.repeat((speed * size) ** 2, 2, axis=1), np.full((len(size), 2), self.settings.first_growth_log_s**2)],
            axis=1,
        )

    def noise_var(self, size: Float) -> Float:
        """(n, 4) variance of a measurement for objects of (n, 1) sizes."""
        var = np.empty((len(size), 4))
        var[:, :2] = (self.settings.place_sizes * size) ** 2
        var[:, 2:] = self.settings.log_size**2
        return var

    def predict(self, dt_s: float, standing: Bool) -> None:
        """Move every row `dt_s` ahead; `standing` rows wander less."""
        density = self._wander(standing) ** 2
        swell = self._swell(dt_s)
        self.mean = self.mean + self.rate * dt_s * swell
        self.rate = self.rate * swell**2
        self.var = self.var + 2 * dt_s * self.cov + dt_s**2 * self.rate_var + density * dt_s**3 / 3
        self.cov = self.cov + dt_s * self.rate_var + density * dt_s**2 / 2
        self.rate_var = self.rate_var + density * dt_s

    def _swell(self, dt_s: float) -> Float:
        """(n, 4) times their rate that places move where steps are long and boxes grow or shrink with them.

        At constant velocity in space the inverse of the size falls steadily, and places move with the square of the
        size. Where steps are short, the noise of growth would only shake them.
        """
        log = self.rate[:, 2:].mean(axis=1) * dt_s
        step = np.sqrt((self.rate[:, :2] ** 2).sum(axis=1)) * dt_s
        swells = (np.abs(log) > self.settings.swell_log) & (step > self.settings.swell_step_sizes * self.size_px)
        swell = np.ones_like(self.mean)
        swell[swells, :2] = 1 / (1 - np.clip(log[swells, None], -SWELL_MOST_LOG, SWELL_MOST_LOG))
        return swell

    def _wander(self, standing: Bool) -> Float:
        place = np.repeat(self.settings.wander_sizes_s * self.size_px[:, None], 2, axis=1)
        growth = np.full_like(place, self.settings.wander_log_s)
        calm = np.where(standing, self.settings.wander_standing, 1.0)[:, None]
        return np.asarray(calm * np.concatenate([place, growth], axis=1))

    def update(self, rows: Index, xyxy_px: Float, noise: Float) -> None:
        """Take in one measured box per row; `noise` (k,) multiplies the measurement spread."""
        noise_var = self.noise_var(self.size_px[rows, None]) * noise[:, None] ** 2
        miss = to_state(xyxy_px) - self.mean[rows]
        expected_var = self.var[rows, 2:] + noise_var[:, 2:]
        beyond = np.maximum(miss[:, 2:] ** 2 / expected_var - 1, 0.0)
        noise_var += self._cut_var(miss[:, 2:], np.exp(self.mean[rows, 2:]), expected_var, beyond)
        gain_var = self.var[rows] + noise_var
        gain, rate_gain = self.var[rows] / gain_var, self.cov[rows] / gain_var
        self.rate_var[rows] -= rate_gain * self.cov[rows]
        self.cov[rows] *= 1 - gain
        self.var[rows] *= 1 - gain
        self.mean[rows] += gain * miss
        self.rate[rows] += rate_gain * miss
        growth = self.rate[rows, 2:]
        self.rate[rows, 2:] = np.where(growth * miss[:, 2:] < 0, growth / (1 + beyond), growth)

    @staticmethod
    def _cut_var(miss_log: Float, sides_px: Float, expected_var: Float, beyond: Float) -> Float:
        """(k, 4) further variance of a box whose size is a surprise: it shows a part, such as a machine without rider.

        Its centre lies aside by up to half of what is missing, and its size says little about the whole (Student's t).
        What grew and is then seen smaller must not be thought to grow on: `update` calms such a rate.
        """
        lost_px = sides_px * -np.expm1(-np.abs(miss_log)) / 2
        return np.concatenate([np.where(beyond > 0, lost_px**2, 0.0), expected_var * beyond], axis=1)

    def freeze(self, rows: Bool, xyxy_px: Float) -> None:
        """Put unseen standing rows at rest at their place, with a small spread that does not grow."""
        self.mean[rows] = to_state(xyxy_px)
        self.rate[rows] = 0.0
        size = self.size_px[rows, None]
        self.var[rows] = (FROZEN_PLACE_SIZES / self.settings.place_sizes) ** 2 * self.noise_var(size)
        self.cov[rows] = 0.0
        self.rate_var[rows] = self.var[rows]

    def fit(self, rows: Index, before: Float, now: Float, gap_s: float) -> None:
        """Set rows to states `now` (k, 4), seen `gap_s` after `before` (k, 4), at constant velocity in space."""
        size = np.exp(now[:, 2:].sum(axis=1, keepdims=True) / 2)
        growth = np.clip(size / np.exp(before[:, 2:].sum(axis=1, keepdims=True) / 2), 0.5, 2.0)
        self.mean[rows] = now
        self.rate[rows, :2] = (now - before)[:, :2] / gap_s * growth
        self.rate[rows, 2:] = (growth - 1) / gap_s
        self.var[rows] = self.noise_var(size)
        self.cov[rows] = self.var[rows] / gap_s
        wander = self._wander(np.zeros(len(self.mean), bool))[rows]
        self.rate_var[rows] = 2 * self.var[rows] / gap_s**2 + wander**2 * gap_s

    def restart(self, rows: Index, velocity_px_s: Float, speed_sd_px_s: Float, gap_s: Float) -> None:
        """Give rows seen once, `gap_s` ago and since at rest, the velocity of a hypothesis.

        Args:
            rows: (k,) which.
            velocity_px_s: (k, 2) assumed velocity since they were seen.
            speed_sd_px_s: (k,) its spread.
            gap_s: (k,) seconds since they were seen.
        """
        gap, speed_var = gap_s[:, None], speed_sd_px_s[:, None] ** 2
        measured_var = self.noise_var(self.size_px[rows, None])[:, :2]
        self.mean[rows, :2] += velocity_px_s * gap
        self.rate[rows, :2] = velocity_px_s
        self.var[rows, :2] = measured_var + speed_var * gap**2
        self.cov[rows, :2] = speed_var * gap
        self.rate_var[rows, :2] = speed_var
