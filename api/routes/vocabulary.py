"""All codes in words: states, actions and reasons from the life cycle, doubts from the rules, the rest."""

from functools import cache

from fastapi import APIRouter

from api.catalogue import catalogue
from api.problems import responses
from api.schemas import MoveOut, VocabularyOut, WordOut
from cases.lifecycle import MOVES, REASONS, STATES, Words
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
        )
        for move in MOVES.values()
    }
    sections = ("kinds", "vehicles", "facts", "sources", "clocks", "roles")
    more = {name: {code: WordOut(**words) for code, words in catalogue()[name].items()} for name in sections}
    return VocabularyOut(
        states={state.value: _word(words) for state, words in STATES.items()},
        actions=actions,
        reasons={code: _word(words) for code, words in REASONS.items()},
        doubts={code: WordOut(vi=doubt.vi, en=doubt.en) for code, doubt in DOUBTS.items()},
        **more,
    )


def _word(words: Words) -> WordOut:
    return WordOut(vi=words.vi, en=words.en)
