"""The command line with the reading backend in place of a network: `python -m tests.pipelines.live.process run …`."""

from functools import partial

import phatnguoi
import pipelines.live.command
from pipelines.live.run import run_live
from tests.pipelines.live.seeing import open_seeing

if __name__ == "__main__":
    pipelines.live.command.run_live = partial(run_live, open_network=open_seeing)  # type: ignore[assignment]
    phatnguoi.main()
