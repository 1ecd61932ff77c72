"""Many files read: one part for each, wherever it is read, and all parts merged into each paper once."""

from kg.harvest.maps import Map, cluster, processes, serial
from kg.harvest.merging import Merged, Report, merge, merged
from kg.harvest.parts import Part, Reader, asked, files, harvest, part, shard
from kg.harvest.plan import Plan, planned

__all__ = [
    "Map",
    "Merged",
    "Part",
    "Plan",
    "Reader",
    "Report",
    "asked",
    "cluster",
    "files",
    "harvest",
    "merge",
    "merged",
    "part",
    "planned",
    "processes",
    "serial",
    "shard",
]
