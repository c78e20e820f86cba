"""What the suite is measured against: a textbook monolith, a floor, and the edge without checks."""
