"""What tests of every package may use."""
