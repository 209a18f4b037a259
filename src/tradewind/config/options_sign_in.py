"""Declared options of signing in elsewhere: [oidc], [ldap]. Nothing of them counts before ``issuer`` or ``server``."""

from __future__ import annotations

from collections.abc import Iterator

from .option import Option, declare, in_section


def _admission() -> Iterator[Option]:
    yield declare("roles_mapping", "{}", "JSON: group or value of the claim → list of roles.")
    yield declare("user_registration", True, "Make a user of whoever signs in for the first time.")
    yield declare("user_registration_role", "Public", "Role of whoever has no group that is mapped.")
    yield declare("roles_sync_at_login", True, "Set the roles anew at each log-in.")
    yield declare("adopts_local_users", False, "Let a name sign in that belongs to a user with a password of ours.")


SIGN_IN: tuple[Option, ...] = (
    *in_section(
        "oidc",
        declare("issuer", "", "Address of the OpenID provider, exactly as it names itself."),
        declare("client_id", "", "Our name at the provider."),
        declare("client_secret", "", "Our secret at the provider; empty for a public client.", sensitive=True),
        declare("scopes", "openid profile email", "What is asked for, with spaces."),
        declare("username_claim", "preferred_username", "Claim that is the user's name."),
        declare("roles_claim", "groups", "Claim with the groups; dots go into objects."),
        declare("ca_file", "", "Certificates of the authorities that vouch for the provider."),
        declare("timeout", 10.0, "Seconds to wait for the provider.", minimum=0.1),
        declare("accepts_bearer", False, "Take the provider's JWT access tokens as Bearer tokens."),
        declare("bearer_audience", "", "The audience such a token must name."),
        *_admission(),
    ),
    *in_section(
        "ldap",
        declare("server", "", "ldap:// or ldaps:// address of the directory."),
        declare("use_tls", False, "STARTTLS before anything is said."),
        declare("tls_ca_certfile", "", "Certificates of the authorities that vouch for the directory."),
        declare("allow_self_signed", False, "Do not check the directory's certificate."),
        declare("bind_user", "", "DN that searches; empty: anonymous."),
        declare("bind_password", "", "Its password.", sensitive=True),
        declare("search", "", "DN below which users are."),
        declare("search_filter", "", "Further condition that users must meet."),
        declare("uid_field", "uid", "Attribute that is the user's name."),
        declare("firstname_field", "givenName", "Attribute with the first name."),
        declare("lastname_field", "sn", "Attribute with the last name."),
        declare("email_field", "mail", "Attribute with the mail address."),
        declare("group_field", "memberOf", "Attribute with the DNs of the user's groups."),
        declare("group_search", "", "DN below which groups are looked for that have the user as member; empty: not."),
        declare("timeout", 10.0, "Seconds to wait for the directory.", minimum=0.1),
        declare("remembered_seconds", 60, "Seconds a checked password is believed without asking again.", minimum=0),
        *_admission(),
    ),
)
