"""Long lawful stretches: real traffic again and again, and nothing may be raised."""

import pytest

from tests.footage.judge import FOOTAGE
from tests.footage.loop import LAWFUL, raised

pytestmark = [
    pytest.mark.footage,
    pytest.mark.skipif(not FOOTAGE.is_dir(), reason=f"the real footage is absent ({FOOTAGE.name} beside the checkout)"),
]


@pytest.mark.parametrize("variant", LAWFUL, ids=lambda variant: variant.name)
def test_a_lawful_loop_raises_nothing(variant):
    assert raised(variant, minutes=1.0) == []
