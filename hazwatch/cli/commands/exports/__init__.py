"""Commands that copy history into other stores."""
