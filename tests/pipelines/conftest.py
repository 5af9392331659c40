"""The recordings that several tests of the main job share, made once per run."""

from pathlib import Path

import pytest

from tests.footage_maker import write_video
from tests.pipelines.street import SIZE_WH, Street, make_street, picture


@pytest.fixture(scope="session")
def street(tmp_path_factory: pytest.TempPathFactory) -> Street:
    """24 s of a lane in which four motorcycles ride against its direction."""
    return make_street(tmp_path_factory.mktemp("street"))


@pytest.fixture(scope="session")
def many(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Good recordings of which no two are alike, with bad ones among them."""
    folder = tmp_path_factory.mktemp("many")
    paths = []
    for number in range(5):
        kept = 70 + 10 * number
        paths.append(
            write_video(
                folder / f"good-{number}.mp4", codec="mpeg4", frames=kept, fps=10, size_wh=SIZE_WH, picture=picture
            )
        )
    (folder / "text.mp4").write_text("no video\n" * 50)
    (folder / "empty.mp4").touch()
    small = write_video(folder / "small.mp4", frames=5, size_wh=(320, 240))
    return [folder / "text.mp4", *paths[:2], folder / "empty.mp4", small, *paths[2:], folder / "missing.mp4"]
