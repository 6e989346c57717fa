"""What keeps wheels.toml true: facts out of wheels, what the indexes offer, and faults in the file."""
