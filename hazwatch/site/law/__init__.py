"""What the regulation asks of a whole site file: the sensors it needs, and reasons for what becomes looser."""
