"""All codes in words: states, actions and reasons from the life cycle, doubts from the rules, the rest."""

from functools import cache

from fastapi import APIRouter

from api.catalogue import catalogue
from api.problems import responses
from api.schemas import DeadlineOut, MoveOut, VocabularyOut, WordOut
from api.schemas.vocabulary import GroundOut
from cases.law import seed_table
from cases.lifecycle import DEADLINES, MOVES, REASONS, STATES, Deadline, Words
from cases.wording import DOUBT_WORDS, EXCEPTION_WORDS
from detector.rules.reasons import REASONS as DOUBTS

router = APIRouter(prefix="/vocabulary", tags=["vocabulary"])


@router.get("", responses=responses(401))
def vocabulary() -> VocabularyOut:
    """Every code the API speaks, in Vietnamese and English."""
    return full_vocabulary()


@cache
def full_vocabulary() -> VocabularyOut:
    """The vocabulary, put together once."""
    actions = {
        move.action.value: MoveOut(
            vi=move.words.vi,
            en=move.words.en,
            from_states=sorted(move.from_states),
            to_state=move.to_state,
            roles=sorted(move.roles),
            reasons=list(move.reasons),
            needs_note=move.needs_note,
            needs_claim=move.needs_claim,
            undoable=move.undoable,
            by_system=move.by_system,
            citizen_from=sorted(move.citizen_from) if move.citizen_from is not None else None,
            rests_on=GroundOut.model_validate(move.rests_on) if move.rests_on is not None else None,
        )
        for move in MOVES.values()
    }
    sections = ("kinds", "vehicles", "facts", "sources", "clocks", "roles", "units", "tracks", "fixes")
    more = {name: {code: WordOut(**words) for code, words in catalogue()[name].items()} for name in sections}
    return VocabularyOut(
        states={state.value: _word(words) for state, words in STATES.items()},
        actions=actions,
        reasons={code: _word(words) for code, words in REASONS.items()},
        doubts={code: WordOut(vi=doubt.vi, en=doubt.en) for code, doubt in DOUBTS.items()}
        | {code: _word(words) for code, words in DOUBT_WORDS.items()},
        exceptions={code: _word(words) for code, words in EXCEPTION_WORDS.items()},
        deadlines={code: _deadline(deadline) for code, deadline in DEADLINES.items()},
        titles={title.code: WordOut(vi=title.vi, en=title.en) for title in seed_table().title},
        **more,
    )


def _deadline(deadline: Deadline) -> DeadlineOut:
    return DeadlineOut(
        vi=deadline.words.vi,
        en=deadline.words.en,
        starts=deadline.starts,
        runs_in=sorted(deadline.runs_in),
        length=deadline.length,
        count=deadline.count,
        warn_days=deadline.warn_days,
        expiry=deadline.expiry,
        binding=deadline.binding,
        tracks=sorted(deadline.tracks),
        source=deadline.source,
    )


def _word(words: Words) -> WordOut:
    return WordOut(vi=words.vi, en=words.en)
