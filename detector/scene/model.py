"""Shared base of everything an operator writes: frozen, and unknown keys are refused."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

FARTHEST = 1e6
Coordinate = Annotated[float, Field(ge=-FARTHEST, le=FARTHEST, allow_inf_nan=False)]
"""px, or metres on the road; beyond `FARTHEST` squares lose their digits and nothing is drawn."""
Xy = tuple[Coordinate, Coordinate]


class SceneModel(BaseModel):
    """Frozen pydantic model that refuses unknown keys and numbers that are none."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, allow_inf_nan=False)
