"""What packages do by themselves."""
