"""The training form: fields, rules and values."""
