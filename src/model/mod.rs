//! What is wanted: every noun of the panel, declared once.
