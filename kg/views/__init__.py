"""Ways to look at the evidence: what a person opens, prints or hands on."""
