"""What proves the journal: the files beside it that know its head, and the file of signed anchors."""
