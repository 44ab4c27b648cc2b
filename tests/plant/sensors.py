"""Range and resolution of a usual sensor, by the unit of its profile."""

from typing import Final

RANGES: Final = {
    "%": (0.0, 100.0), "ppm": (0.0, 1000.0), "m/s": (0.0, 20.0), "℃": (-20.0, 200.0), "mg/m3": (0.0, 1000.0),
    "MPa/m": (0.0, 1.0), "J": (0.0, 1e9), "": (0.0, 1.0),
}  # fmt: skip
RESOLUTIONS: Final = {
    "%": 0.01, "ppm": 0.1, "m/s": 0.01, "℃": 0.1, "mg/m3": 0.1, "MPa/m": 0.001, "J": 1.0, "": 1.0
}  # fmt: skip
