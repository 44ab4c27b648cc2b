"""Commands that take over the files of other systems, one file each."""
