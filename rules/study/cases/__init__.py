"""Rule cases: what an engineer expects of the rules, and whether they keep it."""
