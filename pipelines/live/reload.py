"""Whether what the camera file names has changed: the file, its scenes, pictures, passwords; scenes in force.

Looked at every few seconds by the main thread, and at once when asked (SIGHUP). A file is believed changed when it
looks the same twice, so that one being written is not read by half.
"""

import time
from pathlib import Path
from threading import Event

from detector.types import CaseError, ConfigError
from pipelines.live.camera_file import Roster, files_of, load_roster
from pipelines.live.drawn import DrawnScenes
from pipelines.live.journal import ERROR, INFO, note

LOOK_EVERY_S = 2.0

_Stamp = tuple[int, int, int] | None


class Reload:
    """Watches one camera file; made before `drawn` is started.

    Args:
        path: of the file, already read once, just now: what changes from here on is noticed.
        asked: set to have it read at once.
        drawn: the scenes in force of cameras that name no file.
    """

    def __init__(self, path: Path, asked: Event, drawn: DrawnScenes) -> None:
        self._path = path
        self._asked = asked
        self._drawn = drawn
        self._numbers = drawn.numbers
        self._files = files_of(path)
        self._read = self._seen = self._stamps()
        self._next_s = time.monotonic() + LOOK_EVERY_S

    def look(self) -> Roster | None:
        """The cameras as the file names them now, if anything changed and all of it is in order."""
        asked = self._asked.is_set()
        if not asked and time.monotonic() < self._next_s:
            return None
        self._next_s = time.monotonic() + LOOK_EVERY_S
        self._asked.clear()
        before, self._seen = self._seen, self._stamps()
        # Before the scenes are asked for: what comes in force while files are parsed is loaded at the next look.
        numbers = self._drawn.numbers
        redrawn, self._numbers = numbers is not self._numbers, numbers
        if not asked and not redrawn and (self._seen == self._read or self._seen != before):
            return None
        # Which files count may have changed with them; to ask at every look would parse all scenes every time.
        self._files = files_of(self._path)
        self._read = self._seen = self._stamps()
        try:
            roster = load_roster(self._path, self._drawn.want)
        except CaseError as error:
            # The database may be back at the next look.
            self._read = {}
            note(ERROR, "reload-refused", problem=error)
            return None
        except ConfigError as error:
            note(ERROR, "reload-refused", problem=error)
            return None
        note(INFO, "reloaded", cameras=len(roster.cameras))
        return roster

    def _stamps(self) -> dict[Path, _Stamp]:
        return {path: _stamp(path) for path in self._files}


def _stamp(path: Path) -> _Stamp:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_mtime_ns, state.st_size, state.st_ino
