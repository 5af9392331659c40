"""Tests of cases/reports."""
