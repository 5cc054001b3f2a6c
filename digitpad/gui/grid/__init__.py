"""A grid of thumbnails that stays quick with 70,000 samples."""
