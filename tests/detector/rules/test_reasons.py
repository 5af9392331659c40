"""The catalogue of doubts knows every reason a rule may give."""

import re
from pathlib import Path

import detector.rules
import pipelines.desk
from detector.rules.reasons import REASONS

SOURCES = [*sorted(Path(detector.rules.__file__).parent.glob("*.py")), Path(pipelines.desk.__file__)]
GIVEN = re.compile(
    r"doubt=\"(\w+)\"|cannot_tell=\(?\(?\"(\w+)\"|cannot_tell, \"(\w+)\"|doubts = \(\"(\w+)\"|return \"(load_\w+)\""
)


def test_every_reason_is_in_the_catalogue_and_every_entry_is_used():
    given = {name for source in SOURCES for match in GIVEN.findall(source.read_text("utf-8")) for name in match if name}
    used = {
        name for name in REASONS if any(f'"{name}"' in s.read_text("utf-8") for s in SOURCES if s.stem != "reasons")
    }
    assert given
    assert given <= REASONS.keys()
    assert used == REASONS.keys()


def test_every_reason_is_said_in_both_languages():
    assert all(reason.vi.strip() and reason.en.strip() and reason.vi != reason.en for reason in REASONS.values())
