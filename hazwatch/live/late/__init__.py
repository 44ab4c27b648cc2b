"""Late data: what waits for a review, the review, and the process that it runs in."""
