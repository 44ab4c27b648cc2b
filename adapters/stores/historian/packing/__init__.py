"""How samples become bytes and come back: blocks, columns, decimal grids and checksums, all of them pure."""
