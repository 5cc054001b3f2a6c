"""Lessons: files that lead a student through the window, step by step."""
