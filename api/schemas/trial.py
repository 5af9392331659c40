"""Trials of drawings as the API takes and gives them."""

from datetime import datetime
from typing import Literal, Self

from pydantic import Field

from api.schemas.base import Out
from api.schemas.scene import SceneIn
from api.trials import Trial, Why
from cases.trial import Effect, TrialAct
from detector.types import ViolationKind


class TrialIn(SceneIn):
    """A drawing to be tried on the tracks of the last hours."""

    hours: float = Field(24.0, ge=0.25, le=48.0)


class TrialActOut(Out):
    """One act; `case_id` where the act has a case, `path` rows are `t_s, x1, y1, x2, y2` in px."""

    effect: Effect
    kind: ViolationKind
    zone_id: str
    vehicle: str | None
    start_s: float
    end_s: float
    start_at: datetime | None
    confidence: float
    reminder_only: bool
    path: list[tuple[float, float, float, float, float]]
    case_id: str | None

    @classmethod
    def of(cls, act: TrialAct, case_id: str | None) -> Self:
        """From the service's act."""
        return cls.model_validate({**act.model_dump(exclude={"source_id"}), "case_id": case_id})


class TrialOutcomeOut(Out):
    """What a drawing would have changed; see `cases.trial`."""

    watched_s: float
    first_at: datetime | None
    last_at: datetime | None
    appears: int
    vanishes: int
    stays: int
    acts: list[TrialActOut]
    blind: list[str] = Field(description="zones about which kept tracks do not say all")
    unfit: int = Field(description="stretches left out: their pictures have another size than the drawing")
    unlikely_rider_m: float | None = Field(
        description="height of riders by its ground, m, where they cannot be so high"
    )


class TrialOut(Out):
    """A trial and how far it is."""

    id: str
    camera_id: str
    hours: float
    state: Literal["running", "done", "failed", "cancelled"]
    done: int
    total: int
    problem: str
    why: Why | None = Field(description="why it failed; words: `trial_failed_…` of the catalogue")
    outcome: TrialOutcomeOut | None

    @classmethod
    def of(cls, trial: Trial, cases: dict[int, str]) -> Self:
        """From the server's trial and the cases of its acts by their place."""
        found = trial.outcome
        outcome = None
        if found is not None:
            outcome = TrialOutcomeOut(
                watched_s=found.watched_s,
                first_at=found.first_at,
                last_at=found.last_at,
                appears=found.counts[Effect.APPEARS],
                vanishes=found.counts[Effect.VANISHES],
                stays=found.counts[Effect.STAYS],
                acts=[TrialActOut.of(act, cases.get(place)) for place, act in enumerate(found.acts)],
                blind=found.blind,
                unfit=found.unfit,
                unlikely_rider_m=found.unlikely_rider_m,
            )
        return cls(
            id=trial.id,
            camera_id=trial.camera_id,
            hours=trial.hours,
            state=_state(trial),
            done=trial.progress.done,
            total=trial.progress.total,
            problem=trial.problem,
            why=trial.why if _state(trial) == "failed" else None,
            outcome=outcome,
        )


def _state(trial: Trial) -> Literal["running", "done", "failed", "cancelled"]:
    if trial.outcome is not None:
        return "done"
    if trial.cancelled:
        return "cancelled"
    return "failed" if trial.problem else "running"
