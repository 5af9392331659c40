"""The assignment with the least total cost: `scipy.optimize.linear_sum_assignment` without the rest of that package.

One compiled function is all that is needed. Imported the usual way it brings along solvers of every kind, 24 MB that a
worker holds for months and half a second of every start. It is the same function; where scipy keeps it elsewhere one
day, it comes the usual way.
"""

from collections.abc import Callable
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

Assign = Callable[[NDArray[np.float64]], tuple[NDArray[np.intp], NDArray[np.intp]]]


def _loaded() -> Assign:
    spec = PathFinder.find_spec("scipy.optimize._lsap", [f"{folder}/optimize" for folder in scipy.__path__])
    function: Any = None
    if spec is not None and spec.loader is not None:
        try:
            module = module_from_spec(spec)
            spec.loader.exec_module(module)
        except ImportError:
            # It needs what only the whole package loads.
            pass
        else:
            function = getattr(module, "linear_sum_assignment", None)
    if function is None:
        from scipy.optimize import linear_sum_assignment as function
    assign: Assign = function
    return assign


linear_sum_assignment = _loaded()
"""(rows, columns) of the matches, rows rising; takes an (n, m) cost matrix."""
