"""What came of the samples that were due: counts for each point, outages and delays of each source."""
