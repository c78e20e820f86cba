"""The browser face of the cabinet: views filled by the routes, templates, texts, static files.

A route builds one view of `views`, a `Chrome` around it, and calls `render(template, view,
chrome=chrome)`. Static files are served by `assets.serve_asset`.

What the answers must carry: `assets.content_security_policy(nonce)`. The only script of a page
is one module with that nonce; it imports the others, htmx among them. Every page can be read and
every form sent without it.
"""
