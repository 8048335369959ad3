"""PostgreSQL as Django speaks to it, with the scope of whoever acts told before every statement."""
