"""One compliance year as people play it: each step has a day, a name in two languages, and calls services only."""
