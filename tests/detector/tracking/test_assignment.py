"""The assignment is scipy's own, loaded alone."""

import subprocess
import sys

import numpy as np
from scipy import optimize

from detector.tracking.assignment import linear_sum_assignment


def test_it_answers_as_scipy_does() -> None:
    random = np.random.default_rng(0)
    for _ in range(50):
        cost = np.minimum(random.normal(size=random.integers(1, 9, 2)), 0.5)
        for own, theirs in zip(linear_sum_assignment(cost), optimize.linear_sum_assignment(cost), strict=True):
            assert np.array_equal(own, theirs)


def test_the_rest_of_scipys_solvers_stays_out() -> None:
    told = "import sys, detector.tracking; print('scipy.optimize' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False", done.stderr
