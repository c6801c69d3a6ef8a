"""What a text says of itself: its language, its mood, and what it is about. Pure: functions of their arguments, never raising, in linear time.

`registry.py` names the analysers; those built in are `language.py`, `sentiment.py` and `intent.py`.
"""
