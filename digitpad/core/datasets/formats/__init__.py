"""Data sets in the formats that people have: a reader for each, and one function that opens them all."""
