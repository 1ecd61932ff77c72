"""Answers on combinations as pages: a section each, pictures, and every sentence with the findings it rests on."""
