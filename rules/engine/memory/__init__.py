"""The memory of the engine: its records, how a rule-set is laid out in them, and which condition each row is."""
