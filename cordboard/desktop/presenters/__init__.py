"""What the desktop shows, put together from the packages' queries and put into words."""
