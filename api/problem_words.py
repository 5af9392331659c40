"""Problems of cameras and of analyses in words: a code with its values in, Vietnamese and English out.

The workers of this release tell codes (`pipelines.live.status.Said`); of others, and of the analysis of a citizen's
videos, which runs apart and ends with one line, the text itself is read. What no word is known for is told as such:
nobody is shown a line of a log.
"""

import re
from collections.abc import Mapping

from api.catalogue import WordOut, catalogue

WHYS = (
    ("refused", r"refused"),
    ("no_answer", r"no answer|timed? ?out|timeout"),
    ("no_way", r"no route|unreachable|network is down"),
    ("no_name", r"name or service|gaierror|resolution|nodename"),
    ("not_there", r"404|not found|no such file"),
    ("server_fault", r"HTTP 5\d\d|5XX|server returned"),
    ("no_stream", r"invalid data|protocol|end of file|EOF"),
    ("cut", r"reset|broken pipe|input/output|aborted|connection.?error"),
)
"""Why a connection failed, by what the operating system, FFmpeg or a library calls it."""
ANALYSES = (
    ("too_long", r"not analysed within"),
    ("stopped", r"the analysis was ended|was ended|stopped|Đã dừng"),
    ("full", r"other videos are being analysed"),
    ("no_video", r"holds no video"),
    ("not_citizen", r"expected citizen"),
    ("no_report", r"there is no(ne)?\b|no such report"),
    ("size", r"has pictures of|recording_size|has pictures"),
    (
        "unreadable",
        r"no picture track|be decoded|decodable|no such file|0 bytes|cannot be read|damaged|no packet",
    ),
    ("scene", r"scene\.yaml"),
    ("machine", r"network|memory|space|MemoryError|Permission|database|sqlite|connection"),
)
"""Why an analysis failed, by its last line."""


def problem_words(code: str, values: Mapping[str, str]) -> WordOut:
    """What is wrong with a camera; by its state alone where the code is none of the catalogue's."""
    known = catalogue()["stream_problems"]
    words = known.get(code, known["other"])
    return WordOut(**{language: _filled(words[language], values, language) for language in ("vi", "en")})


def analysis_words(problem: str) -> WordOut | None:
    """Why an analysis failed; None where it did not."""
    if not problem:
        return None
    return WordOut(**catalogue()["analysis_problems"][_first(ANALYSES, problem)])


def _filled(text: str, values: Mapping[str, str], language: str) -> str:
    words = catalogue()
    told = dict(values)
    if "why" in values:
        told["why"] = words["stream_whys"][_first(WHYS, values["why"])][language]
    if "kinds" in values:
        named = (words["kinds"].get(kind, {}).get(language, kind) for kind in values["kinds"].split(","))
        told["kinds"] = ", ".join(named)
    return re.sub(r"\{(\w+)\}", lambda gap: told.get(gap[1], "?"), text)


def _first(known: tuple[tuple[str, str], ...], text: str) -> str:
    return next((code for code, pattern in known if re.search(pattern, text, re.IGNORECASE)), "other")
