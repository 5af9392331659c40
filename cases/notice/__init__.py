"""Papers of a case: the notice to the owner, the draft record, their signature, and the ways they go out."""
