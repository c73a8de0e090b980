"""Posters with the QR code of a station: pages for a browser, PDF for a printer."""
