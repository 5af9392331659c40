"""The seven kinds of violation as pure state machines over tracks, and the runner that owns their state."""

from detector.rules.registry import BUILDERS, build_rules
from detector.rules.rule import Rule, Verdict
from detector.rules.runner import RuleOutput, RuleRunner

__all__ = ["BUILDERS", "Rule", "RuleOutput", "RuleRunner", "Verdict", "build_rules"]
