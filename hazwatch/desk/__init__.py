"""The desk: turns the state of the running engine into the views of the page."""
