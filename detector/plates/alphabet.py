"""The characters of Vietnamese plates, in the order of the reading network's output columns.

Column 0 is CTC's blank; I, J, O and W stand on no plate. `Đ` is a letter of its own (electric two-wheelers, MĐ).
"""

ALPHABET = "0123456789ABCDEFGHKLMNPQRSTUVXYZĐ"
BLANK = 0
COLUMNS = len(ALPHABET) + 1
COLUMN_OF = {character: column for column, character in enumerate(ALPHABET, start=1)}


def normalised(text: str) -> str:
    """Upper case, and only A-Z, 0-9 and Đ kept: how plates are stored and compared.

    What only becomes such a letter in upper case (ß, ſ, ı) is none.
    """
    return "".join(c for c in text if (c.isascii() and c.isalnum()) or c in "đĐ").upper()
