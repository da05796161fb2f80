"""The life of a key result: written, measured, forecast, judged, closed and followed by the next target."""
