"""Tests of the networks that ship and of the recipes that make them."""
