"""Command, for a wall or a desk: how a place stands, what is hot in it, the tasks sent down, the room to meet in."""
