"""Where a feature will be: a trend line, its past errors, an interval."""
