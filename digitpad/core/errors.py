"""The one kind of error a user is meant to read."""


class DigitpadError(Exception):
    """Something the user can mend: one sentence that names the thing and the next step."""
