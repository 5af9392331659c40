"""The command line with the reading backend in place of a network: `python -m tests.pipelines.live.process run …`.

`LIVE_TEST_STREET=parked` in the environment has it see the parked car of `tests.pipelines.live.parked`.
"""

import os
from functools import partial

import phatnguoi
import pipelines.live.command
from pipelines.live.run import run_live
from tests.pipelines.live.parked import open_parked
from tests.pipelines.live.seeing import open_seeing

if __name__ == "__main__":
    opened = open_parked if os.environ.get("LIVE_TEST_STREET") == "parked" else open_seeing
    pipelines.live.command.run_live = partial(run_live, open_network=opened)  # type: ignore[assignment]
    phatnguoi.main()
