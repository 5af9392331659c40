"""What is remembered: evidence bundles, cases, decisions, accounts; no video library, no network, no HTTP."""
