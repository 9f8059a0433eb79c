"""What people try who want in, want it down, or want to be believed."""
