"""The first screen beside a plain static page, in a real browser: ``make bench-browser``."""
