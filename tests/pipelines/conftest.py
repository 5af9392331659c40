"""The street that several tests of the main job share, recorded once per run."""

import pytest

from tests.pipelines.street import Street, make_street


@pytest.fixture(scope="session")
def street(tmp_path_factory: pytest.TempPathFactory) -> Street:
    """24 s of a lane in which four motorcycles ride against its direction."""
    return make_street(tmp_path_factory.mktemp("street"))
