"""Reports over any period beside two others, and the aggregates the public may see."""
