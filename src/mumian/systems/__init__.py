"""The city's systems: each a folder with its definitions, its rules, and the little code that only it needs."""
