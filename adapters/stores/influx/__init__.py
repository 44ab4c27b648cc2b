"""InfluxDB as a second home of samples: names, line protocol, and a connection that loses nothing.

Exception
├── NotReadError      history could not be read
└── NotWrittenError   a body was not written and must be sent again
"""

from adapters.stores.influx.history import InfluxHistory, NotReadError
from adapters.stores.influx.lines import SAMPLE_MEASUREMENT, SampleLines
from adapters.stores.influx.position import StorePosition
from adapters.stores.influx.refused import RefusedLines
from adapters.stores.influx.sender import InfluxAddress, NotWrittenError, Refusal, Sender
from adapters.stores.influx.series import Naming, PointSeries, line_key, quoted
from adapters.stores.influx.summaries import MEASUREMENTS, summary_keys, summary_lines

__all__ = [
    "MEASUREMENTS",
    "SAMPLE_MEASUREMENT",
    "InfluxAddress",
    "InfluxHistory",
    "Naming",
    "NotReadError",
    "NotWrittenError",
    "PointSeries",
    "Refusal",
    "RefusedLines",
    "SampleLines",
    "Sender",
    "StorePosition",
    "line_key",
    "quoted",
    "summary_keys",
    "summary_lines",
]
