"""`phatnguoi bench`: this product beside Ultralytics' `YOLO.track` and bare decoding, in one run on one machine."""

from pipelines.bench.run import BenchRequest, run_bench
from pipelines.bench.table import print_bench

__all__ = ["BenchRequest", "print_bench", "run_bench"]
