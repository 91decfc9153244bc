"""Reading by OGC SensorThings 1.1: entity sets, paths, and the query options of OData that the standard names."""
