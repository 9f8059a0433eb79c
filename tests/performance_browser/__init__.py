"""How fast the first screen is beside a plain static page, in a real browser: ``make bench-browser``."""
