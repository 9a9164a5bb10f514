"""Keys of respondents: salted one way, so that an answer cannot be followed back to the id it came with."""

import hashlib
import hmac


def respondent_key(salt: str, scope: str, respondent_id: str) -> str:
    """The key of a respondent in a wave (scope "wave LABEL") or, where waves are linked, in a series ("instrument NAME").

    HMAC-SHA256 under the salt; `ingest.survey.keep_survey` computes the same in the database.
    """
    text = f"{scope}{chr(31)}{respondent_id}"
    return hmac.new(bytes.fromhex(salt), text.encode(), hashlib.sha256).hexdigest()


def pad_salt(salt: bytes) -> tuple[bytes, bytes]:
    """The two padded keys of HMAC-SHA256 (RFC 2104), so that the database can hash all ids at once."""
    key = (hashlib.sha256(salt).digest() if len(salt) > 64 else salt).ljust(64, b"\0")
    return bytes(byte ^ 0x36 for byte in key), bytes(byte ^ 0x5C for byte in key)
