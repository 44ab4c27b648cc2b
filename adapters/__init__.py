"""What connects the core to the outside: sources speak field protocols, stores keep records on disk."""
