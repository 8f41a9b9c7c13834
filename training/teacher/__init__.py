"""The teacher: Gemma 3 270M, fine-tuned to translate; an engine of its own (`models.gemma`), and a source of pairs for the student."""
