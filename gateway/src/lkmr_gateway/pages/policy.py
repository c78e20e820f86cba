"""What a page may load and do."""


def content_security_policy(nonce: str, *, form_origins: tuple[str, ...] = ()) -> str:
    """The Content-Security-Policy of a page; `form_origins` are others a form may lead to.

    A form that answers with a redirect to the portal (sign-in, sign-out) needs its origin there.
    `trusted-types default` names the one policy, made by static/trusted.js for htmx.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'nonce-{nonce}' 'strict-dynamic'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "worker-src 'self'",
            " ".join(("form-action 'self'", *form_origins)),
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types default",
        )
    )
