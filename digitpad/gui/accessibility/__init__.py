"""What helps those who use a screen reader, or no mouse."""
