"""Generated pictures of handwritten digits and numbers, as people photograph, scan, draw and save them."""
