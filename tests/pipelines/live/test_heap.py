"""What is free in the heap goes back to the system."""

from pipelines.live.heap import SpareHeap


def test_what_is_free_goes_back_when_it_is_due() -> None:
    assert not SpareHeap(every_s=60).look(), "not due yet"
    heap = SpareHeap(every_s=0)
    # Every second block stays, so that what is free between them cannot go back by itself.
    blocks = [bytes(9000) for _ in range(4000)]
    kept = blocks[::2]
    blocks.clear()
    assert heap.look(), "18 MB lie between blocks in use"
    assert len(kept) == 2000
