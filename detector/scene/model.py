"""Shared base of everything an operator writes: frozen, and unknown keys are refused."""

from pydantic import BaseModel, ConfigDict


class SceneModel(BaseModel):
    """Frozen pydantic model that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
