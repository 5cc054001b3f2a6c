"""The My digits tab."""
