"""Where the next station goes: the models of location science, solved to proven optimality, and explained."""
