"""The front: everything that comes from outside by HTTP comes here first. asyncio, no Django.

It owns the sockets (`live`), serves static files (`static`) and recordings that Django has allowed (`files`), takes whole requests before
it hands them to a Django process and takes whole responses off its hands (`proxy`), so that neither a slow upload nor a stalled
download holds one. Of the database it reads the event log and nothing else.
"""
