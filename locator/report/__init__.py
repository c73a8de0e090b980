"""What planners hand up: all findings of one question, in sentences, tables and pictures, as a page and as PDF."""
