"""Where this installation lives and what it talks to, read from the environment (prefix YIPING_) when asked.

YIPING_HOME          folder of all state (default `.yiping` beside the launcher)
YIPING_DATABASE_URL  an existing PostGIS instead of the private cluster: postgresql://user:password@host/name
YIPING_PROFILE       district profile: a shipped name or the path of a TOML file; remembered once a home is made
YIPING_DEMO_END      last day of the demo (YYYY-MM-DD, default today); YIPING_DEMO_SEED  its seed
YIPING_HOST          address to listen on (default 127.0.0.1); YIPING_PORT  port (default 8050)
YIPING_WORKERS       web processes (default 2)
YIPING_MQTT_URL      broker to take readings from: mqtt://user:password@host:1883, mqtts:// for TLS
YIPING_MQTT_MAPPINGS folder of the files that say what its messages mean (default `mqtt` in the home)
YIPING_CAMERA_HOSTS  hosts that camera streams may come from, host or host:port separated by commas (default none); a host
                     without a port is meant on 80 and 443, and a name must not lead to this machine unless it is
                     localhost
YIPING_WEBHOOK_HOSTS hosts that webhooks may call, host or host:port separated by commas (default none); a host without
                     a port is meant on 80 and 443. Nothing else is ever called, and redirects are not followed.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

CHECKOUT = Path(__file__).resolve().parents[2]


class Settings(BaseSettings):
    """One installation; made by the composition root and handed on, never global."""

    model_config = SettingsConfigDict(env_prefix="YIPING_", frozen=True, extra="ignore")

    home: Path = CHECKOUT / ".yiping"
    database_url: str | None = None
    profile: str | None = None
    demo_end: date | None = None
    demo_seed: int = 1229
    host: str = "127.0.0.1"
    port: int = 8050
    workers: int = 2
    mqtt_url: str | None = None
    mqtt_mappings: Path | None = None
    camera_hosts: str = ""
    webhook_hosts: str = ""

    @property
    def credentials_file(self) -> Path:
        """Where the passwords made at first start are kept, mode 0600."""
        return self.home / "credentials.txt"

    @property
    def rasters(self) -> Path:
        """Folder of the cloud-optimised GeoTIFFs that are served."""
        return self.home / "rasters"

    @property
    def uploads(self) -> Path:
        """Folder of the files sent to the data page, one folder a file, under names of ours."""
        return self.home / "uploads"

    @property
    def cubes(self) -> Path:
        """Folder of the heat cubes."""
        return self.home / "cubes"

    @property
    def logs(self) -> Path:
        """Folder of logs."""
        return self.home / "logs"
