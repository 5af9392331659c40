"""Citizens: what they report, looking up one's own case, answering a notice."""
