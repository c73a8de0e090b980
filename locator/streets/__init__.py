"""The network of streets: what is reached on foot or by e-bike, in metres along the ways."""
