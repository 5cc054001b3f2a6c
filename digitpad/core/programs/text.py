"""Text in programs."""


def plain(text: str) -> str:
    """Return text that can be inside a docstring."""
    return " ".join(text.replace("\\", "/").replace('"""', "'''").split())
