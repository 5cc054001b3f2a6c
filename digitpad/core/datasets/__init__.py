"""The data sets: catalogue, loading, downloading, suspect labels."""
