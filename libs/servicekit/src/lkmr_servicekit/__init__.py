"""What turns a program into one of our services; no domain words."""
