"""The entry of the web process: granian serves `application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tonnebook.settings")

application = get_wsgi_application()

from tonnebook import production  # noqa: E402  (needs the rooms that the line above loads)

production.settle_memory()
production.check()
