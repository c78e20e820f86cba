"""Rights beyond the matrix: delegation, emergency access, policies."""
