"""The web application: sign-in, the client that renders views as pages, the HTTP API, static assets.

Each request is one unit of work, opened by the gate around Flask and closed with the response's body. Pages and the
API only translate between HTTP and the checked records; no rule about data lives here, and no SQL except for
signing in.
"""
