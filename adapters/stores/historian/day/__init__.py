"""One day file: its tables, what is checked when they are read, and how they are written."""
