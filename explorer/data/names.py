"""Names that people type."""


def one_line(text: str, most: int) -> str:
    """``text`` on one line, without what cannot be shown, cut to ``most`` characters."""
    shown = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(shown.split())[:most]
