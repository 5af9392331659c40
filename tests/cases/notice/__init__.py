"""Tests of cases/notice."""
