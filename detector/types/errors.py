"""One family of errors, split by who can cure them; the text names what, value, expectation and cure."""


class PhatnguoiError(Exception):
    """Base of every error this product raises on purpose."""


class ConfigError(PhatnguoiError):
    """A scene, camera file, setting or command line is wrong: its author can cure it (exit code 2)."""


class SourceError(PhatnguoiError):
    """A recording or stream cannot be read: whoever supplies it can cure it (exit code 2).

    `code` is of the catalogue's section `stream_problems`, empty where only the text tells; `values` are what its
    words speak of.
    """

    def __init__(self, message: str = "", *, code: str = "", **values: object) -> None:
        super().__init__(message)
        self.code = code
        self.values = {name: str(value) for name, value in values.items()}


class InferenceError(PhatnguoiError):
    """A network's files are missing, altered or unusable on this machine (exit code 2)."""


class EvidenceError(PhatnguoiError):
    """Evidence could not be stored or does not match its manifest."""


class CaseError(PhatnguoiError):
    """A case could not be opened, or an officer's action is not allowed in its state."""
