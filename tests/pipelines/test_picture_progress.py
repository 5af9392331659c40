"""What a walk through many pictures says on stderr where nobody sits at a terminal."""

import time
from pathlib import Path

import pytest

from pipelines.picture_progress import shown

PICTURES = [Path(f"{number}.jpg") for number in range(5)]


def test_lines_tell_how_far_it_is_and_leave_stdout_alone(capsys: pytest.CaptureFixture[str]) -> None:
    walked = []
    for picture in shown(PICTURES, every_s=0.02):
        time.sleep(0.03)
        walked.append(picture)
    told = capsys.readouterr()
    assert walked == PICTURES
    assert told.out == ""
    lines = told.err.splitlines()
    assert [line.split(" (")[0] for line in lines] == [f"ảnh/pictures: {done}/5" for done in range(1, 5)]
    assert all("/s, còn/ETA " in line for line in lines)


def test_few_pictures_print_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(shown(PICTURES)) == PICTURES
    assert capsys.readouterr().err == ""
