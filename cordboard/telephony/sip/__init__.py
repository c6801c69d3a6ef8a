"""SIP as a user agent: messages, transactions (RFC 3261 section 17, RFC 6026), dialogs and sessions.

From the wire upward: `uri` and `message` (text), `wheel` (timers), `endpoint` (UDP), `guard` (floods), `transactions`,
`dialog`, `sessions` (one INVITE usage each), `agent` (what to do with which request). Nothing here knows of media or calls.
"""
