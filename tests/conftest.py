"""What holds for every test.

Passwords are hashed cheaply, since what a hash costs proves nothing about who asks. Hypothesis tries the same examples
in every run and has no deadline, so that a slow or busy machine is not told from a fault.
"""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings

from cases import passwords

settings.register_profile("house", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")


@pytest.fixture(scope="session", autouse=True)
def products_hasher() -> Iterator[PasswordHasher]:
    """The product's own hasher, for the test that looks at it."""
    own, cheap = passwords._HASHER, PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", cheap)
        patch.setattr(passwords, "_NOBODY", cheap.hash("nobody knows"))
        yield own
