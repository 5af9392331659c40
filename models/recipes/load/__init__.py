"""Recipes of the load classifier: render trucks, read the real crops, train, calibrate, measure, export."""
