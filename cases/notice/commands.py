"""The commands `phatnguoi paper …`: sign an issued paper with a token (PKCS#11), at the installation or anywhere.

`sign` takes the paper from the installation and keeps it signed there; `sign-file` signs a PDF on the signer's own
machine, to be handed in through the console. The PIN is asked for, or read from the environment; never an option.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cases.notice.token import TokenKey
    from cases.settings import Settings

papers = typer.Typer(help="Văn bản / papers: sign with a token", no_args_is_help=True)
Module = Annotated[Path | None, typer.Option(help="Thư viện PKCS#11 / the token maker's library (.so)")]
Token = Annotated[str | None, typer.Option(help="Nhãn thiết bị / label of the token")]
Key = Annotated[str | None, typer.Option(help="Nhãn khóa / label of key and certificate")]


@papers.command("sign", epilog="phatnguoi paper sign PN-7K3M-Q2XD TB-4F7G-H2JK --as ky --data data")
def sign_paper(
    case_id: Annotated[str, typer.Argument(help="Mã hồ sơ / case id")],
    document_id: Annotated[str, typer.Argument(help="Mã văn bản / document id")],
    name: Annotated[str, typer.Option("--as", help="Tài khoản người ký / account of the signer")],
    module: Module = None,
    token: Token = None,
    key: Key = None,
    data: Annotated[Path | None, typer.Option("--data", help="Thư mục dữ liệu / data folder")] = None,
) -> None:
    """Ký số một văn bản đã ban hành bằng thiết bị. / Sign an issued paper with a token; kept with the case."""
    from cases.clock import utc_now
    from cases.evidence_commands import actor_of, opened
    from cases.notice.signature import sign

    with opened(data) as (settings, database, store, _keys):
        row = sign(
            database.sessions,
            store,
            case_id=case_id,
            document_id=document_id,
            actor=actor_of(database, name),
            key=_token_key(settings, module, token, key),
            secret=_pin(),
            now=utc_now(),
        )
    typer.echo(f"{row.id}\t{row.number}\t{row.signed_name}")


@papers.command("sign-file", epilog="phatnguoi paper sign-file TB-4F7G-H2JK.pdf --out signed.pdf --token CA --key ky")
def sign_file(
    pdf: Annotated[Path, typer.Argument(help="Văn bản PDF / the issued PDF")],
    out: Annotated[Path, typer.Option(help="Tệp đã ký / file to write")],
    module: Module = None,
    token: Token = None,
    key: Key = None,
) -> None:
    """Ký số một tệp PDF tại máy của người ký. / Sign a PDF where the token is; hand it in through the console."""
    from cases.evidence.disk import explain
    from cases.settings import load_settings

    chosen = _token_key(load_settings(), module, token, key)
    try:
        out.write_bytes(chosen.signed(pdf.read_bytes(), _pin()))
    except OSError as error:
        raise explain(error, out) from error
    typer.echo(str(out))


def _token_key(settings: "Settings", module: Path | None, token: str | None, key: str | None) -> "TokenKey":
    from cases.notice.token import token_of
    from detector.types import ConfigError

    given = {"pkcs11_module": module, "pkcs11_token": token, "pkcs11_key": key}
    found = token_of(settings.model_copy(update={name: value for name, value in given.items() if value is not None}))
    if found is None:
        raise ConfigError("--module, --token, --key: name the token (or set pkcs11_module, pkcs11_token, pkcs11_key)")
    return found


def _pin() -> str:
    from cases.notice.token import PIN_VARIABLE
    from detector.types import ConfigError

    pin = os.environ.get(PIN_VARIABLE)
    if pin is None and sys.stdin.isatty():
        pin = str(typer.prompt("PIN", hide_input=True, err=True))
    if not pin:
        raise ConfigError(f"PIN: nobody to ask; run it on a terminal, or set {PIN_VARIABLE} for this one command")
    return pin
