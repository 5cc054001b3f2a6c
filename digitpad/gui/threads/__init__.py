"""Worker threads, and the priority of the pad."""
