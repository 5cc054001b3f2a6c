"""The digits of My digits for the window: read and changed in a thread of their own."""
