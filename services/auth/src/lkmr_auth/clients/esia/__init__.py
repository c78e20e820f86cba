"""ESIA (ЕСИА) spoken directly: v2/ac, v3/te and the REST of persons."""
