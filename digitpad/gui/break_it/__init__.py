"""The view "Break it": distort the drawing on purpose, and see when each model fails."""
