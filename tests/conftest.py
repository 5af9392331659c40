"""What holds for every test: passwords are hashed cheaply, since what a hash costs proves nothing about who asks."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from cases import passwords


@pytest.fixture(scope="session", autouse=True)
def products_hasher() -> Iterator[PasswordHasher]:
    """The product's own hasher, for the test that looks at it."""
    own, cheap = passwords._HASHER, PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", cheap)
        patch.setattr(passwords, "_NOBODY", cheap.hash("nobody knows"))
        yield own
