"""Struct of arrays: all tracks as rows, one array per quantity, so that each step is a few numpy calls.

A subclass creates its arrays with zero rows in `__init__`; births append zero rows, deaths keep the others.
"""

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Bool = NDArray[np.bool_]
Index = NDArray[np.intp]


class Rows:
    """Arrays that share their first axis; row i of each belongs to the same track."""

    def append(self, count: int) -> None:
        """Add `count` rows of zeros at the end of every array."""
        if not count:
            return
        for name, array in self._arrays():
            setattr(self, name, np.concatenate([array, np.zeros((count, *array.shape[1:]), array.dtype)]))

    def keep(self, rows: Bool) -> None:
        """Drop every row whose mask is False; the others keep their order."""
        for name, array in self._arrays():
            setattr(self, name, array[rows])

    def _arrays(self) -> list[tuple[str, NDArray[np.generic]]]:
        return [(name, value) for name, value in vars(self).items() if isinstance(value, np.ndarray)]
