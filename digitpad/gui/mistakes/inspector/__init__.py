"""The panel that explains one sample."""
