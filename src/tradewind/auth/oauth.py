"""Signing in at an OpenID provider: authorization code with PKCE, and the provider's access tokens as Bearer tokens.

Between the way there and the way back a browser keeps one signed cookie with a random state. Nonce and PKCE verifier
are keyed hashes of that state, so that nothing has to be stored and nobody but us can compute them. Needs the extra
oidc.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog

from tradewind.model.errors import ConfigError, Forbidden
from tradewind.model.times import Clock

from .admission import Admission, Profile, Unreachable
from .signing import BadSignature, encode, mac, sign, unsign

if TYPE_CHECKING:
    from tradewind.config.settings import Settings

_log = structlog.get_logger(__name__)

FLOW_SECONDS = 600
_METADATA_SECONDS = 3600.0
_KEYS_AGAIN_SECONDS = 30.0
"""Unknown key ids make us fetch the provider's keys again, but not more often than this."""
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""None that a shared secret could sign: else a public key would do as one."""
_LEEWAY = 30
_LONGEST_TOKEN = 16384


class SignInFailed(Forbidden):
    """Signing in did not succeed; start again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcOptions:
    """The provider, and who we are there. ``redirect_uri`` is where it sends browsers back."""

    issuer: str
    client_id: str
    redirect_uri: str
    client_secret: str = field(default="", repr=False)
    key: str = field(default="", repr=False)
    scopes: str = "openid profile email"
    username_claim: str = "preferred_username"
    roles_claim: str = "groups"
    ca_file: str = ""
    timeout: float = 10.0
    accepts_bearer: bool = False
    bearer_audience: str = ""
    admission: Admission = field(default_factory=Admission)

    @classmethod
    def from_settings(cls, settings: Settings) -> OidcOptions | None:
        """From section [oidc]; None when no issuer is configured. Raises ConfigError."""
        issuer = settings.text("oidc", "issuer")
        if not issuer:
            return None
        parts = urlsplit(issuer)
        if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
            raise ConfigError("[oidc] issuer must be an https:// address (http:// only on this machine)")
        if not settings.text("oidc", "client_id"):
            raise ConfigError("[oidc] issuer is set, so [oidc] client_id must be too")
        if settings.boolean("oidc", "accepts_bearer") and not settings.text("oidc", "bearer_audience"):
            raise ConfigError("[oidc] accepts_bearer needs [oidc] bearer_audience: tokens made for others are no proof")
        base = settings.text("webserver", "base_url", "http://localhost:8080").rstrip("/")
        texts = ("client_id", "client_secret", "scopes", "username_claim", "roles_claim", "ca_file", "bearer_audience")
        return cls(
            issuer=issuer,
            redirect_uri=f"{base}/auth/callback/oidc",
            key=settings.secret_key,
            timeout=settings.number("oidc", "timeout", 10.0),
            accepts_bearer=settings.boolean("oidc", "accepts_bearer"),
            admission=Admission.from_settings(settings, "oidc"),
            **{key: settings.text("oidc", key) for key in texts},
        )


class Provider:
    """Talks with the provider. Thread-safe."""

    def __init__(self, options: OidcOptions, clock: Clock) -> None:
        try:
            # Only whoever configured a provider has, and pays for, the library.
            from authlib.integrations.requests_client import OAuth2Session
        except ImportError:
            raise ConfigError("[oidc] issuer is set, but Authlib is missing; install 'tradewind[oidc]'") from None
        self.options = options
        self._clock = clock
        self._session: Any = OAuth2Session
        self._metadata: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, dict[str, Any]] | None = None
        self._lock = threading.Lock()

    def start(self, target: str) -> tuple[str, str]:
        """Where to send the browser, and what it must keep until it is back."""
        state = secrets.token_urlsafe(32)
        metadata = self._discovered()
        with self._client() as client:
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"],
                state=state,
                nonce=self._derived(state, "nonce"),
                code_verifier=self._derived(state, "verifier"),
            )
        until = self._clock.now().timestamp() + FLOW_SECONDS
        return url, sign([state, local_path(target), until], self.options.key, "oidc-flow")

    def finish(self, query: Mapping[str, str], kept: str) -> tuple[Profile, str]:
        """The person who came back, and where they wanted to go. Raises SignInFailed, Unreachable."""
        state, target = self._flow(kept)
        if not hmac.compare_digest(query.get("state", "").encode(), state.encode()):
            raise SignInFailed("Signing in did not succeed: the answer is not to this browser's question. Start again.")
        if "code" not in query:
            _log.warning("oidc.refused", error=query.get("error", "")[:100])
            raise SignInFailed("Signing in did not succeed: the provider said no. Start again.")
        token = self._exchange(query["code"], state)
        claims = self._verified(str(token.get("id_token", "")), self.options.client_id)
        audience = claims["aud"]
        is_ours = claims.get("azp", self.options.client_id) == self.options.client_id
        if not is_ours or (isinstance(audience, list) and len(audience) > 1 and "azp" not in claims):
            raise SignInFailed("Signing in did not succeed: the provider's answer is for somebody else.")
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), self._derived(state, "nonce").encode()):
            raise SignInFailed("Signing in did not succeed: the provider's answer is to another question. Start again.")
        return self._profile(self._with_userinfo(claims, token)), target

    def bearer(self, token: str) -> tuple[Profile, float] | None:
        """Whom an access token is for, and until when (seconds since 1970); None when it proves nothing."""
        if not self.options.accepts_bearer or token.count(".") != 2 or len(token) > _LONGEST_TOKEN:
            return None
        try:
            claims = self._verified(token, self.options.bearer_audience)
            return self._profile(claims), float(claims["exp"])
        except SignInFailed:
            return None

    def _flow(self, kept: str) -> tuple[str, str]:
        try:
            state, target, until = unsign(kept, self.options.key, "oidc-flow")
        except BadSignature:
            raise SignInFailed("Signing in did not succeed: this browser has not begun it here. Start again.") from None
        if until < self._clock.now().timestamp():
            raise SignInFailed("Signing in did not succeed: it took too long. Start again.")
        return state, target

    def _derived(self, state: str, use: str) -> str:
        return encode(mac(state, self.options.key, f"oidc-{use}"))

    def _client(self) -> Any:
        options = self.options
        client = self._session(
            options.client_id,
            options.client_secret or None,
            scope=options.scopes,
            redirect_uri=options.redirect_uri,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if options.client_secret else "none",
        )
        client.verify = options.ca_file or True
        return client

    def _exchange(self, code: str, state: str) -> Mapping[str, Any]:
        from authlib.common.errors import AuthlibBaseError
        from requests import RequestException

        endpoint = self._discovered()["token_endpoint"]
        try:
            with self._client() as client:
                verifier = self._derived(state, "verifier")
                found: Mapping[str, Any] = client.fetch_token(
                    endpoint, code=code, code_verifier=verifier, timeout=self.options.timeout, allow_redirects=False
                )
                return found
        except AuthlibBaseError as problem:
            # Its description may repeat what was sent.
            _log.warning("oidc.code_refused", error=str(problem.error)[:100])
            raise SignInFailed("Signing in did not succeed: the provider takes the code for invalid.") from None
        except (RequestException, ValueError) as problem:
            raise self._unreachable(problem) from None

    def _with_userinfo(self, claims: dict[str, Any], token: Mapping[str, Any]) -> dict[str, Any]:
        """The claims, with those that only the provider's userinfo tells."""
        endpoint = self._discovered().get("userinfo_endpoint")
        wanted = (self.options.username_claim, self.options.roles_claim)
        if not endpoint or "access_token" not in token or all(claim_of(claims, name) is not None for name in wanted):
            return claims
        more = self._fetch(endpoint, {"authorization": f"Bearer {token['access_token']}"})
        if more.get("sub") != claims["sub"]:
            raise SignInFailed("Signing in did not succeed: the provider speaks of two people.")
        return {**more, **claims}

    def _verified(self, token: str, audience: str) -> dict[str, Any]:
        """The claims of a token with a good signature that is for us and valid now."""
        import jwt

        try:
            header = jwt.get_unverified_header(token)
            key = self._key(header.get("kid"))
            if key is None:
                raise SignInFailed("The token is signed with a key that the provider does not know.")
            return jwt.decode(
                token,
                key,
                algorithms=list(_ALGORITHMS),
                audience=audience,
                issuer=self.options.issuer,
                leeway=_LEEWAY,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.PyJWTError as problem:
            _log.warning("oidc.token_refused", error=type(problem).__name__)
            raise SignInFailed("The token proves nothing: signature, issuer, audience or time is wrong.") from None

    def _key(self, key_id: object) -> Any:
        """The provider's key with this id (None: its only one)."""
        now = self._clock.monotonic()
        kept = self._keys
        if kept is None or now - kept[0] > _METADATA_SECONDS:
            kept = self._fetch_keys()
        if key_id is not None and key_id not in kept[1] and now - kept[0] > _KEYS_AGAIN_SECONDS:
            kept = self._fetch_keys()
        if key_id is None:
            return next(iter(kept[1].values())) if len(kept[1]) == 1 else None
        return kept[1].get(str(key_id))

    def _fetch_keys(self) -> tuple[float, dict[str, Any]]:
        import jwt

        document = self._fetch(self._discovered()["jwks_uri"])
        try:
            keys = jwt.PyJWKSet.from_dict(document).keys
        except jwt.PyJWTError as problem:
            raise self._unreachable(problem) from None
        signing = [key for key in keys if key.public_key_use in (None, "sig") and key.key_type != "oct"]
        found = {str(key.key_id): key for key in signing}
        with self._lock:
            self._keys = (self._clock.monotonic(), found)
            return self._keys

    def _discovered(self) -> dict[str, Any]:
        """What the provider says of itself."""
        kept = self._metadata
        if kept is None or self._clock.monotonic() - kept[0] > _METADATA_SECONDS:
            found = self._fetch(self.options.issuer.rstrip("/") + "/.well-known/openid-configuration")
            needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if found.get("issuer") != self.options.issuer or not all(name in found for name in needed):
                _log.error("oidc.not_the_issuer", expected=self.options.issuer, came=str(found.get("issuer"))[:200])
                raise Unreachable("OpenID provider")
            kept = (self._clock.monotonic(), found)
            with self._lock:
                self._metadata = kept
        return kept[1]

    def _fetch(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        import requests

        try:
            answer = requests.get(
                url,
                headers=headers,
                timeout=self.options.timeout,
                verify=self.options.ca_file or True,
                allow_redirects=False,
            )
            answer.raise_for_status()
            document = answer.json()
        except (requests.RequestException, ValueError) as problem:
            raise self._unreachable(problem) from None
        if answer.status_code != 200 or not isinstance(document, dict):
            raise self._unreachable(ValueError(url))
        return document

    def _unreachable(self, problem: Exception) -> Unreachable:
        _log.error("oidc.unreachable", issuer=self.options.issuer, error=type(problem).__name__)
        return Unreachable("OpenID provider")

    def _profile(self, claims: Mapping[str, Any]) -> Profile:
        username = claim_of(claims, self.options.username_claim)
        if not isinstance(username, str) or not username.strip() or len(username) > 256 or "\0" in username:
            _log.warning("oidc.no_username", claim=self.options.username_claim)
            raise SignInFailed("Signing in did not succeed: the provider does not tell the user's name.")
        groups = claim_of(claims, self.options.roles_claim)
        listed = groups if isinstance(groups, list) else [groups]
        return Profile(
            username=username.strip(),
            email=_text(claims.get("email")) if claims.get("email_verified", True) is True else "",
            first_name=_text(claims.get("given_name")),
            last_name=_text(claims.get("family_name")),
            groups=tuple(group for group in listed if isinstance(group, str)),
        )


def claim_of(claims: Mapping[str, Any], name: str) -> Any:
    """A claim by its name, or by a path with dots (realm_access.roles); None when there is none."""
    if name in claims:
        return claims[name]
    value: Any = claims
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def local_path(target: str) -> str:
    """The target when it is a path of ours, else the home page: nobody is led elsewhere."""
    is_plain = all(char.isprintable() and char not in "\\ " for char in target) and target.isascii()
    return target if is_plain and target.startswith("/") and not target.startswith("//") else "/"


def _text(value: object) -> str:
    return value[:256] if isinstance(value, str) else ""
