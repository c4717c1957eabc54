"""What defence does by itself."""
