"""`make bench`: what ingest and the percentiles cost, beside what they cannot cost less than."""
