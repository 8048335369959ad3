"""Portal: what everybody may see without signing in.

Words of this room: a *table* is published data with a link to the same rows as JSON and CSV; a *receipt* proves that
one act stands in the public log. What is shown per entity is what the region's disclosure matrix allows. Publishing
puts the digests of the tables into the log; the portal changes nothing else and keeps no copy of anybody's figures.
"""
