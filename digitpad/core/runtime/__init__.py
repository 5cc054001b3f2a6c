"""The log, crash reports, versions of libraries, malloc settings."""
