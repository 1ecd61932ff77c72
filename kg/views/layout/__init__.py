"""Where the nodes of a graph page stand: on a ring, or by forces where they are many."""
