"""Tests of cases/citizen."""
