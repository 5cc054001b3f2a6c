"""The parts of scripts/bench.py; each yields the figures of one promise."""
