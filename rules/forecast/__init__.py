"""Forecasts of a feature: a trend line, the errors of earlier lines, and the interval that follows from both."""
