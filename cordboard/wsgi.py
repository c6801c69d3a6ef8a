"""What gunicorn runs, one process each, behind the front."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cordboard.settings")
application = get_wsgi_application()
