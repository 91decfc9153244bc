"""Where rows are kept: settings, cluster, engine, schema, migrations."""
