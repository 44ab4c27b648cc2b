"""Tables of file types, one TOML file for each dialect of MT/T 1201."""
