"""Worker threads, the priority of the pad, and garbage collection."""
