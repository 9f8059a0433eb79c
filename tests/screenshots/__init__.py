"""Pictures of every page and of what opens on it, for people to look at."""
