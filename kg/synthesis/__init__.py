"""Ways to think: each answer returns its reasons, the findings it rests on."""
