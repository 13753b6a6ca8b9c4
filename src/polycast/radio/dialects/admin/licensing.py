"""The licence: ours is free, any key is as good as another. Source: `specs/radio.md` 3.12."""

from polycast.core.http import Route, get, put
from polycast.core.identity.caller import Caller
from polycast.radio.accounts.who import who_of
from polycast.radio.company.model import License
from polycast.radio.company.service import CompanyRoom
from polycast.radio.dialects.admin import wire_company
from polycast.radio.dialects.admin.policies import READ, WRITE
from polycast.radio.dialects.admin.sent import LicenseSent


class Product:
    """What this server is."""

    def __init__(self, version: str) -> None:
        self.version = version


@get("/api/v1/license/", policy=READ)
async def shown(caller: Caller, company: CompanyRoom, product: Product) -> wire_company.LicenseShown:
    """The key that was entered."""
    found = await company.license(who_of(caller))
    return wire_company.LicenseShown(
        sc=True,
        key=found.key,
        version=product.version,
        last_version=None,
        info=info_of(found),
        changes=[],
        update_available=False,
    )


@put("/api/v1/license/", policy=WRITE, sent=LicenseSent)
async def enter(
    caller: Caller, sent: LicenseSent, company: CompanyRoom, product: Product
) -> wire_company.LicenseEntered:
    """Keep a key."""
    found = await company.enter_license(who_of(caller), sent.license_key)
    data: dict[str, int | str | None] = {
        "valid": 1,
        "expires": found.expires or None,
        "max_accounts": found.max_accounts,
    }
    return wire_company.LicenseEntered(key=found.key, local_key=found.local_key, version=product.version, data=data)


def info_of(found: License) -> wire_company.LicenseInfo:
    return wire_company.LicenseInfo(valid=True, expires=found.expires or None, max_accounts=found.max_accounts)


def routes() -> list[Route]:
    return [shown, enter]
