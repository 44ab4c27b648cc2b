"""The site file and the files around it: read whole, checked whole, then immutable."""
