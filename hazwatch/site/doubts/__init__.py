"""Settings of points that may be intended, but often are not: `check` warns of them."""
