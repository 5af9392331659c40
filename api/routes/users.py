"""Accounts, kept by administrators, who themselves neither review nor see cases."""

from typing import Annotated

from fastapi import APIRouter, Path

from api.access import PREFIX
from api.dependencies import ActorDep, ContextDep
from api.problems import responses
from api.schemas import NewPasswordIn, UserChangeIn, UserIn, UserOut
from cases.accounts import UserChange, add_user, change_user, list_users, provider_subject, set_password
from cases.faults import NotPermittedError

router = APIRouter(prefix="/users", tags=["users"])
Name = Annotated[str, Path(max_length=64, pattern=r"^[a-z0-9._-]+$", examples=["lan.nguyen"])]


@router.get("", responses=responses(401, 403))
def users(context: ContextDep) -> list[UserOut]:
    """All accounts by name, closed ones too."""
    return [UserOut.of(user) for user in list_users(context.sessions)]


@router.post("", status_code=201, responses=responses(401, 403, 409, 422))
def add(body: UserIn, context: ContextDep, actor: ActorDep) -> UserOut:
    """Make an account; its password must be replaced by its owner at the first login."""
    user = add_user(
        context.sessions,
        name=body.name,
        password=body.password,
        role=body.role,
        wards=body.wards,
        display_name=body.display_name,
        title=body.title,
        subject=provider_subject(context.settings.oidc_issuer, body.subject),
        by=actor.name,
        temporary=True,
    )
    return UserOut.of(user)


@router.patch("/{name}", responses=responses(401, 403, 404, 422))
def change(name: Name, body: UserChangeIn, context: ContextDep, actor: ActorDep) -> UserOut:
    """Change role, wards, title or name, close or open an account; not one's own. Its logins end."""
    wanted = UserChange(**body.model_dump(), given=frozenset(body.model_fields_set))
    return UserOut.of(change_user(context.sessions, actor=actor, name=name, change=wanted))


@router.put("/{name}/password", status_code=204, responses=responses(401, 403, 404, 422))
def password(name: Name, body: NewPasswordIn, context: ContextDep, actor: ActorDep) -> None:
    """Give another's account a new password; all its logins end, and its owner must replace it."""
    if name == actor.name:
        raise NotPermittedError(
            f"user {name}: one's own password is changed by the old one (PUT {PREFIX}/session/password)"
        )
    set_password(context.sessions, name=name, password=body.password, by=actor.name, temporary=True)
