"""What rules would have done: episodes, comparisons, proposals, cases, late findings."""
