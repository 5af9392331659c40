"""How the networks are made: each file is a command of its own, see `models/RUNS.md` and the cards.

OpenVINO is taken without its reports before any recipe's own imports, some of which would load it with them.
"""

import detector.inference.private_openvino  # noqa: F401
