"""Stress tests that kill digitpad while it writes."""
