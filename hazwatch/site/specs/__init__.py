"""Tables of a site file that say where and how long data is kept."""
