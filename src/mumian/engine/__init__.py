"""The one engine: procedures as data, matters that move through them, clocks that run on them."""
