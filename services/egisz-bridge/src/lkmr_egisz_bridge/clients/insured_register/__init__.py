"""The register of insured people (ФЕРЗЛ): SOAP 1.1 with a token header."""
