"""Late data: the backlog, the review, and the process in which the review runs."""
