"""Training runs: their folders, listing, export and clean-up."""
