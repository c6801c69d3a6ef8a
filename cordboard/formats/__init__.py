"""How days and moments are written in each language, for `{{ value|date:"DATE_FORMAT" }}` and its like: by the day first, the clock of 24 hours, short months."""
