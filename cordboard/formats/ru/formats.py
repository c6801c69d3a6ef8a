"""Russian, whose months have no capital: 9 ноя 2026."""

DATE_FORMAT = "j b Y"
MONTH_DAY_FORMAT = "j b"
DATETIME_FORMAT = "j b Y H:i"
SHORT_DATETIME_FORMAT = "j b H:i"
TIME_FORMAT = "H:i"
